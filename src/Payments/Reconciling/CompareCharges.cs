using Npgsql;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>
/// Compares one page of a provider's charges with our payments, and has the next one compared. A provider that does not answer is asked again as any job is; the report does
/// not wait for it for ever. What a charge shows that a payment has missed is asked for at once.
/// </summary>
internal sealed class CompareCharges(Db db, Providers.Providers providers, SecondCharges.SecondCharges seconds, Drift drift, TimeProvider clock) : ICallOut<CompareCharges.Message, ChargePage>
{
    public const string Kind = "payments.drift-charges";

    /// <summary>More pages than a provider has of some days; one that goes on is not believed.</summary>
    private const int PagesAtMost = 5000;

    internal sealed record Message(Guid RunId, string Provider, DateTimeOffset From, DateTimeOffset Until, string? Cursor, int Page);

    /// <summary>A payment as it stands here.</summary>
    private sealed record Ours(
        Guid Id, string Kind, Guid PayableId, PaymentStatus Status, Money Amount, string? Reference, string? ChargeReference, Money? Fee, DisputeState? Dispute, DateTimeOffset UpdatedAt, long Returned, long Returning)
    {
        public bool HasComeIn => Status >= PaymentStatus.Succeeded;

        public bool IsNamed(ChargeNews charge) => IsOne(charge.Reference) || (charge.ChargeReference is { } reference && IsOne(reference));

        /// <summary>Whether the name of its own money is known, so that another one's is told from it.</summary>
        public bool IsKnownTo(IPaymentProvider provider) => ChargeReference is not null || (Reference is { } name && !provider.StaysOpen(name));

        private bool IsOne(string name) => name == Reference || name == ChargeReference;
    }

    public Task<ChargePage> Call(Message message, CancellationToken ct) => providers.Of(message.Provider).List(message.From, message.Until, message.Cursor, ct);

    public async Task Write(Message message, ChargePage outcome, CancellationToken ct)
    {
        if (await drift.Lock(message.RunId, ct) is not { } run)
            return;

        var ours = await Find(message.Provider, outcome.Charges, ct);
        foreach (var charge in outcome.Charges)
        {
            var payment = ours.Find(payment => payment.IsNamed(charge)) ?? ours.Find(payment => payment.Id == charge.PaymentId);
            // Money that came in under another name is another money.
            var isSecond = payment is { HasComeIn: true } && !payment.IsNamed(charge);
            var isPaid = charge.State is ChargeState.Succeeded;
            db.Write($"""
                insert into payments.drift_charges (run_id, provider, reference, payment_id, is_paid)
                values ({run.Id}, {message.Provider}, {Drift.Short(charge.Reference, 255)}, {(isSecond ? null : payment?.Id)}, {isPaid}) on conflict do nothing
                """);
            if (!isPaid || charge.CreatedAt < run.From || charge.CreatedAt >= run.Until)
                continue;
            // Given back by itself, and named with what came of that.
            if (isSecond && charge.Amount is { Amount: > 0 } amount && providers.Of(message.Provider) is { KnowsSecondCharges: true } teller && payment!.IsKnownTo(teller))
                await seconds.Note(payment.Id, message.Provider, charge.ChargeReference ?? charge.Reference, amount, clock.GetUtcNow(), ct);
            else if (payment is null || isSecond)
                drift.Name(run, Unknown(message.Provider, charge, payment));
            else
                Compare(run, message.Provider, charge, payment);
        }

        await GoOn(run, message, outcome.Next, ct);
    }

    private void Compare(DriftRun run, string provider, ChargeNews charge, Ours ours)
    {
        if (charge.Amount is { } amount && amount != ours.Amount)
        {
            drift.Name(run, Of(DriftKind.AmountDiffers, provider, charge, ours, Text(ours.Amount), Text(amount), "Give the money back at the provider, or settle the order by hand: it does not count as paid."));
            return;
        }

        var isBehind = false;
        if (!ours.HasComeIn)
        {
            isBehind = true;
            drift.Name(run, Of(DriftKind.StatusDiffers, provider, charge, ours, charge.State.Name(), ours.Status.Name(), AskAgain(ours)));
        }
        // What has changed since then is left to the next report.
        else if (ours.UpdatedAt < run.Until)
            isBehind = CompareAfter(run, provider, charge, ours);

        if (isBehind)
            db.Schedule(AskProvider.Kind, new AskProvider.Message(ours.Id), clock.GetUtcNow(), string.Concat(AskProvider.Kind, ":", ours.Id.ToString("N"), "@", run.Id.ToString("N")));
    }

