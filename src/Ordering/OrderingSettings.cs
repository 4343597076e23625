using System.ComponentModel.DataAnnotations;

namespace Quitanda.Ordering;

/// <summary>Settings of orders. Section <c>Ordering</c>.</summary>
public sealed record OrderingSettings
{
    /// <summary>Minutes that an online order may wait for its payment, from when it is placed. Then it is cancelled and its stock returns. Orders that were placed before keep what they were promised.</summary>
    [Range(1, 10_080)]
    public int UnpaidMinutes { get; init; } = 30;

    /// <summary>Minutes that an order may name a quote after it was made.</summary>
    [Range(1, 1440)]
    public int QuoteMinutes { get; init; } = 15;
}
