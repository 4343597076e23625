using System.Globalization;

namespace Quitanda.Notifications.Notices;

/// <summary>What makes one happening of a thing another than the next of its kind.</summary>
internal static class Happening
{
    /// <summary>The thing and the moment. An order may be cancelled, come back with its payment, and be cancelled again: of that one is told twice.</summary>
    public static string Of(Guid id, DateTimeOffset? at) => at is { } moment ? $"{id}:{moment.UtcTicks.ToString(CultureInfo.InvariantCulture)}" : $"{id}";
}
