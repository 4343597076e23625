using Quitanda.Accounts;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <content>Where an order can be brought to, and for how much.</content>
internal sealed partial class Terms
{
    /// <summary>
    /// Says what bringing an order costs, or why it cannot be brought. Of the zones that the address is in and whose minimum is met, the cheapest holds.
    /// Without an address the zones that are everywhere are looked at; where there is none, neither is said.
    /// </summary>
    public (DeliveryTerms? Delivery, Refusal? Refusal) JudgePlace(Fulfillment fulfillment, PostalAddress? address, long subtotal)
    {
        if (fulfillment == Fulfillment.Pickup)
            return (new("pickup", 0, "pickup"), null);

        var (code, at) = (address is null ? null : PostalCode.Plain(address.PostalCode), address is { Lat: { } lat, Lng: { } lng } ? new Location(lat, lng) : null);
        DeliveryTerms? best = null;
        Money? least = null;
        var isInOne = false;
        foreach (var zone in _zones)
        {
            if (!zone.Reaches(code, at, _written.Settings.Location))
                continue;
            isInOne = true;
            if (subtotal < zone.Minimum)
                least = least is null || zone.Minimum < least.Amount ? zone.Of.MinimumOrder : least;
            else if (best is null || zone.FeeFor(subtotal) < best.Fee)
                best = new(zone.Name, zone.FeeFor(subtotal), zone.IsFree(subtotal) ? "free_from" : "zone_fee");
        }

        if (best is not null || (!isInOne && address is null))
            return (best, null);
        if (least is not null)
            return (null, new("below_minimum_order", "The goods come to less than the store delivers.",
                new Dictionary<string, object>(StringComparer.Ordinal) { ["minimumOrder"] = least, ["subtotal"] = new Money(subtotal, Currency) }));
        return (null, OutOfReach(code, at));
    }

    /// <summary>The zones that a place is in, the cheapest first, and of those that cost the same the one with the least minimum; or why nothing is brought there.</summary>
    /// <param name="postalCode">As somebody writes it; null where they say only where it is.</param>
    /// <param name="at">Where it is; null where they say only its postal code.</param>
    public (IReadOnlyList<DeliveryZone> Zones, Refusal? Refusal) ZonesOf(string? postalCode, Location? at)
    {
        if (!_delivery.IsOffered)
            return ([], NotOffered(Fulfillment.Delivery));
        var code = postalCode is null ? null : PostalCode.Plain(postalCode);
        DeliveryZone[] reached = [.. _zones.Where(zone => zone.Reaches(code, at, _written.Settings.Location)).OrderBy(zone => zone.Of.Fee.Amount).ThenBy(zone => zone.Minimum).Select(zone => zone.Of with { Name = zone.Name })];
        return reached.Length > 0 ? (reached, null) : (reached, OutOfReach(code, at));
    }

    private Refusal OutOfReach(string? code, Location? at)
    {
        var (rule, sentence) =
            at is null && Array.Exists(_zones, zone => zone.Of.RadiusKm is not null) ? ("location_unknown", "The store does not deliver there, as far as the postal code says; lat and lng would say more.")
            : code is null && Array.Exists(_zones, zone => zone.Of.PostalCodePrefixes is not null) ? ("postal_code_unknown", "The store does not deliver there, as far as lat and lng say; a postal code would say more.")
            : ("delivery_zones", "The store does not deliver there.");
        return new("outside_delivery_area", sentence, new Dictionary<string, object>(StringComparer.Ordinal) { ["rule"] = rule });
    }

    /// <summary>A zone, ready to be asked.</summary>
    private sealed class Zone(DeliveryZone of, int place)
    {
        private readonly string[]? _prefixes = of.PostalCodePrefixes is { } prefixes ? Array.ConvertAll(prefixes, PostalCode.Plain) : null;

        public DeliveryZone Of => of;

        public bool IsEverywhere => _prefixes is null && of.RadiusKm is null;

        public string Name => of.Name ?? (IsEverywhere ? "everywhere" : $"{place + 1}");

        public long Minimum => of.MinimumOrder?.Amount ?? 0;

        public bool Reaches(string? code, Location? at, Location? store)
        {
            if (of.RadiusKm is { } radius)
                return store is not null && at is not null && Globe.Kilometres(store, at) <= radius;
            return _prefixes is null || (code is not null && Array.Exists(_prefixes, prefix => code.StartsWith(prefix, StringComparison.Ordinal)));
        }

        public bool IsFree(long subtotal) => of.FreeFrom is { } from && subtotal >= from.Amount;

        public long FeeFor(long subtotal) => IsFree(subtotal) ? 0 : of.Fee.Amount;
    }
}

/// <summary>Distances on the globe.</summary>
internal static class Globe
{
    /// <summary>The mean radius of the earth (IUGG).</summary>
    private const double Radius = 6371.0088;

    /// <summary>The great-circle distance, by the haversine formula, which is right to half a percent.</summary>
    public static double Kilometres(Location one, Location other)
    {
        var (lat, lng) = (double.DegreesToRadians(other.Lat - one.Lat) / 2, double.DegreesToRadians(other.Lng - one.Lng) / 2);
        var haversine = Math.Pow(Math.Sin(lat), 2) + Math.Cos(double.DegreesToRadians(one.Lat)) * Math.Cos(double.DegreesToRadians(other.Lat)) * Math.Pow(Math.Sin(lng), 2);
        return 2 * Radius * Math.Asin(Math.Min(1, Math.Sqrt(haversine)));
    }
}
