using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Tokens;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>
/// Whose account it is that a provider vouches for somebody with. Whom we know by the provider's own name for them is that user. Anybody else is known by an address that the provider has
/// verified, and by nothing less.
/// </summary>
internal sealed partial class Arrivals(Takeover takeover, Providers providers, IOptions<AccountSettings> settings, TimeProvider clock)
{
    private const string EmailNotVerified = "email_not_verified";
    private const string AccountInactive = "account_inactive";

    private const int EmailAtMost = 254;
    private const int NameAtMost = 200;

    /// <summary>Somebody may sign up, go or prove their address between two statements of ours; then we look again.</summary>
    private const int LooksAtMost = 5;

    /// <summary>The user, or the word that the front end is told.</summary>
    /// <exception cref="InvalidOperationException">Somebody else was quicker each time; everything is rolled back.</exception>
    public async Task<(Guid UserId, string? Error)> Find(Db db, IMail mail, string provider, Vouched who, CancellationToken ct)
    {
        for (var look = 0; look < LooksAtMost; look++)
        {
            if (await Known(db, provider, who, ct) is { } known)
                return known;
            if (!who.IsVerified || who.Email is not { Length: <= EmailAtMost } email || !EmailForm().IsMatch(email))
                return Refuse(db, provider, EmailNotVerified, null);

            var account = await db.ReadFirst(
                $"select id, email_verified, is_active from accounts.users where lower(email collate \"C\") = {User.Normalize(email)}",
                row => new Account(row.GetGuid(0), row.GetBoolean(1), row.GetBoolean(2)), ct);
            if (account is { IsActive: false })
                return Refuse(db, provider, AccountInactive, account.Id);

            var userId = account is null ? await Make(db, email, who, ct) : account.IsVerified ? await Hold(db, account.Id, email, ct) : await Take(db, account.Id, email, ct);
            if (userId is null)
                continue;
            if (await Link(db, provider, who, userId.Value, ct))
            {
                if (account is { IsVerified: false })
                    Note(db, "AccountTakenOver", provider, who, userId.Value);
                Note(db, "IdentityLinked", provider, who, userId.Value);
                // Whoever was here before is told, in case it was not they.
                if (account is not null)
                    mail.Send(userId.Value, new SecurityNotice { WayLinked = providers.NameOf(provider) });
                return (userId.Value, null);
            }

            // Nobody may be left with an account that nothing leads to: what was written is rolled back.
            if (account is null or { IsVerified: false })
                break;
        }

        throw new InvalidOperationException("Others who signed in at the same moment were quicker each time.");
    }

    /// <summary>A refusal, for the audit log.</summary>
    public static AuditEvent Refused(string provider, string reason, Guid? userId) => new("ProviderSignInRefused") { PersonId = userId, Facts = Facts(provider, reason, null) };

    public static Dictionary<string, string> Facts(string provider, string reason, string? detail)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["provider"] = provider, ["reason"] = reason };
        if (detail is not null)
            facts["detail"] = detail;
        return facts;
    }

    private sealed record Account(Guid Id, bool IsVerified, bool IsActive);

    private static (Guid, string?) Refuse(Db db, string provider, string error, Guid? userId)
    {
        db.Audit(Refused(provider, error, userId));
        return (Guid.Empty, error);
    }

    private async Task<(Guid, string?)?> Known(Db db, string provider, Vouched who, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var known = await db.ReadFirst(
            $"""
            update accounts.identities i set email = {who.Email}, provider = {provider}, last_used_at = greatest(i.last_used_at, {now})
            from accounts.users u where i.issuer = {who.Issuer} and i.subject = {who.Subject} and u.id = i.user_id returning u.id, u.is_active
            """, row => new Account(row.GetGuid(0), true, row.GetBoolean(1)), ct);
        return known is null ? null : known.IsActive ? (known.Id, null) : Refuse(db, provider, AccountInactive, known.Id);
    }

    /// <summary>A new account; null where the address has just got one.</summary>
    private async Task<Guid?> Make(Db db, string email, Vouched who, CancellationToken ct)
    {
        var user = new User { Email = email, EmailVerified = true, Name = NameOf(who, email), Locale = settings.Value.Locale, CreatedAt = clock.GetUtcNow() };
        if (!await NewUser.Insert(db, user, ct))
            return null;
        NewUser.Announce(db, user);
        return user.Id;
    }

    /// <summary>An account whose address is proved, held as it is until the commit; null where it is not so any more.</summary>
    private static Task<Guid?> Hold(Db db, Guid id, string email, CancellationToken ct) => db.ReadFirst(
        $"select id from accounts.users where id = {id} and is_active and email_verified and lower(email collate \"C\") = {User.Normalize(email)} for share", row => (Guid?)row.GetGuid(0), ct);

    /// <summary>An account that anybody may have made with this address, given to whom the address belongs; null where it was proved or changed meanwhile.</summary>
    private async Task<Guid?> Take(Db db, Guid id, string email, CancellationToken ct)
    {
        // Tokens before users, always.
        await MailToken.EndAll(db, id, ct);
        var taken = await db.ReadFirst(
            $"""
            update accounts.users set password_hash = null, email_verified = true, verify_by = null, version = version + 1, updated_at = greatest(updated_at, {clock.GetUtcNow()})
            where id = {id} and is_active and not email_verified and lower(email collate "C") = {User.Normalize(email)} returning id
            """, row => (Guid?)row.GetGuid(0), ct);
        if (taken is not null)
            await takeover.CloseAll(db, id, email, ct);
        return taken;
    }

    /// <summary>False where this identity has just got a user.</summary>
    private async Task<bool> Link(Db db, string provider, Vouched who, Guid userId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.Execute(
            $"""
            insert into accounts.identities (issuer, subject, user_id, provider, email, created_at, last_used_at)
            values ({who.Issuer}, {who.Subject}, {userId}, {provider}, {who.Email}, {now}, {now}) on conflict do nothing
            """, ct) == 1;
    }

    private static void Note(Db db, string action, string provider, Vouched who, Guid userId) => db.Audit(new AuditEvent(action)
    {
        PersonId = userId,
        ActorId = userId,
        ResourceType = "users",
        ResourceId = userId.ToString(),
        Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["way"] = "oauth", ["provider"] = provider },
        PersonalFacts = new Dictionary<string, string>(StringComparer.Ordinal) { ["email"] = who.Email! },
    });

    /// <summary>What they are called, within what a name of ours may be.</summary>
    private static string NameOf(Vouched who, string email)
    {
        var name = who.Name?.Trim() is { Length: > 0 } given ? given : email.Split('@')[0];
        if (name.Length <= NameAtMost)
            return name;
        return name[..(char.IsHighSurrogate(name[NameAtMost - 1]) ? NameAtMost - 1 : NameAtMost)].Trim();
    }

    [GeneratedRegex(User.EmailPattern, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EmailForm();
}
