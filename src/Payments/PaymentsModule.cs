using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Refunds;
using Quitanda.Payments.Sandbox;
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
        .AddScoped<HearProvider>().AddPersonalData<PersonsPayments>()
        .AddSingleton<Providers.Providers>()
        .AddSingleton<SandboxProvider>().AddSingleton<IPaymentProvider>(provider => provider.GetRequiredService<SandboxProvider>())
        .AddOutsideJob<CreateAtProvider.Message, OpenedCharge?, CreateAtProvider>(CreateAtProvider.Kind)
        .AddOutsideJob<CancelAtProvider.Message, ChargeNews?, CancelAtProvider>(CancelAtProvider.Kind)
        .AddOutsideJob<PayBack.Message, PayBack.Outcome, PayBack>(PayBack.Kind)
        .AddOutsideJob<SettleCharge.Message, ChargeNews, SettleCharge>(SettleCharge.Kind);

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        Payment.Map(model);
        Refund.Map(model);
        IgnoredNews.Map(model);
        SandboxTables.Map(model);
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var payments = routes.MapGroup("/payments").WithTags("Payments");
        payments.MapPost("/", CreatePayment.Handle);
        payments.MapGet("/", ListPayments.Handle).Needs(Roles.Staff);
        payments.MapGet("/{id:guid}", GetPayment.Handle);
        payments.MapPatch("/{id:guid}", ChangePayment.Handle);
        payments.MapPost("/{id:guid}/refunds", RefundPayment.Handle).Needs(Roles.Staff);
        payments.MapGet("/{id:guid}/refunds/{refundId:guid}", GetRefund.Handle);

        if (!routes.ServiceProvider.GetRequiredService<IOptions<PaymentSettings>>().Value.SandboxEnabled)
            return;
        var sandbox = routes.MapGroup("/sandbox/payments/{id:guid}").WithTags("Sandbox");
        sandbox.MapPost("/succeed", SucceedSandboxPayment.Handle);
        sandbox.MapPost("/fail", FailSandboxPayment.Handle);
        sandbox.MapPost("/delay", DelaySandboxPayment.Handle);
    }
}
