using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>A user as they themselves and admins see them. Nothing of passwords is in it, and no e-mail address where they came by a wallet and gave none. The bytes of the avatar are at <c>/api/v1/files/{avatarFileId}/content</c>, for anyone.</summary>
internal sealed record Account(
    [Person] Guid Id, [Personal] string? Email, [Personal] string Name, [Personal] string? Username, [Personal] string? Phone, [Personal] string? FirstName, [Personal] string? LastName,
    [Impersonal] string Locale, Role[] Roles, bool IsActive, bool EmailVerified, [Personal] IReadOnlyDictionary<string, string> Metadata, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    Guid? AvatarFileId)
{
    /// <summary>How many columns <see cref="Read"/> takes from the left.</summary>
    public const int ColumnCount = 15;

    /// <summary>The select list that <see cref="Read"/> reads.</summary>
    public static readonly Sql Columns = Sql.Raw("id, email, name, username, phone, first_name, last_name, locale, roles, is_active, email_verified, metadata, created_at, updated_at, avatar_file_id");

    public static Account Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), Text(reader, 1), reader.GetString(2), Text(reader, 3), Text(reader, 4), Text(reader, 5), Text(reader, 6), reader.GetString(7),
        Separate((Roles)reader.GetInt32(8)), reader.GetBoolean(9), reader.GetBoolean(10), MetadataAttribute.Read(reader.GetString(11)),
        reader.GetFieldValue<DateTimeOffset>(12), reader.GetFieldValue<DateTimeOffset>(13), reader.IsDBNull(14) ? null : reader.GetGuid(14));

    public static Account Of(User user) => new(
        user.Id, user.Email, user.Name, user.Username, user.Phone, user.FirstName, user.LastName, user.Locale,
        Separate(user.Roles), user.IsActive, user.EmailVerified, user.Metadata, user.CreatedAt, user.UpdatedAt, user.AvatarFileId);

    /// <summary>One flag of <see cref="Roles"/> for the API's name of it.</summary>
    public static Roles Flag(Role role) => (Roles)(1 << (int)role);

    /// <summary>Roles as they are held, of their names.</summary>
    public static Roles Together(IEnumerable<Role> roles) => roles.Aggregate(Platform.Roles.None, (all, role) => all | Flag(role));

    private static Role[] Separate(Roles roles) => [.. Enum.GetValues<Role>().Where(role => roles.HasFlag(Flag(role)))];

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
}
