using Microsoft.Extensions.Options;
using Quitanda.Catalog.Categories;
using Quitanda.Catalog.Products;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>Takes a file over that has arrived whole: in the one transaction of its job, so all of it is in the shop or nothing, however the process ends.</summary>
internal sealed class ApplyImport(Db db, IFiles files, IOptions<CatalogSettings> settings, TimeProvider clock) : IHandle<ApplyImport.Message>
{
    public const string Kind = "catalog.apply-import";

    /// <summary>How long one may take: the largest file there may be, several times over.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Rows that one statement takes, so that none comes near the time a statement has.</summary>
    private const int RowsAtOnce = 5_000;

    /// <summary>How long a file may wait, whatever goes wrong, before what it says is out of date: prices and stock go on being changed.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromMinutes(15);

    /// <summary>How long one that is not taken over holds up those behind it: so much less that they have their own time still.</summary>
    public static readonly TimeSpan HoldsUp = TimeSpan.FromMinutes(10);

    /// <summary>What is said of one that did not come to an end.</summary>
    public static readonly BadRow[] GaveUp = [new(0, Column: null, "The import did not come to an end, and nothing of it was written. Import the file again, in smaller parts.")];

    /// <summary>How soon one that waits for another looks again, where nobody tells it.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    internal sealed record Message(Guid ImportId);

    /// <summary>
    /// One at a time, over all processes, and in the order in which they came: each says what its shop is to be like from then on, so the last word is the last one's. One whose turn has not come looks
    /// again later, which is no failure of its own; one that waited too long for whatever reason is refused.
    /// </summary>
    public async Task Handle(Message message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var line = await UpTo(message.ImportId, Sql.Nothing, ct);
        // Only the first in line asks for the lock: so none that waits is in the way of the one it waits for. And nobody who waits holds a runner, or a connection.
        var isAlone = IsNext(line) && await db.ReadFirst($"select pg_try_advisory_xact_lock(hashtextextended('catalog.imports', 0))", row => row.GetBoolean(0), ct);
        if (isAlone)
            line = await UpTo(message.ImportId, Sql.Raw("for update of i"), ct);
        if (line is not [.., var own])
            return;
        if (!isAlone || !IsNext(line))
        {
            db.Schedule(Kind, message, now + Pause);
            return;
        }

        if (now - own.Since > Stale)
        {
            await GiveUp(own);
        }
        else
        {
            foreach (var before in line.SkipLast(1))
                await GiveUp(before);
            await Apply(own, ct);
        }

        await CallNext(own, ct);

        // Of those that came before it none is left but such as failed for too long: one that is being taken over has the lock.
        bool IsNext(List<Waiting> upTo) => upTo.Count > 0 && upTo.SkipLast(1).All(before => now - before.Since > HoldsUp);

        Task GiveUp(Waiting one) => End(one.Id, $"state = 'refused', bad_rows = greatest(bad_rows, 1), errors = {Sql.Json(GaveUp)}", ct);
    }

    /// <summary>A file that waits, the last, and those before it, the oldest first; none where it waits no more.</summary>
    private Task<List<Waiting>> UpTo(Guid id, Sql held, CancellationToken ct) => db.Read(
        $"""
        select i.id, i.columns, i.rows_read, i.created_by, i.updated_at from catalog.imports i join catalog.imports own on own.id = {id} and own.state = 'waiting'
        where i.state = 'waiting' and (i.updated_at, i.id) <= (own.updated_at, own.id) order by i.updated_at, i.id {held}
        """,
        reader => new Waiting(reader.GetGuid(0), reader.GetFieldValue<string[]>(1), reader.GetInt32(2), reader.GetGuid(3), reader.GetFieldValue<DateTimeOffset>(4)), ct);

    /// <summary>The next one need not wait until it looks again.</summary>
    private async Task CallNext(Waiting ended, CancellationToken ct)
    {
        foreach (var next in await db.Read(
            $"select id from catalog.imports where state = 'waiting' and (updated_at, id) > ({ended.Since}, {ended.Id}) order by updated_at, id limit 1", row => row.GetGuid(0), ct))
            db.Schedule(Kind, new Message(next), clock.GetUtcNow());
    }

    private async Task Apply(Waiting waiting, CancellationToken ct)
    {
        // The rows of this file, and the products of one before it, may be thousands more than there were when this connection planned its statements.
        await db.Execute(Db.PlannedAnew(), ct);
        var (id, now) = (waiting.Id, clock.GetUtcNow());
        var rows = new ImportRows(db, id, settings.Value.Currency, now);
        var parts = new ImportedParts(db, files, settings.Value, id, waiting.Columns);
        if (waiting.Columns.Contains(Cells.Category, StringComparer.Ordinal))
            await rows.HoldCategories(ct);
        await rows.Match(ct);
        BadRow[] errors = [.. (await rows.Errors(ct)).Concat(await parts.Errors(ct)).OrderBy(error => error.Row).ThenBy(error => error.Column, StringComparer.Ordinal)];
        if (errors.Length > 0)
        {
            await End(id, $"state = 'refused', bad_rows = {errors.Length}, errors = {Sql.Json(errors.Take(Import.ErrorsAtMost))}", ct);
            return;
        }

        // What is new is in nobody's way, and so comes first; what is held, and whoever sells it waits for, last.
        await rows.NameSlugs(ct);
        var changes = new ImportedChanges(db, id, waiting.Columns, rows, settings.Value.Currency, waiting.CreatedBy, now);
        var (added, differing) = (0, new HashSet<int>());
        var last = await db.ReadFirst($"select coalesce(max(number), 0) from catalog.import_rows where import_id = {id}", reader => reader.GetInt32(0), ct);
        for (var from = 0; from < last; from += RowsAtOnce)
        {
            added += await rows.Add(from, from + RowsAtOnce, ct);
            await parts.Add(from, from + RowsAtOnce, ct);
            differing.UnionWith(await changes.Find(from, from + RowsAtOnce, ct));
            differing.UnionWith(await parts.Find(from, from + RowsAtOnce, ct));
        }

        var changed = await changes.InOrder([.. differing], ct);
        var words = added + changed.Count > 0 ? await rows.UnknownWords([.. differing], ct) : [];
        foreach (var some in changed.Chunk(RowsAtOnce))
        {
            var numbers = Array.ConvertAll(some, row => row.Number);
            await changes.Write(numbers, Array.ConvertAll(some, row => row.ProductId), ct);
            await parts.Change(numbers, ct);
        }

        await rows.Learn(words, ct);
        await Done(waiting, added, changed.Count, ct);
    }

    private async Task Done(Waiting import, int added, int changed, CancellationToken ct)
    {
        if (added + changed > 0)
            await Evict(ct);
        db.Audit(new AuditEvent("ProductsImported")
        {
            ActorId = import.CreatedBy,
            ResourceType = "imports",
            ResourceId = import.Id.ToString(),
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["added"] = $"{added}", ["changed"] = $"{changed}", ["unchanged"] = $"{import.RowsRead - added - changed}" },
        });
        await End(import.Id, $"state = 'done', rows_added = {added}, rows_changed = {changed}, rows_unchanged = {import.RowsRead - added - changed}", ct);
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

    private sealed record Waiting(Guid Id, string[] Columns, int RowsRead, Guid CreatedBy, DateTimeOffset Since);
}
