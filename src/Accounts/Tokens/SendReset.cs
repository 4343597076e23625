using Quitanda.Accounts.Letters;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>Writes the letter with which somebody sets a new password. Whom it is for may be nobody, which nobody learns.</summary>
internal sealed class SendReset(Db db, IMail mail, LinkPages pages, TimeProvider clock) : IHandle<SendReset.Message>
{
    public const string Kind = "accounts.send-reset";

    /// <param name="UserId">A user's id, or one that nobody has.</param>
    internal sealed record Message(Guid UserId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var token = OpaqueToken.New();
        if (!await db.ReadFirst(MailToken.Issuing(message.UserId, TokenPurpose.ResetPassword, token, email: null, $"true", now), _ => true, ct))
            return;
        db.Audit(new AuditEvent("PasswordResetAsked") { PersonId = message.UserId });
        mail.Send(message.UserId, new ResetLink(pages.ResetPassword(token), token), now + MailToken.ResetLifetime);
    }
}
