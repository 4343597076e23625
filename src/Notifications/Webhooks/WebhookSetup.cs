using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Webhooks on one screen: what they need, their tables, their routes.</summary>
internal static class WebhookSetup
{
    /// <summary>Adds what sends webhooks.</summary>
    public static IServiceCollection AddWebhookEndpoints(this IServiceCollection services)
    {
        WebhookLine.Add(services);
        return services.AddSettings<WebhookSettings>("Webhooks").AddSingleton<IValidateOptions<WebhookSettings>, WebhookSettingsRules>().AddScoped<EndpointSecrets>()
            .AddSingleton<WebhookMeters>().AddHostedService(provider => provider.GetRequiredService<WebhookMeters>())
            .AddLetter<EndpointFailing>().AddLetter<EndpointDisabled>()
            .AddOutsideJob<Deliver.Message, AttemptOutcome?, Deliver>(Deliver.Kind, asksNamed: true, Deliver.AtOnce)
            .AddJob<FailWaiting.Message, FailWaiting>(FailWaiting.Kind)
            .Every<FindLost>(FindLost.Kind, FindLost.Period).Every<ForgetEndpoints>(ForgetEndpoints.Kind, ForgetEndpoints.Period);
    }

    /// <summary>Maps their tables.</summary>
    public static void MapWebhooks(this ModelBuilder model)
    {
        model.Entity<Endpoint>(endpoint =>
        {
            endpoint.ToTable("webhook_endpoints", "notifications").Property(e => e.Id).ValueGeneratedNever();
            endpoint.Property(e => e.DisabledReason).HasConversion(reason => reason!.Value.Name(), name => Wire.Parse<DisabledReason>(name));
        });
        model.Entity<Delivery>(delivery =>
        {
            delivery.ToTable("webhook_deliveries", "notifications").Property(d => d.Id).ValueGeneratedNever();
            delivery.Property(d => d.Status).HasConversion(status => status.Name(), name => Wire.Parse<DeliveryStatus>(name));
            IsNamed(delivery.Property(d => d.Error));
        });
        model.Entity<DeliveryAttempt>(attempt =>
        {
            attempt.ToTable("webhook_attempts", "notifications").HasKey(a => new { a.DeliveryId, a.Number });
            IsNamed(attempt.Property(a => a.Error));
        });
    }

    /// <summary>Maps their routes.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var endpoints = routes.MapGroup("/webhook-endpoints").WithTags("Webhook endpoints").Needs(Roles.Admin);
        endpoints.MapGet("/", ListWebhookEndpoints.Handle);
        endpoints.MapPost("/", CreateWebhookEndpoint.Handle);
        endpoints.MapGet("/{id:guid}", ShowWebhookEndpoint.Handle);
        endpoints.MapPatch("/{id:guid}", ChangeWebhookEndpoint.Handle);
        endpoints.MapDelete("/{id:guid}", DeleteWebhookEndpoint.Handle);
        endpoints.MapPost("/{id:guid}/rotate-secret", RotateWebhookSecret.Handle);
        endpoints.MapPost("/{id:guid}/end-old-secret", EndOldWebhookSecret.Handle);
        endpoints.MapPost("/{id:guid}/test", TestWebhookEndpoint.Handle);
        endpoints.MapGet("/{id:guid}/deliveries", ListWebhookDeliveries.Handle);
        endpoints.MapPost("/{id:guid}/redeliver", RedeliverWebhooks.Handle);

        var deliveries = routes.MapGroup("/webhook-deliveries").WithTags("Webhook endpoints").Needs(Roles.Admin);
        deliveries.MapGet("/{id:guid}", ShowWebhookDelivery.Handle);
        deliveries.MapPost("/{id:guid}/redeliver", RedeliverWebhook.Handle);
    }

    private static void IsNamed(PropertyBuilder<DeliveryError?> property) => property.HasConversion(error => error!.Value.Name(), name => Wire.Parse<DeliveryError>(name));
}
