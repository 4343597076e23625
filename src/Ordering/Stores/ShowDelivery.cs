using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>Shows whether the store delivers to a place and for how much, before anybody has a cart. Nothing of the place is kept.</summary>
internal static class ShowDelivery
{
    internal sealed record Query
    {
        /// <summary>As the country writes it; this, or `lat` and `lng`, or all of them.</summary>
        [StringLength(20, MinimumLength = 1)]
        public string? PostalCode { get; init; }

        /// <summary>Degrees, WGS 84; with `lng` or not at all. Zones by distance need both.</summary>
        [Range(-90.0, 90.0)]
        public double? Lat { get; init; }

        /// <summary>Degrees, WGS 84.</summary>
        [Range(-180.0, 180.0)]
        public double? Lng { get; init; }
    }

    /// <param name="IsDelivered">Whether the store delivers there.</param>
    /// <param name="Zones">Those that the place is in, the cheapest first. Of those whose minimum the goods come to, the cheapest holds.</param>
    /// <param name="Refusal">Why the store does not deliver there; null where it does.</param>
    internal sealed record Response(bool IsDelivered, IReadOnlyList<Zone> Zones, Reason? Refusal);

    /// <summary>A zone that a place is in.</summary>
    /// <param name="Name">As customers know it; `everywhere`, or its number, where it has none.</param>
    /// <param name="Fee">What delivery costs.</param>
    /// <param name="MinimumOrder">The least that the goods must come to; null where any order is welcome.</param>
    /// <param name="FreeFrom">What the goods must come to for delivery to cost nothing; null where it always costs.</param>
    [SchemaId("ReachedZone")]
    internal sealed record Zone(string Name, Money Fee, Money? MinimumOrder, Money? FreeFrom);

    /// <summary>Why the store does not deliver to a place.</summary>
    /// <param name="Code">The code that an order would be refused with: `outside_delivery_area` or `fulfillment_not_offered`.</param>
    /// <param name="Rule">Of the first: `delivery_zones`; or what was not said and might help, `location_unknown` or `postal_code_unknown`.</param>
    /// <param name="Message">The same for people.</param>
    [SchemaId("DeliveryRefusal")]
    internal sealed record Reason(string Code, string? Rule, string Message);

    public static async Task<Ok<Response>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        Degrees.RequireBothOrNeither(query.Lat, query.Lng);
        if (query.PostalCode is null && query.Lat is null)
            throw new InvalidException("postalCode", "or lat and lng are required.");
        var (zones, refusal) = (await Terms.Read(db, ct)).ZonesOf(query.PostalCode, query is { Lat: { } lat, Lng: { } lng } ? new(lat, lng) : null);
        return TypedResults.Ok(new Response(
            refusal is null, [.. zones.Select(zone => new Zone(zone.Name!, zone.Fee, zone.MinimumOrder, zone.FreeFrom))],
            refusal is null ? null : new(refusal.Code, refusal.Facts?.GetValueOrDefault("rule") as string, refusal.Message)));
    }
}
