using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>A report that goes on.</summary>
/// <param name="Id">Which.</param>
/// <param name="From">The beginning of the time that is compared.</param>
/// <param name="Until">Its end.</param>
/// <param name="StartedAt">When it was begun.</param>
internal sealed record DriftRun(Guid Id, DateTimeOffset From, DateTimeOffset Until, DateTimeOffset StartedAt);

/// <summary>Something that was found to differ.</summary>
/// <param name="Kind">How.</param>
/// <param name="Subject">What; the same is named once a report.</param>
internal sealed record Found(DriftKind Kind, string Subject)
{
    public string? Provider { get; init; }
    public Guid? PaymentId { get; init; }
    public string? PayableKind { get; init; }
    public Guid? PayableId { get; init; }

    /// <summary>To whom it is owed.</summary>
    public Guid? PartyId { get; init; }
    public string? ProviderReference { get; init; }

    /// <summary>What should stand here.</summary>
    public required string Expected { get; init; }

    /// <summary>What stands here.</summary>
    public required string Is { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Fix { get; init; }
}

/// <summary>Daily, has a report made.</summary>
internal sealed class ReportDrift(Drift drift, TimeProvider clock) : IHandle<Tick>
{
    public const string Kind = "payments.report-drift";

    public static readonly TimeSpan Period = TimeSpan.FromDays(1);

    public Task Handle(Tick message, CancellationToken ct) => drift.Start(clock.GetUtcNow(), ct);
}

/// <summary>
/// The report of drift while it is made. Its parts are jobs of their own: a page of a provider's charges, some payments, the end. Each locks the report's row first, so that
/// two processes add to it one after the other, and whoever ends the last part sees that it was the last.
/// </summary>
internal sealed class Drift(Db db, Providers.Providers providers)
{
    /// <summary>What is younger may still be on its way: an event, a job.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>A day that went wrong is looked at twice more.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromDays(3);

    /// <summary>How far a provider's clock may be behind ours.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromHours(1);

    /// <summary>How long a provider may take to answer before the report ends without it: longer than a job is tried again.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromHours(2);

    /// <summary>A report whose end was lost stands in nobody's way for longer.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromHours(6);

    private static readonly TimeSpan Kept = TimeSpan.FromDays(400);

    /// <summary>Begins a report, unless one goes on.</summary>
    public async Task Start(DateTimeOffset now, CancellationToken ct)
    {
        await db.Execute($"update payments.drift_runs set finished_at = {now} where finished_at is null and started_at <= {now - Lost}", ct);
        await db.Execute($"delete from payments.drift_runs where day <= {DateOnly.FromDateTime((now - Kept).UtcDateTime)}", ct);
        DriftRun run = new(Guid.CreateVersion7(now), now - Patience - Window, now - Patience, now);
        var isNew = await db.Execute(
            $"""
            insert into payments.drift_runs (id, day, window_from, window_until, started_at) values ({run.Id}, {DateOnly.FromDateTime(now.UtcDateTime)}, {run.From}, {run.Until}, {now}) on conflict do nothing
            """, ct) > 0;
        if (!isNew)
            return;

        var used = await db.Read($"select distinct provider from payments.payments where created_at >= {run.From} and created_at < {run.Until}", row => row.GetString(0), ct);
        foreach (var name in providers.All.Where(provider => provider.IsRemote && provider.WhyOff is null).Select(provider => provider.Name).Union(used, StringComparer.Ordinal))
            await Ask(run, name, now, ct);
        db.Schedule(ComparePayments.Kind, new ComparePayments.Message(run.Id, run.From, Guid.Empty), now);
        db.Schedule(FinishDrift.Kind, new FinishDrift.Message(run.Id), now + Deadline);
    }

    /// <summary>The report, locked until the transaction ends; null where it has ended.</summary>
    public Task<DriftRun?> Lock(Guid id, CancellationToken ct) => db.ReadFirst<DriftRun>(
        $"select window_from, window_until, started_at from payments.drift_runs where id = {id} and finished_at is null for update",
        row => new(id, row.GetFieldValue<DateTimeOffset>(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2)), ct);

    /// <summary>Names a difference; the same again is one.</summary>
    public void Name(DriftRun run, Found found) => db.Write(
        $"""
        insert into payments.drift_differences (id, run_id, kind, subject, provider, payment_id, payable_kind, payable_id, party_id, provider_reference, expected, found, proposed_fix)
        values ({Guid.CreateVersion7()}, {run.Id}, {found.Kind}, {Short(found.Subject, 300)}, {found.Provider}, {found.PaymentId}, {found.PayableKind}, {found.PayableId}, {found.PartyId},
            {(found.ProviderReference is { } reference ? Short(reference, 255) : null)}, {Short(found.Expected, 300)}, {Short(found.Is, 300)}, {Short(found.Fix, 500)})
        on conflict (run_id, kind, subject) do nothing
        """);

    /// <summary>A part has ended, and says so in the database already: if it was the last one, the report is.</summary>
    public async Task EndPart(DriftRun run, DateTimeOffset now, CancellationToken ct)
    {
        var isWhole = await db.ReadFirst(
            $"select is_payments_done and not exists (select from payments.drift_providers where run_id = {run.Id} and ended_at is null) from payments.drift_runs where id = {run.Id}", row => row.GetBoolean(0), ct);
        if (isWhole)
            db.Schedule(FinishDrift.Kind, new FinishDrift.Message(run.Id), now);
    }

    /// <summary>What a provider said, without what a column cannot keep.</summary>
    internal static string Short(string text, int most)
    {
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        return clean.Length == 0 ? "?" : clean.Length > most ? clean[..most] : clean;
    }

    /// <summary>Has a provider asked for its charges. One that is not here any more cannot be, and is named as not compared.</summary>
    private async Task Ask(DriftRun run, string name, DateTimeOffset now, CancellationToken ct)
    {
        var provider = providers.Find(name);
        if (provider is { IsRemote: false })
            return;
        DateTimeOffset? ended = provider is null ? now : null;
        await db.Execute($"insert into payments.drift_providers (run_id, provider, ended_at) values ({run.Id}, {name}, {ended}::timestamptz)", ct);
        if (provider is not null)
            db.Schedule(CompareCharges.Kind, new CompareCharges.Message(run.Id, name, run.From - Skew, now, Cursor: null, Page: 1), now);
    }
}
