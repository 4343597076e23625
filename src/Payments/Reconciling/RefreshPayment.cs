using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>
/// Asks the provider now how a payment stands, for a page to which a payer returns: whichever comes first, this or the provider's event, moves the payment. Where the
/// provider does not answer in time, the answer is the payment as it is. One's own payment, or any for staff.
/// </summary>
[Refuses("not_found", 404)]
internal static class RefreshPayment
{
    public static async Task<CallOut<Ok<PaymentDetails>>> Handle(Guid id, Caller caller, Db db, Providers.Providers providers, PaymentView view, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        var payment = await db.Set<Payment>().AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == id && (any || payment.PayerId == caller.Id), ct)
            ?? throw new RefusedException("not_found", "There is no such payment of yours.", StatusCodes.Status404NotFound);
        var now = TypedResults.Ok(view.Of(payment, caller));
        return CallOut<Ok<PaymentDetails>>.To(
            now,
            async calling => new Heard(await AskProvider.Of(payment, providers, calling)),
            async (scope, heard, writing) => heard.News is { } news ? TypedResults.Ok(view.Of(await scope.GetRequiredService<HearProvider>().Hear(id, news, writing), caller)) : now);
    }

    private sealed record Heard(ChargeNews? News);
}

/// <summary>Asks the provider how a payment stands: what an event and the reconciler lead to.</summary>
internal sealed class AskProvider(Db db, Providers.Providers providers, HearProvider provider) : ICallOut<AskProvider.Message, ChargeNews?>
{
    public const string Kind = "payments.ask-provider";

    internal sealed record Message(Guid PaymentId);

    public async Task<ChargeNews?> Call(Message message, CancellationToken ct) =>
        await Of(await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == message.PaymentId, ct), providers, ct);

    public async Task Write(Message message, ChargeNews? outcome, CancellationToken ct)
    {
        if (outcome is not null)
            await provider.Hear(message.PaymentId, outcome, ct);
    }

    /// <summary>Null where there is nobody to ask, or nobody knows yet under which name.</summary>
    public static async Task<ChargeNews?> Of(Payment payment, Providers.Providers providers, CancellationToken ct) =>
        payment.ProviderReference is not null && providers.Of(payment.Provider) is { IsRemote: true } remote ? (await remote.Fetch(Charge.Of(payment), ct)) with { Known = payment.DisputeMark } : null;
}
