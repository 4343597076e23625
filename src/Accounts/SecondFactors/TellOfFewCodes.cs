using Quitanda.Accounts.Letters;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>Tells somebody that few recovery codes are left, unless they have made new ones by then, or need none any more.</summary>
internal sealed class TellOfFewCodes(Db db, IMail mail) : IHandle<TellOfFewCodes.Message>
{
    public const string Kind = "accounts.tell-of-few-codes";

    /// <param name="UserId">Who used one.</param>
    internal sealed record Message(Guid UserId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var left = await db.ReadFirst(
            $"select (select count(*)::integer from accounts.recovery_codes r where r.user_id = a.user_id) from accounts.authenticators a where a.user_id = {message.UserId} and a.confirmed_at is not null",
            row => (int?)row.GetInt32(0), ct);
        if (left <= SecondFactor.FewRecoveryCodes)
            mail.Send(message.UserId, new SecurityNotice { RecoveryCodesLeft = left.Value });
    }
}
