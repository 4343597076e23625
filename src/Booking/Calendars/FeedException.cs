namespace Quitanda.Booking.Calendars;

/// <summary>Why a calendar elsewhere could not be read.</summary>
internal enum FeedError
{
    /// <summary>Nobody answers there, or not in time.</summary>
    Unreachable,

    /// <summary>It answers with something other than a success.</summary>
    Refused,

    /// <summary>It lies, or leads, where nobody outside should be asked to look.</summary>
    NotAllowed,
    TooLarge,
    NotACalendar,
    TooManyEvents,
    UnsupportedRecurrence,
    UnknownTimeZone,

    /// <summary>The listing's units are counted and not told apart.</summary>
    TooManyUnits,
}

/// <summary>A calendar elsewhere cannot be read. What it says itself is not in the message.</summary>
internal sealed class FeedException(FeedError error, string message) : Exception(message)
{
    public FeedError Error { get; } = error;
}
