using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Reviews;

namespace Quitanda.Ordering.Orders;

/// <summary>Products as Reviews sees them: whoever had one in a delivered order has received it. An order that is delivered stays so.</summary>
internal sealed class ReceivedProducts(Db db, ICatalog catalog) : IReviewable
{
    public const string ProductKind = "product";

    public string Kind => ProductKind;

    public Task<bool> IsThere(Guid id, CancellationToken ct) => catalog.IsThere(id, ct);

    public Task<bool> WasReceivedBy(Guid personId, Guid id, CancellationToken ct) => db.ReadFirst(
        $"""
        select true from ordering.orders o join ordering.order_items i on i.order_id = o.id
        where o.customer_id = {personId} and o.status = 'delivered' and i.product_id = {id} limit 1
        """, reader => reader.GetBoolean(0), ct);
}
