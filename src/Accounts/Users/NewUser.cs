using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Makes users, whichever way they come.</summary>
internal static class NewUser
{
    /// <summary>
    /// Inserts a user, unless their address or username is somebody's already. The unique indexes decide, not a look beforehand: of two at once with one address, one is told.
    /// </summary>
    public static async Task<bool> Insert(Db db, User user, CancellationToken ct) => await db.Execute(
        $"""
        insert into accounts.users (
            id, email, name, username, phone, first_name, last_name, locale, roles, is_active, email_verified, verify_by, metadata, password_hash, version, created_at, updated_at)
        values (
            {user.Id}, {user.Email}, {user.Name}, {user.Username}, {user.Phone}, {user.FirstName}, {user.LastName}, {user.Locale}, {(int)user.Roles}, {user.IsActive},
            {user.EmailVerified}, {user.VerifyBy}, {Sql.Json(user.Metadata)}, {user.PasswordHash}, {user.Version}, {user.CreatedAt}, {user.UpdatedAt})
        on conflict do nothing
        """, ct) == 1;

    /// <summary>Why somebody could not be inserted: <c>email_taken</c> or <c>username_taken</c> (409).</summary>
    public static async Task<RefusedException> Taken(Db db, User user, CancellationToken ct) =>
        user.Email is { } email && await db.ReadFirst($"select 1 from accounts.users where lower(email collate \"C\") = {User.Normalize(email)}", _ => true, ct)
            ? new("email_taken", "This e-mail address has an account already.")
            : new("username_taken", "This username is taken.");

    /// <summary>Tells the log and the other modules that somebody signed up by themselves.</summary>
    public static void Announce(Db db, User user)
    {
        db.Audit(new AuditEvent("UserRegistered") { PersonId = user.Id, ActorId = user.Id, ResourceType = "users", ResourceId = user.Id.ToString() });
        db.Publish(new UserRegistered(user.Id));
    }
}
