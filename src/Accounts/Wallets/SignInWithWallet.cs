using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Wallets;

/// <summary>
/// Signs in the owner of a wallet by the message of `/auth/wallet/nonce` and the wallet's signature of it (EIP-191). A wallet that nobody has is a new customer's. Who has a second
/// factor needs `code` as well: send all three, the message is still good. What was signed wrongly ends its message. Wallets that are contracts (EIP-1271) cannot sign in.
/// </summary>
[AnswersSecret]
[Refuses("invalid_credentials", 401), Refuses("second_factor_required", 401), Refuses("account_locked", 423), Refuses("no_domain")]
internal static class SignInWithWallet
{
    /// <summary>The clock of the process that wrote a message may be this far ahead.</summary>
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(60);

    internal sealed record Request(
        [StringLength(WalletMessage.Longest, MinimumLength = 1)] string Message,
        [StringLength(132, MinimumLength = 132), RegularExpression("^0x[0-9a-fA-F]{130}$")] string Signature,
        [StringLength(40), RegularExpression(SecondFactor.CodePattern)] string? Code = null) : IPrepared
    {
        /// <summary>What the message says; null where it is none.</summary>
        internal WalletMessage? Said { get; private set; }

        /// <summary>Whether the wallet that it names has signed it; null where that was not looked at.</summary>
        internal bool? IsSigned { get; private set; }

        async Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct)
        {
            Said = WalletMessage.Read(Message);
            // What was not given out here costs no arithmetic.
            if (Said is null || !await WalletNonce.IsGood(services.GetRequiredService<Db>(), Said, services.GetRequiredService<TimeProvider>().GetUtcNow(), ct))
                return;
            IsSigned = Secp256k1.SignerOf(WalletMessage.SignedHash(Message), Convert.FromHexString(Signature.AsSpan(2))) is { } signer && signer.AsSpan().SequenceEqual(Said.Address.Bytes);
        }
    }

    public static async Task<Results<Ok<SignedIn>, Problem>> Handle(
        Request request, WalletPage? page, Device device, Db db, Admission admission, IOptions<AccountSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        if (request.Said is not { } message)
            return Problem.Invalid("message", "is not a message of EIP-4361.");
        if (page is null)
            throw BeginWalletSignIn.NoDomain();
        var now = clock.GetUtcNow();
        if (Wrong(message, page, settings.Value, now) is { } wrong)
            return Refused(wrong);
        if (request.IsSigned is not { } isSigned || !await WalletNonce.Take(db, message, now, ct))
            return Refused("The message was used, or is too old, or is not from here; ask for a new one.");
        var owner = await Owner(db, message.Address, ct);
        if (!isSigned)
        {
            // An answer and not an exception: the message must stay ended.
            WalletNonce.Spend(db, message);
            db.Audit(new AuditEvent("SignInFailed")
            {
                PersonId = owner,
                PersonalFacts = Facts("wallet", message.Address.ToString()),
                Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["factor"] = "first", ["way"] = "wallet" },
            });
            return Refused("The signature is not one of this message by this wallet.");
        }

        var userId = owner ?? await SignUp(db, message.Address, settings.Value, now, ct);
        var answer = await admission.LetIn(db, userId, new("wallet", request.Code), device, ct);
        if (answer.Result is not Ok<SignedIn>)
            return answer;
        WalletNonce.Spend(db, message);
        db.Write($"update accounts.wallets set last_used_at = greatest({now}, created_at) where address = {message.Address.Bytes}");
        return answer;
    }

    /// <summary>What makes a message one that nobody may sign in with here and now; null for nothing.</summary>
    private static string? Wrong(WalletMessage message, WalletPage page, AccountSettings settings, DateTimeOffset now)
    {
        if (message.Domain != page.Domain || message.Uri != page.Uri || (message.Scheme is not null && message.Scheme != page.Scheme))
            return "The message is for another page.";
        if (!BeginWalletSignIn.ChainsOf(settings).Contains(message.ChainId))
            return "The message is for another chain.";
        if (message.IssuedAt > now + ClocksApart || message.NotBefore > now)
            return "The message is not good yet.";
        return message.ExpirationTime is { } end && end > now && message.IssuedAt > now - WalletNonce.Lifetime - ClocksApart ? null : "The message is too old; ask for a new one.";
    }

    private static Task<Guid?> Owner(Db db, WalletAddress address, CancellationToken ct) =>
        db.ReadFirst($"select user_id from accounts.wallets where address = {address.Bytes}", row => (Guid?)row.GetGuid(0), ct);

    /// <summary>Makes the account of a wallet that nobody has.</summary>
    private static async Task<Guid> SignUp(Db db, WalletAddress address, AccountSettings settings, DateTimeOffset now, CancellationToken ct)
    {
        var user = new User { Email = null, Name = address.Short, Locale = settings.Locale, CreatedAt = now };
        await NewUser.Insert(db, user, ct);
        // The primary key decides: of two at once with one wallet, the other's account is the one, and this one never was.
        if (await db.Execute($"insert into accounts.wallets (address, user_id, created_at) values ({address.Bytes}, {user.Id}, {now}) on conflict do nothing", ct) == 0)
        {
            await db.Execute($"delete from accounts.users where id = {user.Id}", ct);
            // Nobody, where that one has gone already: then nobody is let in, and the message is still good.
            return await Owner(db, address, ct) ?? user.Id;
        }

        NewUser.Announce(db, user);
        db.Audit(new AuditEvent("WalletLinked") { PersonId = user.Id, ActorId = user.Id, PersonalFacts = Facts("wallet", address.ToString()) });
        return user.Id;
    }

    private static Dictionary<string, string> Facts(string name, string value) => new(StringComparer.Ordinal) { [name] = value };

    private static Problem Refused(string detail) => Problem.Of(StatusCodes.Status401Unauthorized, "invalid_credentials", detail);
}
