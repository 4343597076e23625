using System.ComponentModel.DataAnnotations;

namespace Quitanda.Ordering;

/// <summary>Settings of orders. Section <c>Ordering</c>.</summary>
public sealed record OrderingSettings
{
    /// <summary>Minutes that an online order may wait for its payment, from when it is placed. Then it is cancelled and its stock returns. Orders that were placed before keep what they were promised.</summary>
    [Range(1, 10_080)]
    public int UnpaidMinutes { get; init; } = 30;

    /// <summary>Minutes that an order may name a quote after it was made.</summary>
    [Range(1, 1440)]
    public int QuoteMinutes { get; init; } = 15;

    /// <summary>Days after which a guest's cart that nobody touched is deleted.</summary>
    [Range(1, 365)]
    public int GuestCartDays { get; init; } = 30;

    /// <summary>Days after a guest's order is done until their contact, the address and what was said about it are forgotten, and its link ends. What was sold stays.</summary>
    [Range(1, 3650)]
    public int GuestDays { get; init; } = 90;

    /// <summary>Guests that may be made from an address within an hour, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int NewGuestsPerAddress { get; init; } = 600;

    /// <summary>Orders that guests may place from an address within an hour, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int GuestOrdersPerAddress { get; init; } = 120;

    /// <summary>Orders of one guest that are neither paid nor done, at the most; the next is refused until one of them is. 0 is no limit.</summary>
    [Range(0, 1000)]
    public int GuestOpenOrders { get; init; } = 5;

    /// <summary>Quotes that guests may ask for from an address within an hour, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int GuestQuotesPerAddress { get; init; } = 1200;

    /// <summary>The front end's page on which a guest follows an order, such as <c>https://loja.example.com/pedido</c>: letters lead there, with the token behind the #. Empty has them lead to the API, by <c>Payments:PublicUrl</c>.</summary>
    [StringLength(500), RegularExpression("^(https?://[^\\s?#]+[^\\s?#/])?$")]
    public string FollowUrl { get; init; } = "";
}
