using Quitanda.Catalog.Options;
using Quitanda.Platform;

namespace Quitanda.Catalog.Products;

/// <summary>What the catalog tells and does for other modules, in the transaction of whoever asks.</summary>
internal sealed class CatalogContract(Db db, Stock stock) : ICatalog
{
    public Task<IReadOnlyList<TakenLine>> TakeStock(IReadOnlyList<WantedLine> lines, CancellationToken ct) => stock.Take(lines, ct);

    public Task ReturnStock(IReadOnlyList<HeldLine> lines, CancellationToken ct) => stock.Return(lines, ct);

    public Task<IReadOnlyList<LookedLine>> Look(IReadOnlyList<WantedLine> lines, CancellationToken ct) => stock.Look(lines, ct);

    public Task<bool> IsThere(Guid productId, CancellationToken ct) =>
        db.ReadFirst($"select true from catalog.products where id = {productId} and archived_at is null", reader => reader.GetBoolean(0), ct);

    public Task SetRating(Guid productId, long stars, int reviews, CancellationToken ct) => Rating.Set(db, productId, stars, reviews, ct);

    public async Task<IReadOnlyDictionary<Guid, IReadOnlySet<Guid>>> OptionsOf(IReadOnlyCollection<Guid> productIds, CancellationToken ct) =>
        (await db.Read(
            $"select id, option_groups from catalog.products where id = any({productIds.ToArray()}) and archived_at is null",
            row => (row.GetGuid(0), (IReadOnlySet<Guid>)OptionGroup.Read(row.IsDBNull(1) ? null : row.GetString(1)).SelectMany(group => group.Options).Select(option => option.Id).ToHashSet()), ct)).ToDictionary();

    public async Task<IReadOnlyDictionary<Guid, string>> CategoryNames(IReadOnlyCollection<Guid> ids, CancellationToken ct) =>
        (await db.Read($"select id, name from catalog.categories where id = any({ids.ToArray()})", row => (Id: row.GetGuid(0), Name: row.GetString(1)), ct)).ToDictionary(row => row.Id, row => row.Name);
}
