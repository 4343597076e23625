using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>Deletes one of the caller's addresses. Where it was the default, the newest of the others becomes it.</summary>
internal static class RemoveAddress
{
    public static async Task<Results<NoContent, NotFound>> Handle(Guid id, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var all = await AddressBook.Lock(db, caller.Id, ct);
        if (all.Find(address => address.Id == id) is not { } removed)
            return TypedResults.NotFound();

        await db.Execute($"delete from accounts.addresses where id = {id} and user_id = {caller.Id}", ct);
        if (removed.IsDefault && all.FindLast(address => address.Id != id) is { } next)
        {
            next.IsDefault = true;
            next.UpdatedAt = clock.GetUtcNow();
        }

        return TypedResults.NoContent();
    }
}
