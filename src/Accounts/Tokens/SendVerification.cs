using Quitanda.Accounts.Letters;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>Writes the letter with which somebody proves their address, unless they have. Whom it is for may be nobody, which nobody learns.</summary>
internal sealed class SendVerification(Db db, IMail mail, LinkPages pages, TimeProvider clock) : IHandle<SendVerification.Message>
{
    public const string Kind = "accounts.send-verification";

    /// <param name="UserId">A user's id, or one that nobody has.</param>
    internal sealed record Message(Guid UserId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var token = OpaqueToken.New();
        if (await db.ReadFirst(MailToken.Issuing(message.UserId, TokenPurpose.VerifyEmail, token, email: null, $"not u.email_verified", now), _ => true, ct))
            mail.Send(message.UserId, new VerifyAddress(pages.VerifyEmail(token), token), now + MailToken.ProofLifetime);
    }
}