    /// <summary>What can happen to money that came in. Says whether asking the provider may mend it.</summary>
    private bool CompareAfter(DriftRun run, string provider, ChargeNews charge, Ours ours)
    {
        var isBehind = false;
        // What is on its way back may be in the provider's sum or not.
        if (charge.RefundedAmount is { } there && (there < ours.Returned || there > ours.Returned + ours.Returning))
        {
            isBehind = there > ours.Returned;
            drift.Name(run, Of(DriftKind.RefundedDiffers, provider, charge, ours, Text(ours.Amount with { Amount = there }), Text(ours.Amount with { Amount = ours.Returned }),
                isBehind ? AskAgain(ours) : "We say that more went back than the provider does: look at the payment's refunds there."));
        }

        if (charge.Fee is { } fee && fee != ours.Fee)
        {
            isBehind |= ours.Fee is null;
            drift.Name(run, Of(DriftKind.FeeDiffers, provider, charge, ours, Text(fee), ours.Fee is { } noted ? Text(noted) : "none",
                ours.Fee is null ? AskAgain(ours) : "The provider has changed its fee: write the rest into your books by hand."));
        }

        if (charge.Dispute is { } dispute && dispute.State != ours.Dispute)
        {
            isBehind = true;
            drift.Name(run, Of(DriftKind.StatusDiffers, provider, charge, ours, $"dispute {dispute.State.Name()}", $"dispute {ours.Dispute?.Name() ?? "none"}", AskAgain(ours)));
        }

        return isBehind;
    }

    private async Task GoOn(DriftRun run, Message message, string? next, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (next is not null && next != message.Cursor && message.Page < PagesAtMost)
        {
            db.Schedule(Kind, message with { Cursor = next, Page = message.Page + 1 }, now);
            return;
        }

        await db.Execute($"update payments.drift_providers set is_complete = {next is null}, ended_at = {now} where run_id = {run.Id} and provider = {message.Provider}", ct);
        await drift.EndPart(run, now, ct);
    }

    private async Task<List<Ours>> Find(string provider, IReadOnlyList<ChargeNews> charges, CancellationToken ct)
    {
        string[] names = [.. charges.Select(charge => charge.Reference).Concat(charges.Select(charge => charge.ChargeReference).OfType<string>()).Select(name => Drift.Short(name, 300))];
        Guid[] ids = [.. charges.Select(charge => charge.PaymentId).OfType<Guid>()];
        return await db.Read(
            $"""
            select p.id, p.kind, p.payable_id, p.status, p.amount, p.currency, p.provider_reference, p.charge_reference, p.fee_amount, p.fee_currency, p.dispute, p.updated_at,
                coalesce(sum(r.amount) filter (where r.status = 'succeeded'), 0)::bigint, coalesce(sum(r.amount) filter (where r.status = 'pending'), 0)::bigint
            from payments.payments p left join payments.refunds r on r.payment_id = p.id and r.origin <> 'dispute'
            where p.provider = {provider} and (p.provider_reference = any({names}) or p.charge_reference = any({names}) or p.id = any({ids}))
            group by p.id
            """, Ours, ct);

        static Ours Ours(NpgsqlDataReader row) => new(
            row.GetGuid(0), row.GetString(1), row.GetGuid(2), Wire.Parse<PaymentStatus>(row.GetString(3)), new(row.GetInt64(4), row.GetString(5)), row.IsDBNull(6) ? null : row.GetString(6),
            row.IsDBNull(7) ? null : row.GetString(7), row.IsDBNull(8) ? null : new(row.GetInt64(8), row.GetString(9)), row.IsDBNull(10) ? null : Wire.Parse<DisputeState>(row.GetString(10)),
            row.GetFieldValue<DateTimeOffset>(11), row.GetInt64(12), row.GetInt64(13));
    }

    private static Found Unknown(string provider, ChargeNews charge, Ours? first) => new(DriftKind.ChargeUnknown, $"{provider}:{charge.ChargeReference ?? charge.Reference}")
    {
        Provider = provider,
        PaymentId = first?.Id,
        PayableKind = first?.Kind,
        PayableId = first?.PayableId,
        ProviderReference = charge.ChargeReference ?? charge.Reference,
        Expected = first is null ? "a payment" : "one charge of the payment",
        Is = charge.Amount is { } amount ? Text(amount) : "money",
        Fix = first is null
            ? "Nobody here asked for it. If the account serves another system too, leave it; else give it back at the provider."
            : "The payment was paid a second time: give this charge back at the provider.",
    };

    private static Found Of(DriftKind kind, string provider, ChargeNews charge, Ours ours, string expected, string found, string fix) => new(kind, ours.Id.ToString())
    {
        Provider = provider,
        PaymentId = ours.Id,
        PayableKind = ours.Kind,
        PayableId = ours.PayableId,
        ProviderReference = charge.ChargeReference ?? charge.Reference,
        Expected = expected,
        Is = found,
        Fix = fix,
    };

    private static string AskAgain(Ours ours) => $"The provider was asked again at once. If it still stands so: POST /api/v1/payments/{ours.Id}/refresh.";

    private static string Text(Money money) => $"{money.Amount} {money.Currency}";
}
