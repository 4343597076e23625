using Microsoft.Extensions.Options;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>
/// Links by which whoever reads a mail asks for no more of its kind, without signing in. A token is a delivery's id and the house's word for it, so that it is good for that person, kind and channel and for
/// nothing else, and as long as the delivery is in the log.
/// </summary>
internal sealed class ExitLinks(Secrets secrets, ModulesOff off, IOptions<NoticeSettings> settings, IOptions<PaymentSettings> payments)
{
    private readonly SignedIds _tokens = new(secrets, "quitanda unsubscribe", "qun_");
    private readonly string _page = settings.Value.UnsubscribeUrl;
    // While the module is off, its links lead nowhere.
    private readonly bool _isOff = off.Has(typeof(ExitLinks));
    private readonly string? _api = payments.Value.PublicUrl?.TrimEnd('/');

    /// <summary>The delivery that a token is for; null where it is none of ours.</summary>
    public Guid? Read(string token) => _tokens.Read(token);

    /// <summary>Where a mail leads; null where no address of ours is known, or nobody answers there.</summary>
    public MailExit? Of(Guid deliveryId)
    {
        if (_isOff)
            return null;
        var token = _tokens.Write(deliveryId);
        var oneClick = _api is null ? null : new Uri($"{_api}/api/v1/notifications/unsubscribe/{token}");
        // Behind the #, a token gets into no server's log and into no Referer header.
        return _page.Length > 0 ? new(oneClick, new($"{_page}#token={token}")) : oneClick is null ? null : new(oneClick, oneClick);
    }
}
