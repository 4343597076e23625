using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Ledger;
using Quitanda.Payments.Manual;
using Quitanda.Payments.MercadoPago;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Razorpay;
using Quitanda.Payments.Reconciling;
using Quitanda.Payments.Refunds;
using Quitanda.Payments.Sandbox;
using Quitanda.Payments.SecondCharges;
using Quitanda.Payments.Simulator;
using Quitanda.Payments.Stripe;
using Quitanda.Payments.Webhooks;
using Quitanda.Platform;

namespace Quitanda.Payments;

/// <summary>The module on one screen.</summary>
public sealed class PaymentsModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSingleton<IModule, PaymentsModule>()
        .AddSettings<PaymentSettings>("Payments")
        .AddScoped<IPayments, PaymentsContract>()
        .AddScoped<HearProvider>().AddScoped<Books>().AddSingleton<PaymentView>().AddPersonalData<PersonsPayments>()
        .AddSingleton<Providers.Providers>().AddSingleton<ProviderLine>().AddSimulator().AddWebhooks().AddDrift().AddSecondCharges()
        .AddStripe().AddMercadoPago().AddRazorpay()
        .AddSingleton<SandboxProvider>().AddSingleton<IPaymentProvider>(provider => provider.GetRequiredService<SandboxProvider>())
        .AddSingleton<IPaymentProvider, ManualProvider>()
        .Every<Reconcile>(Reconcile.Kind, Reconcile.Period)
        .AddOutsideJob<AskProvider.Message, ChargeNews?, AskProvider>(AskProvider.Kind)
        .AddOutsideJob<CaptureAtProvider.Message, ChargeNews?, CaptureAtProvider>(CaptureAtProvider.Kind)
        .AddOutsideJob<CreateAtProvider.Message, OpenedCharge?, CreateAtProvider>(CreateAtProvider.Kind)
        .AddOutsideJob<CancelAtProvider.Message, ChargeNews?, CancelAtProvider>(CancelAtProvider.Kind)
        .AddOutsideJob<PayBack.Message, PayBack.Outcome?, PayBack>(PayBack.Kind)
        .AddOutsideJob<SettleCharge.Message, ChargeNews, SettleCharge>(SettleCharge.Kind);

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        Payment.Map(model);
        Refund.Map(model);
        IgnoredNews.Map(model);
        SandboxTables.Map(model);
        SimulatedTables.Map(model);
        WebhookEvent.Map(model);
        LedgerTables.Map(model);
        DriftTables.Map(model);
        SecondCharge.Map(model);
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var payments = routes.MapGroup("/payments").WithTags("Payments");
        payments.MapPost("/", CreatePayment.Handle).ForGuests();
        payments.MapGet("/", ListPayments.Handle).Needs(Roles.Staff);
        payments.MapGet("/providers", ListProviders.Handle).ForAnyone();
        payments.MapGet("/{id:guid}", GetPayment.Handle).ForGuests();
        payments.MapPatch("/{id:guid}", ChangePayment.Handle);
        payments.MapPost("/{id:guid}/refunds", RefundPayment.Handle).Needs(Roles.Staff);
        payments.MapPost("/{id:guid}/refresh", RefreshPayment.Handle).ForGuests().LimitedBy("payments-refresh", (PaymentSettings settings) => new(settings.RefreshesPerMinute, 60), (Caller caller) => caller.Id.ToString());
        payments.MapPost("/{id:guid}/cancel", CancelPayment.Handle).ForGuests();
        payments.MapPost("/{id:guid}/receive", ReceivePayment.Handle).Needs(Roles.Staff);
        payments.MapGet("/{id:guid}/refunds", ListRefunds.Handle).ForGuests();
        payments.MapGet("/{id:guid}/refunds/{refundId:guid}", GetRefund.Handle).ForGuests();
        payments.MapPost("/{id:guid}/refunds/{refundId:guid}/retry", RetryRefund.Handle).Needs(Roles.Staff);

        WebhooksSetup.Map(routes);
        SimulatorSetup.Map(routes);
        LedgerSetup.Map(routes);
        DriftSetup.Map(routes);

        if (!routes.ServiceProvider.GetRequiredService<IOptions<PaymentSettings>>().Value.SandboxEnabled)
            return;
        var sandbox = routes.MapGroup("/sandbox/payments/{id:guid}").WithTags("Sandbox").ForGuests();
        sandbox.MapPost("/succeed", SucceedSandboxPayment.Handle);
        sandbox.MapPost("/fail", FailSandboxPayment.Handle);
        sandbox.MapPost("/delay", DelaySandboxPayment.Handle);
    }
}
