using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Passwords;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Tokens;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>
/// Signs somebody up as a customer and signs them in. Each e-mail address and each username has one account, whatever their case. A letter goes to the address, with which
/// it is to be verified. The commonest passwords are refused.
/// </summary>
[AnswersSecret]
[Refuses("email_taken"), Refuses("username_taken"), Refuses("unavailable", 503)]
internal static class RegisterUser
{
    internal sealed record Request(
        [StringLength(200), RegularExpression(User.LinePattern)] string Name,
        [StringLength(254), RegularExpression(User.EmailPattern)] string Email,
        [StringLength(PasswordHashing.Longest, MinimumLength = PasswordHashing.Shortest), Uncommon] string Password,
        [StringLength(30, MinimumLength = 3), RegularExpression(User.UsernamePattern)] string? Username = null,
        [StringLength(16), RegularExpression(User.PhonePattern)] string? Phone = null,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null) : IPrepared
    {
        internal string? Hash { get; private set; }

        async Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct) => Hash = await services.GetRequiredService<PasswordHashing>().Hash(Password, ct);
    }

    public static async Task<Created<SignedIn>> Handle(
        Request request, Device device, Db db, Sessions.Sessions sessions, IMail mail, LinkPages pages, IOptions<MailSettings> mails, IOptions<AccountSettings> settings,
        TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var user = new User
        {
            Email = request.Email,
            Name = request.Name.Trim(),
            Username = request.Username?.ToLowerInvariant(),
            Phone = request.Phone,
            Metadata = MetadataAttribute.Kept(request.Metadata),
            Locale = settings.Value.Locale,
            PasswordHash = request.Hash,
            CreatedAt = now,
            // Nobody can prove an address that no letter goes to.
            VerifyBy = mails.Value.IsOn() && settings.Value.UnverifiedDays > 0 ? now.AddDays(settings.Value.UnverifiedDays) : null,
        };
        // The unique indexes decide, not a look beforehand: of two at once with one address, one is told.
        var inserted = await db.Execute(
            $"""
            insert into accounts.users (id, email, name, username, phone, locale, roles, is_active, email_verified, verify_by, metadata, password_hash, version, created_at, updated_at)
            values ({user.Id}, {user.Email}, {user.Name}, {user.Username}, {user.Phone}, {user.Locale}, {(int)user.Roles}, true, false, {user.VerifyBy}, {Sql.Json(user.Metadata)}, {user.PasswordHash}, {user.Version}, {user.CreatedAt}, {user.CreatedAt})
            on conflict do nothing
            """, ct);
        if (inserted == 0)
            throw await db.ReadFirst($"select 1 from accounts.users where lower(email collate \"C\") = {User.Normalize(user.Email)}", _ => true, ct)
                ? new RefusedException("email_taken", "This e-mail address has an account already.")
                : new RefusedException("username_taken", "This username is taken.");

        db.Audit(new AuditEvent("UserRegistered") { PersonId = user.Id, ActorId = user.Id, ResourceType = "users", ResourceId = user.Id.ToString() });
        db.Publish(new UserRegistered(user.Id, user.Email, user.Name));
        var token = MailToken.New();
        db.Write(MailToken.Issuing(user.Id, TokenPurpose.VerifyEmail, token, user.Email, $"true", now));
        mail.Send(user.Id, new Welcome(user.Email, pages.VerifyEmail(token), token));
        return TypedResults.Created("/api/v1/users/me", sessions.Begin(db, Account.Of(user), user.Version, device));
    }
}
