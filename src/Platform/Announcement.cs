using System.Runtime.InteropServices;

namespace Quitanda.Platform;

/// <summary>
/// Something that is watched has changed: only its name, never what changed. Whoever watches reads the rows, so that an announcement that is
/// lost, doubled or late costs a moment and no event.
/// </summary>
/// <param name="Kind">What it is, in lower case: <c>order</c>.</param>
/// <param name="Id">Which one.</param>
/// <param name="Owner">The user whose it is; empty for nobody's.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Announcement(string Kind, Guid Id, Guid Owner)
{
    /// <summary>Begins an announcement among the signals between processes.</summary>
    internal const char Mark = '~';

    /// <inheritdoc/>
    public override string ToString() => $"{Mark}{Kind}:{Id:N}:{Owner:N}";

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else, such as what a newer version says.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out Announcement announcement)
    {
        const int Guids = 2 * 33;
        announcement = default;
        if (text.Length < Guids + 2 || text[0] != Mark || !Guid.TryParseExact(text[^32..], "N", out var owner) || !Guid.TryParseExact(text[^65..^33], "N", out var id))
            return false;
        announcement = new(text[1..^Guids].ToString(), id, owner);
        return true;
    }
}

/// <summary>A fact about something that is watched: publishing it announces that as well.</summary>
public interface IAnnounces
{
    /// <summary>What has changed.</summary>
    Announcement Announcement { get; }

    /// <summary>The same for somebody else whose it is too; null where it is one person's.</summary>
    Announcement? Also => null;
}
