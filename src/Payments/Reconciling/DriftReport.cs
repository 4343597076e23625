using Npgsql;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>What can differ. Names are stable.</summary>
internal enum DriftKind
{
    /// <summary>A provider has money that belongs to no payment of ours, or a second time.</summary>
    ChargeUnknown,

    /// <summary>Another amount came in than was asked for, and so was not taken.</summary>
    AmountDiffers,

    /// <summary>Paid there and not here, or here and not there.</summary>
    StatusDiffers,

    /// <summary>Another amount went back there than here.</summary>
    RefundedDiffers,

    /// <summary>The provider keeps something else than we have noted.</summary>
    FeeDiffers,

    /// <summary>Paid here, and the provider knows nothing of it.</summary>
    MissingAtProvider,

    /// <summary>A payment of something that is not there.</summary>
    PaymentWithoutPayable,

    /// <summary>A payment came in, and what it paid says otherwise.</summary>
    PayableNotPaid,

    /// <summary>Something says that it was paid, and no payment that came in did it.</summary>
    PayableWithoutPayment,

    /// <summary>Something was called off, and keeps money.</summary>
    CancelledNotRefunded,

    /// <summary>The provider refused to give money back, and nobody asked again.</summary>
    RefundFailed,

    /// <summary>Money has been on its way back for more than a day.</summary>
    RefundStuck,

    /// <summary>The books hold something else of a payment at its provider than the payment says.</summary>
    LedgerDiffers,

    /// <summary>A transaction of the books does not sum to nothing.</summary>
    LedgerUnbalanced,

    /// <summary>A provider told us of a payment that nobody knows.</summary>
    EventParked,

    /// <summary>A module says that another amount is held or owed than the books do.</summary>
    SubledgerDiffers,
}

/// <summary>What providers, payments, orders and the ledger say of the same days, and where they differ.</summary>
/// <param name="Id">Of the report.</param>
/// <param name="Day">On which it was begun, in UTC.</param>
/// <param name="From">The beginning of the time that was compared.</param>
/// <param name="Until">Its end; what happened or changed after it is left to the next report.</param>
/// <param name="StartedAt">When it was begun.</param>
/// <param name="FinishedAt">When it was done; null while it goes on, and then more may come.</param>
/// <param name="Compared">What was compared.</param>
/// <param name="DifferenceCount">How many differences there are; the first 1,000 are shown.</param>
/// <param name="Differences">What differs, each once.</param>
internal sealed record DriftReport(
    Guid Id, DateOnly Day, DateTimeOffset From, DateTimeOffset Until, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, DriftReport.Extent Compared, long DifferenceCount,
    IReadOnlyList<DriftReport.Difference> Differences)
{
    private const int ShownAtMost = 1000;

    /// <summary>What was compared.</summary>
    /// <param name="Providers">Those that keep charges of their own.</param>
    /// <param name="Payments">How many payments of ours.</param>
    /// <param name="Payables">How many orders and other things that payments are of.</param>
    [SchemaId("DriftExtent")]
    internal sealed record Extent(IReadOnlyList<Provider> Providers, long Payments, long Payables);

    /// <summary>A provider that was asked.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Charges">How many charges it named.</param>
    /// <param name="IsComplete">Whether it named all of them. One that did not answer was not compared, and what is missing there is not known.</param>
    [SchemaId("DriftProvider")]
    internal sealed record Provider([Impersonal] string Name, long Charges, bool IsComplete);

    /// <summary>Something that differs.</summary>
    /// <param name="Kind">How.</param>
    /// <param name="Provider">At which provider.</param>
    /// <param name="PaymentId">Of which payment.</param>
    /// <param name="OrderId">Of which order.</param>
    /// <param name="BookingId">Of which booking.</param>
    /// <param name="BookingChangeId">Of which change of a booking.</param>
    /// <param name="BasketId">Of which basket.</param>
    /// <param name="PartyId">To whom it is owed, on an account of the ledger where that is known.</param>
    /// <param name="ProviderReference">The provider's own name for it.</param>
    /// <param name="Expected">What should stand here, by whoever is believed in this.</param>
    /// <param name="Found">What stands here.</param>
    /// <param name="ProposedFix">What to do about it.</param>
    [SchemaId("DriftDifference")]
    internal sealed record Difference(
        DriftKind Kind, [Impersonal] string? Provider, Guid? PaymentId, Guid? OrderId, Guid? BookingId, Guid? BookingChangeId, Guid? BasketId, Guid? PartyId,
        [Impersonal] string? ProviderReference, [Impersonal] string Expected, [Impersonal] string Found, [Impersonal] string ProposedFix);

    /// <summary>The newest report, or the newest of a day; null where there is none.</summary>
    public static async Task<DriftReport?> Read(Db db, DateOnly? day, CancellationToken ct)
    {
        var run = await db.ReadFirst(
            $"""
            select id, day, window_from, window_until, started_at, finished_at, payments, payables from payments.drift_runs
            where {(day is { } wanted ? Sql.Of($"day = {wanted}") : Sql.Raw("true"))} order by day desc, started_at desc, id desc limit 1
            """,
            row => new DriftReport(
                row.GetGuid(0), row.GetFieldValue<DateOnly>(1), row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3), row.GetFieldValue<DateTimeOffset>(4),
                row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5), new([], row.GetInt64(6), row.GetInt64(7)), 0, []), ct);
        if (run is null)
            return null;

        var providers = await db.Read(
            $"select provider, charges, is_complete from payments.drift_providers where run_id = {run.Id} order by provider", row => new Provider(row.GetString(0), row.GetInt64(1), row.GetBoolean(2)), ct);
        var differences = await db.Read(
            $"""
            select kind, provider, payment_id, payable_kind, payable_id, party_id, provider_reference, expected, found, proposed_fix
            from payments.drift_differences where run_id = {run.Id} order by kind, subject limit {ShownAtMost}
            """,
            Differing, ct);
        var count = await db.ReadFirst($"select count(*) from payments.drift_differences where run_id = {run.Id}", row => row.GetInt64(0), ct);
        return run with { Compared = run.Compared with { Providers = providers }, DifferenceCount = count, Differences = differences };
    }

    private static Difference Differing(NpgsqlDataReader row)
    {
        var (kind, id) = (row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? default(Guid?) : row.GetGuid(4));
        return new(
            Wire.Parse<DriftKind>(row.GetString(0)), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetGuid(2),
            PayableKind.Order.IdOf(kind, id), PayableKind.Booking.IdOf(kind, id), PayableKind.BookingChange.IdOf(kind, id), PayableKind.Basket.IdOf(kind, id), row.IsDBNull(5) ? null : row.GetGuid(5),
            row.IsDBNull(6) ? null : row.GetString(6), row.GetString(7), row.GetString(8), row.GetString(9));
    }
}
