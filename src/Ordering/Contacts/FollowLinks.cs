using Microsoft.Extensions.Options;
using Quitanda.Ordering.Orders;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Ordering.Contacts;

/// <summary>Links by which a guest's order is followed from any device: whoever has one sees that order and nothing else, and can do nothing to it. One is good until what the guest left is forgotten.</summary>
internal sealed class FollowLinks(Secrets secrets, IOptions<OrderingSettings> settings, IOptions<PaymentSettings> payments)
{
    private readonly SignedIds _tokens = new(secrets, "quitanda followed orders", "qof_");
    private readonly string _page = settings.Value.FollowUrl;
    private readonly string? _api = payments.Value.PublicUrl?.TrimEnd('/');

    /// <summary>What makes an order of <c>ordering.orders o</c> one that can be followed: a guest's whose contact is still there.</summary>
    public static readonly Sql IsFollowed = Sql.Raw("o.is_guest and o.contact is not null");

    /// <summary>The order that a token is for; null where it is none of ours.</summary>
    public Guid? Read(string token) => _tokens.Read(token);

    /// <summary>The order's token, for the guest whose order it is; null for everybody else, who have an account to look it up in.</summary>
    public string? TokenFor(Caller caller, Guid orderId) => caller.IsGuest ? _tokens.Write(orderId) : null;

    /// <summary>Where a letter leads: the front end's page, or else the API itself. Null for an account's order, and where no address of ours is known.</summary>
    public Uri? PageOf(Order order) => !order.IsGuest ? null
        // Behind the #, a token gets into no server's log and into no Referer header.
        : _page.Length > 0 ? new($"{_page}#token={_tokens.Write(order.Id)}")
        : _api is not null ? new($"{_api}/api/v1/orders/followed/{_tokens.Write(order.Id)}")
        : null;
}
