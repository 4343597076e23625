using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Notifications.Deliveries;
using Quitanda.Platform;

namespace Quitanda.Notifications.WebPush;

/// <summary>Messages to browsers.</summary>
internal static class PushSetup
{
    /// <summary>Adds their services.</summary>
    public static IServiceCollection AddPush(this IServiceCollection services) => services
        .AddSettings<WebPushSettings>("WebPush").AddScoped<PushSubscriptions>().AddSingleton<VapidKeys>().AddSingleton<PushLine>().AddOutsideClient(PushLine.Client)
        .AddPersonalData<PersonsSubscriptions>().AddOutsideJob<Delivering.Message, Delivering.Outcome, SendPush>(SendPush.Kind, asksNamed: true, SendPush.AtOnce);

    /// <summary>Maps their tables.</summary>
    public static void MapPush(this ModelBuilder model)
    {
        model.Entity<PushSubscriptionRow>().ToTable("push_subscriptions", "notifications");
        model.Entity<VapidKeyRow>().ToTable("vapid_keys", "notifications").Property(key => key.Id).ValueGeneratedNever();
    }

    /// <summary>Maps their routes.</summary>
    public static void MapPush(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/push-key", ShowPushKey.Handle).ForAnyone().WithTags("Notifications");
        var subscriptions = routes.MapGroup("/push-subscriptions").WithTags("Notifications");
        subscriptions.MapGet("/", ListSubscriptions.Handle);
        subscriptions.MapPost("/", SubscribePush.Handle);
        subscriptions.MapGet("/{id:guid}", ShowSubscription.Handle);
        subscriptions.MapDelete("/{id:guid}", UnsubscribePush.Handle);
    }
}
