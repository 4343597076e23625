using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>The addresses of calendars elsewhere.</summary>
internal static class FeedAddress
{
    /// <summary>Characters at the most, as it is kept.</summary>
    private const int LengthAtMost = 2000;

    /// <summary>An address as it is kept: <c>webcal</c> is <c>https</c>.</summary>
    /// <exception cref="InvalidException">It is no address of the web, or none that is asked, or too long.</exception>
    public static string Require(string url, OutsideHttp outside)
    {
        var asked = url.StartsWith("webcal://", StringComparison.OrdinalIgnoreCase) ? $"https://{url[9..]}" : url;
        if (!Uri.TryCreate(asked, UriKind.Absolute, out var address) || !outside.Allows(address))
            throw new InvalidException("url", "must be an https address that anyone can reach, without a name or a password in it.");
        return OutsideHttp.WrittenOut(address, LengthAtMost) ?? throw new InvalidException("url", $"must be at most {LengthAtMost} characters long once it is written out in ASCII.");
    }
}
