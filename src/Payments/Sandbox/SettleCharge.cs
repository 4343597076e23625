using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Sandbox;

internal enum SandboxOutcome
{
    Succeed,
    Fail,
}

/// <summary>
/// Settles a sandbox charge and has our books hear of it, as a provider's event would. A job, so that an event is neither lost when the process dies
/// between the sandbox's commit and ours, nor before the sandbox knows the charge.
/// </summary>
internal sealed class SettleCharge(SandboxProvider sandbox, HearProvider provider) : ICallOut<SettleCharge.Message, ChargeNews>
{
    public const string Kind = "payments.settle-sandbox-charge";

    internal sealed record Message(Guid PaymentId, string Key, SandboxOutcome Outcome, string? Code);

    public Task<ChargeNews> Call(Message message, CancellationToken ct) => sandbox.Settle(message.Key, message.Outcome, message.Code, ct);

    public Task Write(Message message, ChargeNews outcome, CancellationToken ct) => provider.Hear(message.PaymentId, outcome, ct);

    /// <summary>Settles now, in the two steps of a use case that asks the outside. The job comes after <paramref name="callIsOverAfter"/>, where that died in between.</summary>
    public static CallOut<Ok<PaymentDetails>> Now(
        Payment payment, SandboxOutcome outcome, string? code, Db db, SandboxProvider sandbox, Func<Payment, PaymentDetails> view, TimeSpan callIsOverAfter, TimeProvider clock)
    {
        Schedule(payment, outcome, code, db, clock.GetUtcNow() + callIsOverAfter);
        return CallOut<Ok<PaymentDetails>>.To(
            TypedResults.Ok(view(payment)),
            ct => sandbox.Settle(payment.Key, outcome, code, ct),
            async (scope, news, ct) => TypedResults.Ok(view(await scope.GetRequiredService<HearProvider>().Hear(payment.Id, news, ct))));
    }

    /// <summary>Settles later. One settling of a kind waits for a payment at a time, however often it is asked for.</summary>
    public static void Schedule(Payment payment, SandboxOutcome outcome, string? code, Db db, DateTimeOffset at) =>
        db.Schedule(Kind, new Message(payment.Id, payment.Key, outcome, code), at, $"{Kind}:{payment.Id}:{outcome.Name()}");

    /// <summary>The sandbox payment, for whoever may settle it.</summary>
    /// <exception cref="RefusedException"><c>not_found</c> (404).</exception>
    public static async Task<Payment> Find(Guid id, Caller caller, Db db, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        var found = await db.Set<Payment>().AsNoTracking()
                .SingleOrDefaultAsync(payment => payment.Id == id && payment.Provider == SandboxProvider.ProviderName && (any || payment.PayerId == caller.Id), ct)
            ?? throw new RefusedException("not_found", "There is no such sandbox payment of yours.", StatusCodes.Status404NotFound);
        // Under the provider's path there is nothing of ours to read, so the log does not see by itself that it is somebody else's.
        if (found.PayerId != caller.Id)
            db.Audit(new AuditEvent("SandboxPaymentTouched") { PersonId = found.PayerId, ResourceType = "payments", ResourceId = id.ToString() });
        return found;
    }
}
