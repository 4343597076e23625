using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>What changes of an account: by itself, or by an admin.</summary>
internal sealed record AccountChange(
    Patch<string> Name, Patch<string?> FirstName, Patch<string?> LastName, Patch<string?> Username, Patch<string?> Phone, Patch<string> Locale,
    Patch<IReadOnlyDictionary<string, string>?> Metadata, Patch<Guid?> AvatarFileId = default)
{
    /// <summary>Writes what was sent and nothing else, so that two changes of different fields at once both stay. Null where there is no such user.</summary>
    /// <exception cref="RefusedException"><c>username_taken</c> (409).</exception>
    public async Task<Account?> Write(Db db, Guid userId, DateTimeOffset now, CancellationToken ct)
    {
        if (Name.IsSet || FirstName.IsSet || LastName.IsSet)
            db.Evict(PublicName.Tag(userId));
        try
        {
            return await db.ReadFirst(
                $"""
                update accounts.users set
                    name = case when {Name.IsSet} then {Name.Value?.Trim()} else name end,
                    first_name = case when {FirstName.IsSet} then {FirstName.Value?.Trim()} else first_name end,
                    last_name = case when {LastName.IsSet} then {LastName.Value?.Trim()} else last_name end,
                    username = case when {Username.IsSet} then {Username.Value?.ToLowerInvariant()} else username end,
                    phone = case when {Phone.IsSet} then {Phone.Value} else phone end,
                    locale = case when {Locale.IsSet} then {Locale.Value} else locale end,
                    metadata = case when {Metadata.IsSet} then {Sql.Json(Metadata.Value ?? MetadataAttribute.None)} else metadata end,
                    avatar_file_id = case when {AvatarFileId.IsSet} then {AvatarFileId.Value} else avatar_file_id end,
                    updated_at = greatest(updated_at, {now})
                where id = {userId}
                returning {Account.Columns}
                """, Account.Read, ct);
        }
        catch (PostgresException error) when (error is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "users_username_key" })
        {
            throw new RefusedException("username_taken", "This username is taken.");
        }
    }
}
