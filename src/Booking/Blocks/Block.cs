using Npgsql;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Blocks;

/// <summary>A time for which the owner closes units of a listing. What a calendar elsewhere closes is shown with that calendar.</summary>
/// <param name="Id">Its id.</param>
/// <param name="StartDate">The first day, where the listing is by the day.</param>
/// <param name="EndDate">The last day, inclusive.</param>
/// <param name="StartAt">The beginning.</param>
/// <param name="EndAt">The end, exclusive.</param>
/// <param name="Quantity">How many units are closed.</param>
/// <param name="Reason">The owner's own note.</param>
/// <param name="CreatedAt">When it was made.</param>
internal sealed record Block(Guid Id, DateOnly? StartDate, DateOnly? EndDate, DateTimeOffset StartAt, DateTimeOffset EndAt, int Quantity, string? Reason, DateTimeOffset CreatedAt)
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>booking.blocks k</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("k.id, k.starts_at, k.ends_at, k.quantity, k.reason, k.created_at");

    public static Block Read(NpgsqlDataReader row, ListingClock clock) => Of(
        clock, row.GetGuid(0), new(row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2)), row.GetInt32(3), row.IsDBNull(4) ? null : row.GetString(4), row.GetFieldValue<DateTimeOffset>(5));

    public static Block Of(ListingClock clock, Guid id, Period period, int quantity, string? reason, DateTimeOffset createdAt)
    {
        var isByDay = clock.Unit == RentalUnit.Day;
        return new(id, isByDay ? clock.DayOf(period.From) : null, isByDay ? clock.LastDayOf(period) : null, period.From, period.Until, quantity, reason, createdAt);
    }
}
