using Microsoft.Extensions.Options;
using Quitanda.Catalog.Categories;
using Quitanda.Catalog.Products;
using Quitanda.Catalog.Search;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>Takes a file over that has arrived whole: in the one transaction of its job, so all of it is in the shop or nothing, however the process ends.</summary>
internal sealed class ApplyImport(Db db, IOptions<CatalogSettings> settings, TimeProvider clock) : IHandle<ApplyImport.Message>
{
    public const string Kind = "catalog.apply-import";

    /// <summary>Rows that one statement takes, so that none comes near the time a statement has.</summary>
    private const int RowsAtOnce = 5_000;

    internal sealed record Message(Guid ImportId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var id = message.ImportId;
        var waiting = await db.ReadFirst(
            $"select columns, rows_read, created_by from catalog.imports where id = {id} and state = 'waiting' for update",
            reader => new Waiting(reader.GetFieldValue<string[]>(0), reader.GetInt32(1), reader.GetGuid(2)), ct);
        if (waiting is null)
            return;

        var rows = new ImportRows(db, id, waiting.Columns, settings.Value.Currency, clock.GetUtcNow());
        var categories = await rows.HoldCategories(ct);
        await rows.Match(ct);
        if (await rows.Errors(ct) is { Count: > 0 } errors)
        {
            await End(id, $"state = 'refused', bad_rows = {errors.Count}, errors = {Sql.Json(errors.Take(Import.ErrorsAtMost))}", ct);
            return;
        }

        await rows.HoldProducts(ct);
        await rows.NameSlugs(ct);
        var (added, changed) = (0, 0);
        var last = await db.ReadFirst($"select coalesce(max(number), 0) from catalog.import_rows where import_id = {id}", reader => reader.GetInt32(0), ct);
        for (var from = 0; from < last; from += RowsAtOnce)
        {
            changed += await rows.Change(from, from + RowsAtOnce, ct);
            added += await rows.Add(from, from + RowsAtOnce, ct);
        }

        await rows.Learn([.. categories.Select(category => SearchWords.Of(category.Name))], ct);
        if (added + changed > 0)
            await Evict(ct);
        db.Audit(new AuditEvent("ProductsImported")
        {
            ActorId = waiting.CreatedBy,
            ResourceType = "imports",
            ResourceId = id.ToString(),
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["added"] = $"{added}", ["changed"] = $"{changed}", ["unchanged"] = $"{waiting.RowsRead - added - changed}" },
        });
        await End(id, $"state = 'done', rows_added = {added}, rows_changed = {changed}, rows_unchanged = {waiting.RowsRead - added - changed}", ct);
    }

    private async Task End(Guid id, Sql how, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await db.Execute($"update catalog.imports set {how}, updated_at = {now}, finished_at = {now} where id = {id}", ct);
        await db.Execute($"delete from catalog.import_rows where import_id = {id}", ct);
    }

    /// <summary>Every answer that shows one product carries the category it was in: so a tag for each category forgets thousands of products.</summary>
    private async Task Evict(CancellationToken ct)
    {
        db.Evict(Product.All);
        foreach (var category in await db.Read($"select id from catalog.categories", reader => reader.GetGuid(0), ct))
            db.Evict(Category.Tag(category));
    }

    private sealed record Waiting(string[] Columns, int RowsRead, Guid CreatedBy);
}
