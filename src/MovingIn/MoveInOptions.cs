using Quitanda.MovingIn.Kinds;
using Quitanda.Platform;

namespace Quitanda.MovingIn;

/// <summary>What an import was asked for.</summary>
public sealed record MoveInOptions
{
    /// <summary>The names of the systems that can be moved in from.</summary>
    public static IReadOnlyList<string> Systems { get; } = [.. OldSystem.All.Select(system => system.Name)];

    /// <summary>Which system it is: one of <see cref="Systems"/>.</summary>
    public required string From { get; init; }

    /// <summary>Its database, as a <c>postgres://</c> address or a connection string. It holds a password: it is never shown.</summary>
    public required string Address { get; init; }

    /// <summary>What it is called here, in <c>metadata.importedFrom</c>: 1 to 50 small letters, digits and hyphens. Two databases of one system need two names. Without it, the system's own.</summary>
    public string? Name { get; init; }

    /// <summary>Does everything and keeps nothing of it.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Rows a transaction, 1 to 5,000.</summary>
    public int Batch { get; init; } = 500;

    /// <summary>The currency of its amounts, ISO 4217; without it the catalog's.</summary>
    public string? Currency { get; init; }

    /// <summary>The IANA zone of times that it kept without one. Without it: UTC where Prisma or Drizzle wrote them, else the store's.</summary>
    public string? TimeZone { get; init; }

    /// <summary>How its amounts are read; without it as the system and the column's type say.</summary>
    public AmountsIn? Amounts { get; init; }

    /// <summary>Whether its admins come as admins. Else they come as customers.</summary>
    public bool WithAdmins { get; init; }

    /// <summary>Where the report goes, as JSON; null where nobody wants one.</summary>
    public string? ReportPath { get; init; }

    /// <summary>Nothing of the address.</summary>
    public override string ToString() => $"{From} as {Name ?? From}";

    /// <summary>Holds the options to what they may be.</summary>
    /// <exception cref="InvalidException">One is not so.</exception>
    internal void Check()
    {
        if (!Systems.Contains(From, StringComparer.Ordinal))
            throw new InvalidException("from", $"must be one of {string.Join(", ", Systems)}.");
        if (Name is { } name && (name.Length is 0 or > 50 || !name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')))
            throw new InvalidException("name", "takes 1 to 50 small letters, digits and hyphens.");
        if (Batch is < 1 or > 5000)
            throw new InvalidException("batch", "is 1 to 5000.");
        if (Currency is { } currency && !Currencies.Exists(currency))
            throw new InvalidException("currency", "must be a code of ISO 4217, such as BRL.");
        if (TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            throw new InvalidException("time-zone", "must be the name of an IANA time zone, such as America/Sao_Paulo.");
    }
}

/// <summary>What whole numbers and fractions of another system's amounts are.</summary>
public enum AmountsIn
{
    /// <summary>Reais, dollars, rupees.</summary>
    Units,

    /// <summary>Their hundredths, or what the currency has.</summary>
    Cents,
}
