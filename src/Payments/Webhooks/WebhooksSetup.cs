using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>What providers tell us, as the module takes it in.</summary>
internal static class WebhooksSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddWebhooks(this IServiceCollection services) => services
        .AddSingleton<WebhookIntake>()
        // A provider has few addresses and, on a good day, much to say; what is not signed is refused before anything is asked of the database.
        .AddSingleton(new Uncounted("/api/v1/webhooks/stripe")).AddSingleton(new Uncounted("/api/v1/webhooks/mercadopago"))
        .AddSingleton(new Uncounted("/api/v1/webhooks/razorpay")).AddSingleton(new Uncounted("/api/v1/webhooks/sandbox"))
        .AddOutsideJob<HandleWebhook.Message, HandleWebhook.Outcome?, HandleWebhook>(HandleWebhook.Kind)
        .Every<ForgetWebhookBodies>(ForgetWebhookBodies.Kind, ForgetWebhookBodies.Period);

    /// <summary>Maps its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var hooks = routes.MapGroup("/webhooks").WithTags("Webhooks").ForAnyone().WithMetadata(new IgnoresAccessToken(), new StreamedBody(RawCall.BytesAtMost, form: null, "application/json"));
        hooks.MapPost("/stripe", ReceiveStripeWebhook.Handle);
        hooks.MapPost("/mercadopago", ReceiveMercadoPagoWebhook.Handle);
        hooks.MapPost("/razorpay", ReceiveRazorpayWebhook.Handle);
        hooks.MapPost("/sandbox", ReceiveSandboxWebhook.Handle);

        var events = routes.MapGroup("/webhook-events").WithTags("Webhooks").Needs(Roles.Admin);
        events.MapGet("/", ListWebhookEvents.Handle);
        events.MapGet("/{id:guid}", ShowWebhookEvent.Handle);
        events.MapPost("/{id:guid}/replay", ReplayWebhookEvent.Handle);
    }
}
