using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Sources;

/// <summary>How what another system holds is to be understood, and what of it is here already.</summary>
internal sealed class Reading
{
    /// <summary>Characters of a value that is kept with what comes.</summary>
    public const int LongestValue = 500;

    private readonly Dictionary<(string Kind, string OldId), Known> _known = [];

    /// <summary>What it is called in the metadata of what comes.</summary>
    public required string Name { get; init; }

    /// <summary>The currency of its amounts.</summary>
    public required string Currency { get; init; }

    /// <summary>How its amounts are read, where somebody said so.</summary>
    public AmountsIn? Amounts { get; init; }

    /// <summary>What amounts in whole numbers are, where nobody said so.</summary>
    public required AmountsIn WholeNumbersAre { get; init; }

    /// <summary>The zone of times without one.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>The zone of the store, in which days are days.</summary>
    public required TimeZoneInfo StoreZone { get; init; }

    /// <summary>Whether admins come as admins.</summary>
    public required bool WithAdmins { get; init; }

    /// <summary>The time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>What of it is here, under which id.</summary>
    /// <param name="NewId">Its id.</param>
    /// <param name="IsErased">Whether it is somebody who was erased since.</param>
    [StructLayout(LayoutKind.Auto)]
    internal readonly record struct Known(Guid NewId, bool IsErased);

    /// <summary>Learns what is here of what some rows name.</summary>
    public void Learn(string kind, string oldId, Known known) => _known[(kind, oldId)] = known;

    /// <summary>Forgets all of it: the next rows name others.</summary>
    public void Forget() => _known.Clear();

    /// <summary>What another thing is here; null where it did not come, or is erased.</summary>
    public Guid? Here(string kind, string? oldId) => oldId is not null && _known.TryGetValue((kind, oldId), out var known) && !known.IsErased ? known.NewId : null;

    /// <summary>Why another thing is not here.</summary>
    public Remark WhyNot(string kind, string? oldId, string what) => oldId is null ? new($"no_{what}", $"Nothing says which {what} it is of.")
        : _known.TryGetValue((kind, oldId), out var known) && known.IsErased ? new($"{what}_erased", $"Its {what} was erased here.")
        : new($"{what}_missing", $"Its {what} did not come.");

    /// <summary>
    /// The id of something that comes: made of what it was called and when it was made, so that it is the same whenever it comes, and stands among others by its time (version 7 of RFC 9562).
    /// </summary>
    public Guid IdOf(string kind, string oldId, DateTimeOffset? at = null)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{Name}\n{kind}\n{oldId}")).AsSpan(0, 16);
        var time = bytes[..8];
        var random = BinaryPrimitives.ReadUInt16BigEndian(time[6..]);
        BinaryPrimitives.WriteInt64BigEndian(time, Math.Max((at ?? DateTimeOffset.UnixEpoch).ToUnixTimeMilliseconds(), 0) << 16);
        BinaryPrimitives.WriteUInt16BigEndian(time[6..], (ushort)(0x7000 | random & 0x0FFF));
        bytes[8] = (byte)(0x80 | bytes[8] & 0x3F);
        return new(bytes, bigEndian: true);
    }

    /// <summary>What is kept with everything that comes, and more where there is more. What is too long to be kept is said.</summary>
    public IReadOnlyDictionary<string, string> Metadata(string oldId, Arrival says, params (string Key, string? Value)[] more)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal) { ["importedFrom"] = Name, ["importedId"] = oldId };
        foreach (var (key, value) in more)
            if (value is { Length: > LongestValue })
                says.Note("left_out", $"metadata.{key}: longer than {LongestValue} characters; it was left out.");
            else if (value is { Length: > 0 })
                pairs[key] = value;
        return MetadataAttribute.Kept(pairs);
    }
}
