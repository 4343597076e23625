using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Where an earning stands.</summary>
[SchemaId("EarningStatus")]
internal enum EarningStatus
{
    /// <summary>It waits for a batch.</summary>
    Open,

    /// <summary>It is in a payout that is to be paid.</summary>
    InPayout,
    Paid,
}

/// <summary>What an owner earned by a booking, or what of it was taken back.</summary>
/// <param name="Id">Of the line.</param>
/// <param name="BookingId">Which booking.</param>
/// <param name="BookingCode">What people call it by.</param>
/// <param name="Title">The listing's title, as it was when it was booked.</param>
/// <param name="Amount">Less than nothing where it was taken back.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="PayoutId">The payout that it is in.</param>
/// <param name="CreatedAt">When it was earned.</param>
internal sealed record Earning(Guid Id, Guid BookingId, string BookingCode, string Title, SignedMoney Amount, EarningStatus Status, Guid? PayoutId, DateTimeOffset CreatedAt)
{
    /// <summary>The columns that <see cref="Read"/> reads, of <see cref="From"/>.</summary>
    public static readonly Sql Columns = Sql.Raw("e.id, e.booking_id, b.code, b.title, e.amount, e.currency, p.status, e.payout_id, e.created_at");

    public static readonly Sql From = Sql.Raw("booking.earnings e join booking.bookings b on b.id = e.booking_id left join booking.payouts p on p.id = e.payout_id");

    public static Earning Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), new(row.GetInt64(4), row.GetString(5)),
        row.IsDBNull(6) ? EarningStatus.Open : Wire.Parse<PayoutStatus>(row.GetString(6)) == PayoutStatus.Paid ? EarningStatus.Paid : EarningStatus.InPayout,
        row.IsDBNull(7) ? null : row.GetGuid(7), row.GetFieldValue<DateTimeOffset>(8));
}
