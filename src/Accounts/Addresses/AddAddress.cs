using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>Saves an address of the caller, who has 20 at the most. The first is the default; a later one becomes it if it says so.</summary>
[Refuses("too_many_addresses")]
internal static class AddAddress
{
    /// <param name="Label">What its owner calls it.</param>
    /// <param name="Street">Without the number.</param>
    /// <param name="Number">As text: <c>12-A</c>, <c>s/n</c>.</param>
    /// <param name="Neighborhood">Bairro.</param>
    /// <param name="City">City.</param>
    /// <param name="State">State or region, as the post writes it.</param>
    /// <param name="PostalCode">As the post writes it.</param>
    /// <param name="Country">ISO 3166-1, two capital letters.</param>
    /// <param name="Complement">Flat, block, what to ring.</param>
    /// <param name="IsDefault">Whether it takes the place of the default there was.</param>
    /// <param name="Lat">Where it is on the globe, in degrees (WGS 84); together with <paramref name="Lng"/>.</param>
    /// <param name="Lng">Together with <paramref name="Lat"/>.</param>
    internal sealed record Request(
        [StringLength(50, MinimumLength = 1)] string Label,
        [StringLength(200, MinimumLength = 1)] string Street,
        [StringLength(20, MinimumLength = 1)] string Number,
        [StringLength(100, MinimumLength = 1)] string Neighborhood,
        [StringLength(100, MinimumLength = 1)] string City,
        [StringLength(100, MinimumLength = 1)] string State,
        [StringLength(20, MinimumLength = 1)] string PostalCode,
        [StringLength(2), RegularExpression("^[A-Z]{2}$")] string Country,
        [StringLength(200)] string? Complement = null,
        bool IsDefault = false,
        [Range(-90.0, 90.0)] double? Lat = null,
        [Range(-180.0, 180.0)] double? Lng = null);

    public static async Task<Created<SavedAddress>> Handle(Request request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        Degrees.RequireBothOrNeither(request.Lat, request.Lng);
        var all = await AddressBook.Lock(db, caller.Id, ct);
        if (all.Count >= AddressBook.AtMost)
            throw new RefusedException("too_many_addresses", $"There are {AddressBook.AtMost} addresses already; delete one first.");

        var now = clock.GetUtcNow();
        var address = new Address
        {
            UserId = caller.Id,
            Label = request.Label,
            Street = request.Street,
            Number = request.Number,
            Complement = request.Complement,
            Neighborhood = request.Neighborhood,
            City = request.City,
            State = request.State,
            PostalCode = request.PostalCode,
            Country = request.Country,
            Lat = request.Lat,
            Lng = request.Lng,
            IsDefault = request.IsDefault || all.Count == 0,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (address.IsDefault)
            await AddressBook.EndDefault(db, caller.Id, now, ct);
        db.Add(address);
        return TypedResults.Created($"/api/v1/users/me/addresses/{address.Id}", SavedAddress.Of(address));
    }
}
