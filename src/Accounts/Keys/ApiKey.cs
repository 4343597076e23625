using System.Buffers.Text;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>A key that calls for its owner within its scopes, known only by its hash.</summary>
internal sealed class ApiKey
{
    /// <summary>Keys of a user at the most.</summary>
    public const int AtMost = 50;

    /// <summary>How often it is written when a key was last used.</summary>
    public static readonly TimeSpan UseNoted = TimeSpan.FromMinutes(1);

    // Tells a key from a token wherever one is found.
    private const string Start = "qk_";

    private const int PrefixLength = 11;

    private static readonly int Length = Start.Length + Base64Url.GetEncodedLength(32);

    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid UserId { get; init; }
    public required string Name { get; init; }
    public required string Prefix { get; init; }
    public required byte[] Hash { get; init; }
    public required string[] Scopes { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>256 random bits: nothing to read in them, nothing to guess.</summary>
    public static string New() => Start + OpaqueToken.New();

    /// <summary>What is kept of a key in the clear, for its owner to tell it from others: 48 of its bits.</summary>
    public static string PrefixOf(string key) => key[..PrefixLength];

    /// <summary>Whether this looks like a key of ours at all.</summary>
    public static bool IsOne(string text) => text.Length == Length && text.StartsWith(Start, StringComparison.Ordinal);
}

/// <summary>A key as its owner sees it.</summary>
/// <param name="Id">By which it is revoked.</param>
/// <param name="OwnerId">Whom it calls for.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="Prefix">How the key begins.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it ends; null where it does not.</param>
/// <param name="LastUsedAt">When it last called, to the minute; null where it never did.</param>
internal sealed record OwnedApiKey(
    Guid Id, [Person] Guid OwnerId, [Personal] string Name, [Impersonal] string Prefix, [Impersonal] string[] Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt)
{
    public static readonly Sql Columns = Sql.Raw("id, user_id, name, prefix, scopes, created_at, expires_at, last_used_at");

    public static OwnedApiKey Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetFieldValue<string[]>(4), reader.GetFieldValue<DateTimeOffset>(5), At(reader, 6), At(reader, 7));

    private static DateTimeOffset? At(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
