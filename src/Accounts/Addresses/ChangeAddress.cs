using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>Changes one of the caller's addresses. Making it the default ends the other's being it; a default ends only by another taking its place.</summary>
internal static class ChangeAddress
{
    internal sealed record Request(
        [StringLength(50, MinimumLength = 1)] Patch<string> Label = default,
        [StringLength(200, MinimumLength = 1)] Patch<string> Street = default,
        [StringLength(20, MinimumLength = 1)] Patch<string> Number = default,
        [StringLength(200)] Patch<string?> Complement = default,
        [StringLength(100, MinimumLength = 1)] Patch<string> Neighborhood = default,
        [StringLength(100, MinimumLength = 1)] Patch<string> City = default,
        [StringLength(100, MinimumLength = 1)] Patch<string> State = default,
        [StringLength(20, MinimumLength = 1)] Patch<string> PostalCode = default,
        [StringLength(2), RegularExpression("^[A-Z]{2}$")] Patch<string> Country = default,
        Patch<bool> IsDefault = default,
        [Range(-90.0, 90.0)] Patch<double?> Lat = default,
        [Range(-180.0, 180.0)] Patch<double?> Lng = default);

    public static async Task<Results<Ok<SavedAddress>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var all = await AddressBook.Lock(db, caller.Id, ct);
        if (all.Find(address => address.Id == id) is not { } changed)
            return TypedResults.NotFound();
        if (changed.IsDefault && request.IsDefault is { IsSet: true, Value: false })
            throw new InvalidException("isDefault", "cannot be ended; make another address the default instead.");

        Degrees.RequireBothOrNeither(request.Lat.Or(changed.Lat), request.Lng.Or(changed.Lng));

        var now = clock.GetUtcNow();
        if (!changed.IsDefault && request.IsDefault is { IsSet: true, Value: true })
        {
            await AddressBook.EndDefault(db, caller.Id, now, ct);
            changed.IsDefault = true;
        }

        changed.Label = request.Label.Or(changed.Label);
        changed.Street = request.Street.Or(changed.Street);
        changed.Number = request.Number.Or(changed.Number);
        changed.Complement = request.Complement.Or(changed.Complement);
        changed.Neighborhood = request.Neighborhood.Or(changed.Neighborhood);
        changed.City = request.City.Or(changed.City);
        changed.State = request.State.Or(changed.State);
        changed.PostalCode = request.PostalCode.Or(changed.PostalCode);
        changed.Country = request.Country.Or(changed.Country);
        changed.Lat = request.Lat.Or(changed.Lat);
        changed.Lng = request.Lng.Or(changed.Lng);
        changed.UpdatedAt = now;
        return TypedResults.Ok(SavedAddress.Of(changed));
    }
}
