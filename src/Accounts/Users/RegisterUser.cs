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
        if (!await NewUser.Insert(db, user, ct))
            throw await NewUser.Taken(db, user, ct);

        NewUser.Announce(db, user);
        var token = OpaqueToken.New();
        db.Write(MailToken.Issuing(user.Id, TokenPurpose.VerifyEmail, token, request.Email, $"true", now));
        mail.Send(user.Id, new Welcome(request.Email, pages.VerifyEmail(token), token));
        return TypedResults.Created("/api/v1/users/me", sessions.Begin(db, Account.Of(user), user.Version, device));
    }
}
