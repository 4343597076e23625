using System.ComponentModel.DataAnnotations;
using Quitanda.Accounts;
using Quitanda.Catalog;
using Quitanda.Ordering.Contacts;
using Quitanda.Ordering.Coupons;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>What somebody wants: the body of an order and of a quote.</summary>
/// <param name="Items">What is wanted, or <paramref name="Cart"/>. A product may be in several lines.</param>
/// <param name="Fulfillment">Whether it is brought or picked up.</param>
/// <param name="AddressId">One of the customer's own addresses; delivery takes this or <paramref name="Address"/>.</param>
/// <param name="Address">Where it is brought to.</param>
/// <param name="ScheduledFor">When it is wanted; as soon as can be without it.</param>
/// <param name="Notes">For the kitchen or the courier.</param>
/// <param name="Tip">On top, in the store's currency.</param>
/// <param name="PaymentMethod">A manual order is paid when it is handed over.</param>
/// <param name="Metadata">The client's own notes, returned as given.</param>
/// <param name="CouponCode">A code that takes something off, in any case.</param>
/// <param name="ChangeFor">The cash that will be handed over for a manual order, so that the change is at hand.</param>
/// <param name="QuoteId">A quote of the same: the order comes to what was quoted, or is refused as <c>quote_stale</c>.</param>
/// <param name="Cart">That what is in the caller's cart is wanted: an order empties it.</param>
/// <param name="Contact">Who is asked for, and how they are reached. A guest must say; whoever has an account may.</param>
internal sealed record OrderRequest(
    Fulfillment Fulfillment,
    [MinLength(1), MaxLength(100)] OrderRequest.Line[]? Items = null,
    Guid? AddressId = null,
    OrderRequest.DeliveryAddress? Address = null,
    DateTimeOffset? ScheduledFor = null,
    [StringLength(500)] string? Notes = null,
    Money? Tip = null,
    PaymentMethod PaymentMethod = PaymentMethod.Online,
    [Metadata] IReadOnlyDictionary<string, string>? Metadata = null,
    [CouponCode] string? CouponCode = null,
    Money? ChangeFor = null,
    Guid? QuoteId = null,
    bool Cart = false,
    OrderContact? Contact = null)
{
    /// <summary>A product and how many of it. Its price is the store's to say.</summary>
    /// <param name="ProductId">The product.</param>
    /// <param name="Quantity">Pieces.</param>
    /// <param name="Options">What is chosen with each piece.</param>
    /// <param name="Notes">What is asked of this line, such as no onions.</param>
    [SchemaId("OrderRequestLine")]
    internal sealed record Line(Guid ProductId, [Range(1, 999)] int Quantity, [MaxLength(50)] ChosenOption[]? Options = null, [StringLength(200)] string? Notes = null)
    {
        /// <summary>The line as the catalog takes it.</summary>
        public WantedLine Wanted => new(ProductId, Quantity, Options is { Length: > 0 } ? Array.ConvertAll(Options, option => new WantedOption(option.OptionId, option.Quantity)) : null);
    }

    /// <summary>An option, and how many times each piece has it.</summary>
    [SchemaId("ChosenOption")]
    internal sealed record ChosenOption(Guid OptionId, [Range(1, 50)] int Quantity = 1);

    /// <summary>An address that is written out with the order.</summary>
    /// <param name="Street">Its name.</param>
    /// <param name="Number">Of the house.</param>
    /// <param name="Neighborhood">Part of the city.</param>
    /// <param name="City">Its name.</param>
    /// <param name="State">Its name or short form.</param>
    /// <param name="PostalCode">As the country writes it.</param>
    /// <param name="Country">ISO 3166-1, two letters.</param>
    /// <param name="Complement">Flat, floor, what is next to it.</param>
    /// <param name="Lat">Degrees, WGS 84; with <paramref name="Lng"/> or not at all. Zones by distance need both.</param>
    /// <param name="Lng">Degrees, WGS 84.</param>
    [SchemaId("OrderAddressRequest")]
    internal sealed record DeliveryAddress(
        [StringLength(200, MinimumLength = 1)] string Street,
        [StringLength(20, MinimumLength = 1)] string Number,
        [StringLength(100, MinimumLength = 1)] string Neighborhood,
        [StringLength(100, MinimumLength = 1)] string City,
        [StringLength(100, MinimumLength = 1)] string State,
        [StringLength(20, MinimumLength = 1)] string PostalCode,
        [RegularExpression("^[A-Z]{2}$")] string Country,
        [StringLength(200)] string? Complement = null,
        [Range(-90, 90)] double? Lat = null,
        [Range(-180, 180)] double? Lng = null);

    /// <summary>The rules over several members.</summary>
    /// <exception cref="InvalidException">One is broken.</exception>
    public void RequireSense(DateTimeOffset now)
    {
        if (Cart == Items is not null)
            throw new InvalidException("items", Cart ? "cannot be given together with cart." : "or cart is required.");
        if (Contact is { Phone: null, Email: null })
            throw new InvalidException("contact.phone", "or email is required.");
        if (Fulfillment == Fulfillment.Pickup && (AddressId is not null || Address is not null))
            throw new InvalidException(AddressId is not null ? "addressId" : "address", "is for delivery only.");
        if (Fulfillment == Fulfillment.Delivery && AddressId is null && Address is null)
            throw new InvalidException("addressId", "or address is required for delivery.");
        if (AddressId is not null && Address is not null)
            throw new InvalidException("address", "cannot be given together with addressId.");
        if (ScheduledFor <= now)
            throw new InvalidException("scheduledFor", "must be in the future.");
        Degrees.RequireBothOrNeither(Address?.Lat, Address?.Lng, "address");
        if (ChangeFor is not null && PaymentMethod != PaymentMethod.Manual)
            throw new InvalidException("changeFor", "is for orders that are paid by hand.");
    }

    /// <summary>Holds what is said of money to the store's currency.</summary>
    /// <exception cref="InvalidException">Something is in another.</exception>
    public void RequireCurrency(string currency)
    {
        if (Tip is not null && Tip.Currency != currency)
            throw new InvalidException("tip.currency", $"must be the store's own, {currency}.");
        if (ChangeFor is not null && ChangeFor.Currency != currency)
            throw new InvalidException("changeFor.currency", $"must be the store's own, {currency}.");
    }

    /// <summary>Where it is brought to; null where it is picked up.</summary>
    /// <exception cref="InvalidException">The address is none of the customer's.</exception>
    public async ValueTask<PostalAddress?> FindAddress(Guid? customerId, IAccounts accounts, CancellationToken ct)
    {
        if (AddressId is { } id)
            return (customerId is { } owner ? await accounts.FindAddress(owner, id, ct) : null) ?? throw new InvalidException("addressId", "is none of your addresses.");
        return Address is { } given
            ? new(given.Street, given.Number, given.Complement, given.Neighborhood, given.City, given.State, given.PostalCode, given.Country) { Lat = given.Lat, Lng = given.Lng }
            : null;
    }

    /// <summary>What is noted with each of these lines; null where nothing is with any.</summary>
    public static string?[]? NotesOf(Line[] lines) => Array.Exists(lines, line => line.Notes is not null) ? Array.ConvertAll(lines, line => string.IsNullOrWhiteSpace(line.Notes) ? null : line.Notes) : null;
}
