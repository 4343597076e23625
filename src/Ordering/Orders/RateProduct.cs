using Quitanda.Catalog;
using Quitanda.Platform;
using Quitanda.Reviews;

namespace Quitanda.Ordering.Orders;

/// <summary>Keeps with a product what its reviews come to, whatever it is told of, in whatever order, and however often: it counts anew.</summary>
internal sealed class RateProduct(IReviews reviews, ICatalog catalog) : IHandle<RatingChanged>
{
    public const string Kind = "ordering.rate-product";

    public async Task Handle(RatingChanged message, CancellationToken ct)
    {
        if (message.Kind != ReceivedProducts.ProductKind)
            return;
        // What is counted is held until this commits, so nobody who counted sooner writes later.
        var tally = await reviews.Count(message.Kind, message.Id, ct);
        await catalog.SetRating(message.Id, tally.Stars, tally.Reviews, ct);
    }
}
