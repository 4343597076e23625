using System.ComponentModel.DataAnnotations;

namespace Quitanda.Baskets;

/// <summary>Settings of baskets. Section <c>Baskets</c>.</summary>
public sealed record BasketSettings
{
    /// <summary>Minutes that all of a basket is held for its payment. Then all of it is free.</summary>
    [Range(1, 10_080)]
    public int UnpaidMinutes { get; init; } = 30;

    /// <summary>Days after which a basket that nobody touched, and that was never checked out, is deleted.</summary>
    [Range(1, 365)]
    public int KeepDays { get; init; } = 30;

    /// <summary>Times that a person may check out in an hour, taken or not; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int CheckoutsPerHour { get; init; } = 60;
}
