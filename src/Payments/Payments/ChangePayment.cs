using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>Changes a client's own notes on a payment: all of them, or none with null. One's own payment, or any for staff. Nothing else about a payment can be changed.</summary>
internal static class ChangePayment
{
    internal sealed record Request([Metadata] Patch<IReadOnlyDictionary<string, string>?> Metadata = default);

    public static async Task<Results<Ok<PaymentDetails>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, PaymentView view, TimeProvider clock, CancellationToken ct)
    {
        if (request.Metadata.IsSet)
            await db.Execute(
                $"""
                update payments.payments set metadata = {Sql.Json(request.Metadata.Value ?? MetadataAttribute.None)}, updated_at = greatest(updated_at, {clock.GetUtcNow()})
                where id = {id} and (payer_id = {caller.Id} or {caller.Is(Roles.Staff)})
                """, ct);
        return await GetPayment.Handle(id, caller, db, view, ct);
    }
}
