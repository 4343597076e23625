using FsCheck;
using FsCheck.Fluent;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;
using static Quitanda.Tests.Ordering.Stores.AStore;

namespace Quitanda.Tests.Ordering.Stores;

/// <summary>Where an order can be brought to, and for how much.</summary>
public sealed class PlacesTests
{
    [Theory]
    [InlineData("01310-100", "centro 500 zone_fee")]
    [InlineData("01310100", "centro 500 zone_fee")]
    [InlineData(" 013 10 100 ", "centro 500 zone_fee")]
    [InlineData("02000-000", "outside_delivery_area")]
    [InlineData("sw1a 1AA", "londres 900 zone_fee")]
    [InlineData("SW1A1AA", "londres 900 zone_fee")]
    [InlineData("SW2", "outside_delivery_area")]
    public void Postal_codes_are_compared_without_spaces_hyphens_and_case(string code, string said) =>
        Assert.Equal(said, Say([Zone(500, prefixes: ["01-3", "014"], name: "centro"), Zone(900, prefixes: ["Sw1A"], name: "londres")], code: code));

    [Theory]
    [InlineData(-23.5513, -46.6344, "perto 300 zone_fee")]
    [InlineData(-23.5614, -46.6559, "perto 300 zone_fee")] // Avenida Paulista, 2.46 km
    [InlineData(-23.5874, -46.6576, "longe 800 zone_fee")] // Ibirapuera, 4.67 km
    [InlineData(-22.9519, -43.2105, "outside_delivery_area")] // Rio de Janeiro, 356 km
    [InlineData(null, null, "outside_delivery_area")]
    public void A_radius_reaches_as_far_as_the_crow_flies(double? lat, double? lng, string said) =>
        Assert.Equal(said, Say([Zone(300, radius: 3, name: "perto"), Zone(800, radius: 5, name: "longe")], lat: lat, lng: lng));

    [Fact]
    public void Distances_are_those_of_the_globe()
    {
        Assert.Equal(356.08, Globe.Kilometres(Se, new(-22.9519, -43.2105)), 0.01);
        Assert.Equal(111.195, Globe.Kilometres(new(0, 179.5), new(0, -179.5)), 0.001); // Over the date line
        Assert.Equal(20_015.1, Globe.Kilometres(new(0, 0), new(0, 180)), 0.1);
        Assert.Equal(0, Globe.Kilometres(new(90, 10), new(90, -120)), 0.001); // Every meridian ends at the pole.
    }

    [Theory]
    [InlineData(1000, "everywhere 900 zone_fee")] // The cheaper one has a minimum.
    [InlineData(2000, "centro 500 zone_fee")]
    [InlineData(4999, "centro 500 zone_fee")]
    [InlineData(5000, "everywhere 0 free_from")] // The dearer one costs nothing from here.
    public void Of_overlapping_zones_the_cheapest_holds_whose_minimum_is_met(long subtotal, string said) =>
        Assert.Equal(said, Say([Zone(900, freeFrom: 5000), Zone(500, minimum: 2000, prefixes: ["01"], name: "centro")], subtotal));

    [Fact]
    public void Below_every_minimum_the_least_is_named()
    {
        DeliveryZone[] zones = [Zone(500, minimum: 3000, prefixes: ["01"]), Zone(900, minimum: 2000), Zone(100, minimum: 1000, prefixes: ["99"])];
        var refusal = Terms(Always, zones: zones).JudgePlace(Fulfillment.Delivery, Address(), 1999).Refusal!;
        Assert.Equal("below_minimum_order", refusal.Code);
        Assert.Equal((new Money(2000, "BRL"), new Money(1999, "BRL")), ((Money)refusal.Facts!["minimumOrder"], (Money)refusal.Facts["subtotal"]));
        Assert.Equal("everywhere 900 zone_fee", Say(zones, 2000));
    }

    [Fact]
    public void Whoever_is_outside_is_told_what_would_say_more()
    {
        Assert.Equal("delivery_zones", Rule([Zone(500, prefixes: ["99"])]));
        Assert.Equal("location_unknown", Rule([Zone(500, prefixes: ["99"]), Zone(500, radius: 3)]));
        static object Rule(DeliveryZone[] zones) => Terms(Always, new(Location: Se), zones: zones).JudgePlace(Fulfillment.Delivery, Address(), 1).Refusal!.Facts!["rule"];
    }

