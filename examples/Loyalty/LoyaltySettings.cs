using System.ComponentModel.DataAnnotations;

namespace Loyalty;

/// <summary>Settings of points. Section <c>Loyalty</c>.</summary>
public sealed record LoyaltySettings
{
    /// <summary>Points for each whole unit of currency that an order comes to.</summary>
    [Range(1, 1000)]
    public int PointsPerUnit { get; init; } = 1;

    /// <summary>Days after which points expire that were not used, the oldest first.</summary>
    [Range(1, 3650)]
    public int Days { get; init; } = 365;
}
