using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Ordering.Contacts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>Changes a client's own notes on an order: all of them, or none with null. One's own order, or any for staff. Everything else about it has a verb of its own.</summary>
internal static class ChangeOrder
{
    internal sealed record Request([Metadata] Patch<IReadOnlyDictionary<string, string>?> Metadata = default);

    public static async Task<Results<Ok<OrderDetails>, NotFound>> Handle(Guid id, Request request, Caller caller, FollowLinks links, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (request.Metadata.IsSet)
            await db.Execute(
                $"""
                update ordering.orders set metadata = {Sql.Json(request.Metadata.Value ?? MetadataAttribute.None)}, updated_at = greatest(updated_at, {clock.GetUtcNow()})
                where id = {id} and (customer_id = {caller.Id} or {caller.Is(Roles.Staff)})
                """, ct);
        return await ShowOrder.Handle(id, caller, links, db, ct);
    }
}
