using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Where the store delivers to, and for how much.</summary>
/// <param name="Fee">What delivery costs.</param>
/// <param name="MinimumOrder">The least that the goods must come to; null where any order is welcome.</param>
/// <param name="PostalCodePrefixes">Null is everywhere, which is all that this version knows.</param>
internal sealed record DeliveryZone(Money Fee, Money? MinimumOrder = null, [MaxLength(1000)] string[]? PostalCodePrefixes = null);

/// <summary>The shop: one row, made by the migration.</summary>
internal sealed class Store
{
    /// <summary>The cache tag of everything that shows the store.</summary>
    public const string Tag = "store";

    public int Id { get; private init; }
    public string Name { get; private set; } = "";
    public string Currency { get; private set; } = "";
    public string TimeZone { get; private set; } = "";
    public OpeningInterval[] OpeningHours { get; private set; } = [];
    public DeliveryZone[] DeliveryZones { get; private set; } = [];
    public bool AcceptingOrders { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes everything that staff decide about the shop.</summary>
    /// <exception cref="InvalidException">An amount in another currency than the store's, or a zone that is not everywhere.</exception>
    public void Change(ChangeStore.Request to, DateTimeOffset at)
    {
        for (var place = 0; place < to.DeliveryZones.Length; place++)
        {
            var zone = to.DeliveryZones[place];
            if (zone.PostalCodePrefixes is not null)
                throw new InvalidException($"deliveryZones[{place}].postalCodePrefixes", "must be null: this version delivers everywhere for one fee.");
            if (zone.Fee.Currency != to.Currency)
                throw new InvalidException($"deliveryZones[{place}].fee.currency", $"must be the store's own, {to.Currency}.");
            if (zone.MinimumOrder is not null && zone.MinimumOrder.Currency != to.Currency)
                throw new InvalidException($"deliveryZones[{place}].minimumOrder.currency", $"must be the store's own, {to.Currency}.");
        }

        (Name, Currency, TimeZone, AcceptingOrders) = (to.Name, to.Currency, to.TimeZone, to.AcceptingOrders);
        (OpeningHours, DeliveryZones) = (to.OpeningHours, to.DeliveryZones);
        UpdatedAt = at;
    }
}

/// <summary>The store as it is shown and as it was changed.</summary>
internal sealed record StoreDetails(
    string Name, string Currency, string TimeZone, OpeningInterval[] OpeningHours, DeliveryZone[] DeliveryZones, bool AcceptingOrders, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static StoreDetails Of(Store store) =>
        new(store.Name, store.Currency, store.TimeZone, store.OpeningHours, store.DeliveryZones, store.AcceptingOrders, store.CreatedAt, store.UpdatedAt);
}
