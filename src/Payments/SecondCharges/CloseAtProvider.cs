using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.SecondCharges;

/// <summary>Closes what a payer was sent to, once nothing is to be paid there any more. A provider that is away only delays it.</summary>
internal sealed class CloseAtProvider(Db db, Providers.Providers providers) : ICallOut<CloseAtProvider.Message, bool>
{
    public const string Kind = "payments.close-at-provider";

    internal sealed record Message(Guid PaymentId);

    public async Task<bool> Call(Message message, CancellationToken ct)
    {
        var payment = await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == message.PaymentId, ct);
        if (payment.ProviderReference is not null)
            await providers.Of(payment.Provider).Close(Charge.Of(payment), ct);
        return true;
    }

    public Task Write(Message message, bool outcome, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Has it closed, where the provider leaves it open.</summary>
    public static void Schedule(Db db, Providers.Providers providers, Payment payment, DateTimeOffset now)
    {
        if (payment.ProviderReference is { } reference && providers.Find(payment.Provider) is { } provider && provider.StaysOpen(reference))
            db.Schedule(Kind, new Message(payment.Id), now, $"{Kind}:{payment.Id}");
    }
}
