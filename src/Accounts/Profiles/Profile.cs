using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Profiles;

/// <summary>What somebody tells of themselves. All of it is empty for who has told nothing.</summary>
/// <param name="Bio">In their own words, up to 2,000 characters.</param>
/// <param name="Website">Absolute, http or https.</param>
/// <param name="Location">Where they say they live.</param>
/// <param name="DateOfBirth">A calendar day.</param>
internal sealed record Profile([Personal] string? Bio, [Personal] string? Website, [Personal] string? Location, [Personal] DateOnly? DateOfBirth)
{
    public const int LongestBio = 2000;
    public const int LongestWebsite = 500;
    public const int LongestLocation = 200;

    /// <summary>The select list that <see cref="Read"/> reads.</summary>
    public static readonly Sql Columns = Sql.Raw("bio, website, location, date_of_birth");

    public static Profile Read(NpgsqlDataReader row) => new(
        row.IsDBNull(0) ? null : row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetFieldValue<DateOnly>(3));

    /// <summary>The profile of a user who may have told nothing yet; null where there is no such user.</summary>
    public static Task<Profile?> Find(Db db, Guid userId, CancellationToken ct) =>
        db.ReadFirst($"select {Columns} from accounts.users u left join accounts.profiles p on p.user_id = u.id where u.id = {userId}", Read, ct);
}

/// <summary>A profile as it is stored: a row for who has told something.</summary>
internal sealed class StoredProfile
{
    public required Guid UserId { get; init; }
    public string? Bio { get; init; }
    public string? Website { get; init; }
    public string? Location { get; init; }
    public DateOnly? DateOfBirth { get; init; }
}
