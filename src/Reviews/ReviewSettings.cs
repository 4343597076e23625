using System.ComponentModel.DataAnnotations;

namespace Quitanda.Reviews;

/// <summary>Settings of reviews. Section <c>Reviews</c>.</summary>
public sealed record ReviewSettings
{
    /// <summary>Reviews that a person may send in an hour, taken or not; 0 is without limit.</summary>
    [Range(0, 1_000_000)]
    public int PostsPerHour { get; init; } = 20;
}
