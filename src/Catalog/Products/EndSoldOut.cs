using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>Forgets that a product was sold out when the time has come, and with it every answer that says so.</summary>
internal sealed class EndSoldOut(Db db) : IHandle<EndSoldOut.Message>
{
    public const string Kind = "catalog.end-sold-out";

    /// <param name="ProductId">The product.</param>
    /// <param name="Until">The end that was given: where another has been given since, that one has a job of its own.</param>
    internal sealed record Message(Guid ProductId, DateTimeOffset Until);

    public async Task Handle(Message message, CancellationToken ct)
    {
        if (await db.Execute($"update catalog.products set sold_out_until = null where id = {message.ProductId} and sold_out_until = {message.Until}", ct) > 0)
            Product.Evict(db, message.ProductId);
    }
}