    [Fact]
    public void Before_there_is_an_address_only_everywhere_is_known_and_a_pickup_goes_nowhere()
    {
        Assert.Equal((null, null), Terms(Always, zones: [Zone(500, prefixes: ["01"])]).JudgePlace(Fulfillment.Delivery, null, 1));
        Assert.Equal(900, Terms(Always, zones: [Zone(500, prefixes: ["01"]), Zone(900)]).JudgePlace(Fulfillment.Delivery, null, 1).Delivery!.Fee);
        Assert.Equal(new DeliveryTerms("pickup", 0, "pickup"), Terms(Always, zones: []).JudgePlace(Fulfillment.Pickup, null, 1).Delivery);
    }

    [Fact]
    public void A_closed_store_far_away_says_both()
    {
        var judgement = Terms([], zones: [Zone(500, prefixes: ["99"])]).Judge(new(Fulfillment.Delivery, null, Address(), 1), At("2026-03-02T15:00:00Z"));
        Assert.Equal(["store_closed", "outside_delivery_area"], judgement.Refusals.Select(refusal => refusal.Code), StringComparer.Ordinal);
        Assert.Equal((null, null), (judgement.Promise, judgement.Delivery));
    }

    private sealed record Case(DeliveryZone[] Zones, string Code, double Lat, long Subtotal);

    [Fact]
    public void No_other_zone_would_have_been_cheaper()
    {
        var amount = Gen.Choose(0, 40).Select(step => 250L * step);
        var zone = from fee in amount
                   from minimum in Gen.OneOf(Gen.Constant((long?)null), amount.Select(least => (long?)least))
                   from free in Gen.OneOf(Gen.Constant((long?)null), amount.Select(least => (long?)least))
                   from kind in Gen.Choose(0, 2)
                   from prefix in Gen.Elements("0", "01", "012", "0123", "9")
                   from radius in Gen.Elements(1.0, 5.0, 20.0)
                   select Zone(fee, minimum, kind == 0 ? [prefix, "77"] : null, kind == 1 ? radius : null, free);
        var cases = from count in Gen.Choose(1, 6)
                    from zones in zone.ArrayOf(count)
                    from code in Gen.Elements("01234-000", "01300-000", "77000-000", "90000-000", "50000-000")
                    from north in Gen.Elements(0.0, 0.02, 0.1, 1.0) // 0, 2, 11 and 111 km
                    from subtotal in amount
                    select new Case(zones, code, Se.Lat + north, subtotal);
        var seen = (Taken: 0, Free: 0, Below: 0, Outside: 0);

        Prop.ForAll(cases.ToArbitrary(), made =>
        {
            var (delivery, refusal) = Terms(Always, new(Location: Se), zones: made.Zones).JudgePlace(Fulfillment.Delivery, Address(made.Code, made.Lat, Se.Lng), made.Subtotal);
            var inside = made.Zones.Where(one => one.RadiusKm is { } radius ? Math.Abs(made.Lat - Se.Lat) * 111.2 <= radius
                : one.PostalCodePrefixes?.Any(prefix => made.Code.StartsWith(prefix, StringComparison.Ordinal)) ?? true).ToList();
            var met = inside.Where(one => one.MinimumOrder is null || one.MinimumOrder.Amount <= made.Subtotal).ToList();
            if (met.Count > 0)
            {
                var least = met.Min(one => one.FreeFrom is { } free && free.Amount <= made.Subtotal ? 0 : one.Fee.Amount);
                seen = delivery?.Rule == "free_from" ? seen with { Free = seen.Free + 1 } : seen with { Taken = seen.Taken + 1 };
                return refusal is null && delivery!.Fee == least;
            }

            seen = inside.Count > 0 ? seen with { Below = seen.Below + 1 } : seen with { Outside = seen.Outside + 1 };
            return delivery is null && (inside.Count > 0
                ? refusal!.Code == "below_minimum_order" && ((Money)refusal.Facts!["minimumOrder"]).Amount == inside.Min(one => one.MinimumOrder!.Amount)
                : refusal!.Code == "outside_delivery_area");
        }).QuickCheckThrowOnFailure();

        Assert.True(seen is { Taken: > 0, Free: > 0, Below: > 0, Outside: > 0 }, $"{seen}");
    }

    private static string Say(DeliveryZone[] zones, long subtotal = 1000, string code = "01012-010", double? lat = null, double? lng = null)
    {
        var (delivery, refusal) = Terms(Always, new(Location: Se), zones: zones).JudgePlace(Fulfillment.Delivery, Address(code, lat, lng), subtotal);
        return delivery is not null ? $"{delivery.Zone} {delivery.Fee} {delivery.Rule}" : refusal!.Code;
    }
}
