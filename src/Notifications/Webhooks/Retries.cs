using System.Security.Cryptography;

namespace Quitanda.Notifications.Webhooks;

/// <summary>How often a delivery is tried: ten times in three days, a tenth more or less.</summary>
internal static class Retries
{
    /// <summary>Attempts of one delivery after which admins are told: what fails for a moment is no news.</summary>
    public const int UntilTold = 3;

    /// <summary>Time in which nothing got through, after which admins are told as well.</summary>
    public static readonly TimeSpan FailingUntilTold = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(18), TimeSpan.FromHours(22),
    ];

    /// <summary>The most attempts, until somebody asks for another.</summary>
    public static int AtMost => Pauses.Length + 1;

    /// <summary>The longest that all of it takes.</summary>
    public static TimeSpan LongestInAll => TimeSpan.FromTicks(Pauses.Sum(pause => pause.Ticks)) * 1.1;

    /// <summary>How long to wait after so many attempts; null where it is given up.</summary>
    public static TimeSpan? After(int tries) => tries > Pauses.Length ? null : Pauses[tries - 1] * (0.9 + RandomNumberGenerator.GetInt32(201) / 1000.0);
}
