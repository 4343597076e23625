namespace Quitanda.Platform;

/// <summary>The clock on the wall of the business: it has one time zone, in which its days begin and end.</summary>
[EvenWhenOff]
public interface IBusinessTime
{
    /// <summary>The zone, read anew each time: it changes once in a business's life, and must be right from then on.</summary>
    ValueTask<TimeZoneInfo> Zone(CancellationToken ct);
}
