using System.Text.Json;
using Npgsql;
using Quitanda.Catalog.Options;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>What a file says of products that is more than their rows: what may be chosen with them, and what shows them.</summary>
/// <param name="db">The unit of work.</param>
/// <param name="files">Where images are.</param>
/// <param name="settings">The catalog's.</param>
/// <param name="id">The import.</param>
/// <param name="columns">Those that the file has.</param>
internal sealed class ImportedParts(Db db, IFiles files, CatalogSettings settings, Guid id, string[] columns)
{
    private readonly bool _hasOptions = columns.Contains(Cells.Options, StringComparer.Ordinal);
    private readonly bool _hasImages = columns.Contains(Cells.Images, StringComparer.Ordinal);

    /// <summary>Rows with images that cannot be shown.</summary>
    public async Task<List<BadRow>> Errors(CancellationToken ct)
    {
        if (!_hasImages)
            return [];
        var wanted = await db.Read($"select distinct image from {ImportRows.Rows} cross join lateral unnest(c.images) as image where r.import_id = {id}", row => row.GetGuid(0), ct);
        var usable = await files.Showable(wanted, ct);
        var unusable = wanted.Where(file => !usable.Contains(file)).ToArray();
        return unusable.Length == 0 ? [] : await db.Read(
            $"select r.number from {ImportRows.Rows} where r.import_id = {id} and c.images && {unusable} order by r.number",
            row => new BadRow(row.GetInt32(0), Cells.Images, "has one that is no public image uploaded by staff."), ct);
    }

    /// <summary>Those of some rows whose products have other parts, by their numbers. Nothing is held.</summary>
    public async Task<List<int>> Find(int after, int upTo, CancellationToken ct) => !_hasOptions && !_hasImages ? [] :
        [.. (await Read($"r.product_id is not null and r.number > {after} and r.number <= {upTo}", ct)).Where(part => part.DiffersInOptions || part.DiffersInImages).Select(part => part.Number)];

    /// <summary>Writes the parts of products that are there and held.</summary>
    public Task Change(int[] numbers, CancellationToken ct) => Write($"r.number = any({numbers})", ct);

    /// <summary>Writes the parts of products that were added of some rows.</summary>
    public Task Add(int after, int upTo, CancellationToken ct) =>
        Write($"r.product_id is null and r.number > {after} and r.number <= {upTo} and (c.options <> '' or cardinality(c.images) > 0)", ct);

    private async Task Write(Sql which, CancellationToken ct)
    {
        if (!_hasOptions && !_hasImages)
            return;
        var parts = await Read(which, ct);
        await WriteOptions(parts.FindAll(part => part.DiffersInOptions), ct);
        await WriteImages(parts.FindAll(part => part.DiffersInImages), ct);
    }

    private async Task WriteOptions(List<Part> parts, CancellationToken ct)
    {
        if (parts.Count == 0)
            return;
        var ids = parts.ConvertAll(part => part.ProductId).ToArray();
        var groups = parts.ConvertAll(part => part.Groups.Length == 0 ? "" : JsonSerializer.Serialize(part.Groups, Wire.Json)).ToArray();
        var counted = parts.ConvertAll(part => part.Groups.SelectMany(group => group.Options).Where(option => option.IsCounted).Select(option => option.Id).ToArray());
        await db.Execute($"""
            update catalog.products p set option_groups = nullif(wanted.groups, '')::jsonb, counts_options = wanted.counts
            from unnest({ids}, {groups}, {counted.ConvertAll(options => options.Length > 0).ToArray()}) as wanted (id, groups, counts) where p.id = wanted.id
            """, ct);
        await db.Execute($"delete from catalog.option_stock where product_id = any({ids}) and not option_id = any({counted.SelectMany(options => options).ToArray()})", ct);
        var counts = parts.SelectMany(part => part.Counts.Select(count => (part.ProductId, Option: count.Key, Stock: count.Value))).ToArray();
        if (counts.Length > 0)
            await db.Execute($"""
                insert into catalog.option_stock (option_id, product_id, stock)
                select option_id, product_id, stock
                from unnest({Array.ConvertAll(counts, count => count.Option)}, {Array.ConvertAll(counts, count => count.ProductId)}, {Array.ConvertAll(counts, count => count.Stock)}) as count (option_id, product_id, stock)
                order by option_id on conflict (option_id) do update set stock = excluded.stock
                """, ct);
        await db.Execute(OptionStock.Judging(ids), ct);
    }

    private async Task WriteImages(List<Part> parts, CancellationToken ct)
    {
        if (parts.Count == 0)
            return;
        var shown = await files.ShowAll(ProductImage.ShownBy, parts.ToDictionary(part => part.ProductId, part => (IReadOnlyList<Guid>)part.Images), ct);
        await db.Execute($"""
            update catalog.products p set images = wanted.images::jsonb
            from unnest({shown.Keys.ToArray()}, {shown.Values.Select(images => JsonSerializer.Serialize(images, Wire.Json)).ToArray()}) as wanted (id, images) where p.id = wanted.id
            """, ct);
    }

    private Task<List<Part>> Read(Sql which, CancellationToken ct) => db.Read(
        $"""
        select p.id, c.options, c.images, p.option_groups, case when p.counts_options then (select jsonb_object_agg(s.option_id, s.stock) from catalog.option_stock s where s.product_id = p.id) end, p.images, r.number
        from {ImportRows.Rows} join catalog.products p on p.id = coalesce(r.product_id, c."newId")
        where r.import_id = {id} and {which}
        """, PartOf, ct);

    private Part PartOf(NpgsqlDataReader row)
    {
        var known = OptionGroup.Read(row.IsDBNull(3) ? null : row.GetString(3));
        var stock = row.IsDBNull(4) ? [] : JsonSerializer.Deserialize<Dictionary<Guid, int>>(row.GetString(4), Wire.Stored)!;
        var part = new Part(row.GetInt32(6), row.GetGuid(0), known, [], [], DiffersInOptions: false, DiffersInImages: false);
        if (_hasOptions)
        {
            var written = row.IsDBNull(1) ? [] : OptionCells.Recognized(OptionCells.Read(row.GetString(1), settings.Currency), known);
            var (groups, counts) = WrittenGroups.Judge(written, known, settings);
            var differs = JsonSerializer.Serialize(groups, Wire.Json) != JsonSerializer.Serialize(known, Wire.Json) || counts.Any(count => !stock.TryGetValue(count.Key, out var left) || left != count.Value);
            part = part with { Groups = groups, Counts = counts, DiffersInOptions = differs };
        }

        if (!_hasImages)
            return part;
        var images = row.IsDBNull(2) ? [] : row.GetFieldValue<Guid[]>(2);
        return part with { Images = images, DiffersInImages = !images.SequenceEqual(ProductImage.Ids(row.GetString(5))) };
    }

    private sealed record Part(int Number, Guid ProductId, OptionGroup[] Groups, Dictionary<Guid, int> Counts, Guid[] Images, bool DiffersInOptions, bool DiffersInImages);
}
