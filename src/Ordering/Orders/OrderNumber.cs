using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>The numbers of an order: one for good, and one that is short enough to be called out.</summary>
/// <param name="Number">Counts up, with gaps.</param>
/// <param name="Short">The letter of the store's day and the order's place in it, such as <c>C42</c>: yesterday's 42 has another letter.</param>
internal sealed record OrderNumber(long Number, string Short)
{
    /// <summary>What <see cref="Read"/> reads, beside the one row of <c>ordering.stores s</c>.</summary>
    public static Sql Columns(DateTimeOffset now) => Sql.Of(
        $"nextval('ordering.order_numbers'), {DayOf(now)}, (select base from ordering.days where day = {DayOf(now)})");

    /// <summary>How many columns those are.</summary>
    public const int ColumnCount = 3;

    // Those that are taken for a figure or for one another are left out.
    private const string Letters = "ABCDEFGHJKLMNPRSTUVWXYZ";

    /// <summary>A number that was drawn, and what its day is counted from: null for the day's first orders.</summary>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Drawn(long Number, DateOnly Day, long? Base);

    public static Drawn Read(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetFieldValue<DateOnly>(1), row.IsDBNull(2) ? null : row.GetInt64(2));

    /// <summary>The numbers. The day's first order writes down what it is counted from.</summary>
    /// <remarks>
    /// What a day is counted from is drawn from the sequence as well, and read before the order's own number is drawn: so every number counted from it is above it,
    /// whoever else draws meanwhile, and no order waits for another but in the first moment of a day.
    /// </remarks>
    public static async ValueTask<OrderNumber> Of(Drawn drawn, Db db, CancellationToken ct)
    {
        if (drawn.Base is { } known)
            return new(drawn.Number, Called(drawn.Day, drawn.Number - known));
        await db.Execute($"insert into ordering.days (day, base) values ({drawn.Day}, nextval('ordering.order_numbers')) on conflict (day) do nothing", ct);
        var (number, counted) = await db.ReadFirst($"select nextval('ordering.order_numbers'), base from ordering.days where day = {drawn.Day}", row => (row.GetInt64(0), row.GetInt64(1)), ct);
        return new(number, Called(drawn.Day, number - counted));
    }

    /// <summary>A day's letter and a count.</summary>
    internal static string Called(DateOnly day, long count) => string.Create(CultureInfo.InvariantCulture, $"{Letters[day.DayNumber % Letters.Length]}{count}");

    private static Sql DayOf(DateTimeOffset now) => Sql.Of($"({now} at time zone s.time_zone)::date");
}
