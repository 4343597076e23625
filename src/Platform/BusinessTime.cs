namespace Quitanda.Platform;

/// <summary>The clock on the wall of the business: it has one time zone, in which its days begin and end.</summary>
[EvenWhenOff]
public interface IBusinessTime
{
    /// <summary>The zone, read anew each time: it changes once in a business's life, and must be right from then on.</summary>
    ValueTask<TimeZoneInfo> Zone(CancellationToken ct);

    /// <summary>
    /// When the day is over that an instant belongs to: at midnight or, where work goes on past it, when that ends. What is worked at night belongs to the day on which it began.
    /// </summary>
    ValueTask<DateTimeOffset> DayIsOver(DateTimeOffset instant, CancellationToken ct);
}
