using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Catalog;
using Quitanda.MovingIn.Kinds;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn;

/// <summary>
/// Brings in what another system's database holds. It is read as it is at one moment and written in batches, each with a note of what came. So an import that is stopped, however hard, goes on
/// with the next run, and one that is repeated changes nothing.
/// </summary>
public sealed class MoveIn(IServiceProvider services, Executor executor, TimeProvider clock)
{
    private const int MostOrphans = 1000;

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    /// <summary>Brings everything in, and writes the report.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="say">Hears how far it is, a line a second at the most.</param>
    /// <param name="ct">Stops between two batches; what came by then stays, and the next run goes on from there.</param>
    /// <exception cref="InvalidException">An option is not as it must be.</exception>
    /// <exception cref="RefusedException">The database cannot be read, is no such system's, or another import is running.</exception>
    public async Task<MoveInReport> Run(MoveInOptions options, Action<string> say, CancellationToken ct)
    {
        options.Check();
        var system = OldSystem.All.First(one => one.Name == options.From);
        await using var source = await SourceDatabase.Open(options.Address, ct);
        var reading = await Understand(options, system, source, ct);
        var parts = system.Kinds.Select(kind => new Part(kind, SourceQuery.Of(kind.Layout, source.Find), Beside(kind.Lines, source), Beside(kind.Labels, source))).ToList();
        if (parts[0].Query?.Column("email") is null)
            throw new RefusedException("source_unknown", $"This is no database of {system.Name}: no table of users with an e-mail address is in it, or none that may be read.");

        using var report = new MoveInReport(options.ReportPath);
        var isComplete = false;
        var left = await Left(parts, source, ct);
        report.Begin(reading, options);
        try
        {
            if (options.IsDryRun)
                await DryRun(all => All(parts, reading, options, source, report, all, say, ct), () => report.Begin(reading, options), ct);
            else
                await All(parts, reading, options, source, report, batch => executor.Run(batch, ct), say, ct);
            isComplete = true;
        }
        finally
        {
            report.End(isComplete, [.. parts.Select(part => (part.Kind.Name, part.Query, AmountsOf(part, reading)))], left);
        }

        return report;
    }

    /// <summary>Everything in one transaction that is undone: so each row meets the same rules, and those before it.</summary>
    private async Task DryRun(Func<Func<Func<IServiceProvider, Task<List<Outcome>>>, Task<List<Outcome>>>, Task> work, Action begin, CancellationToken ct)
    {
        try
        {
            await executor.Run(async provider =>
            {
                begin();
                await work(batch => batch(provider));
                throw new UndoneException();
            }, ct);
        }
        catch (UndoneException)
        {
            // As it was meant.
        }
    }

    private async Task All(
        List<Part> parts, Reading reading, MoveInOptions options, SourceDatabase source, MoveInReport report,
        Func<Func<IServiceProvider, Task<List<Outcome>>>, Task<List<Outcome>>> commit, Action<string> say, CancellationToken ct)
    {
        foreach (var part in parts)
        {
            report.Name(part.Kind.Name);
            if (part.Query is not { } query)
                continue;
            var (total, done, told) = (await source.Number(query.Count, ct), 0L, clock.GetTimestamp());
            say($"{part.Kind.Name}: {total} in {query.Table.Shown}");
            await foreach (var values in source.Read(query, options.Batch, ct))
            {
                var rows = await Gather(part, query, values, reading, source, ct);
                report.Add(await commit(provider => Batch.Take(provider, part.Kind, rows, reading, ct)));
                done += rows.Count;
                if (clock.GetElapsedTime(told) < TellEvery)
                    continue;
                told = clock.GetTimestamp();
                say($"{part.Kind.Name}: {done} of {total}");
            }

            if (part.Lines is { } lines && lines.Column(part.Kind.Lines!.Value.Field) is not null)
                report.Add((await source.Read(lines.Orphans(part.Kind.Lines.Value.Field, query, MostOrphans), 2, ct)).Select(row => new Outcome(
                    $"{part.Kind.Name}.lines", row[0] ?? "?", Fate.Refused, [], new("orphan", row[1] is null ? "It belongs to nothing." : $"It belongs to {row[1]}, which is not there."))));
        }
    }

    /// <summary>Rows with what belongs to them.</summary>
    private static async Task<List<SourceRow>> Gather(Part part, SourceQuery query, List<string?[]> values, Reading reading, SourceDatabase source, CancellationToken ct)
    {
        var rows = values.ConvertAll(row => new SourceRow(query, row, reading));
        string[] ids = [.. rows.Select(row => row.Id("id")).OfType<string>().Distinct(StringComparer.Ordinal)];
        var byId = rows.Where(row => row.Id("id") is not null).DistinctBy(row => row.Id("id"), StringComparer.Ordinal).ToDictionary(row => row.Id("id")!, StringComparer.Ordinal);
        if (part.Lines is { } lines)
            foreach (var line in (await source.Read(lines, part.Kind.Lines!.Value.Field, ids, ct)).Select(line => new SourceRow(lines, line, reading)))
                if (line.Id(part.Kind.Lines.Value.Field) is { } owner && byId.TryGetValue(owner, out var row))
                    row.Lines.Add(line);
        if (part.Labels is { } labels)
            foreach (var label in (await source.Read(labels, part.Kind.Labels!.Value.Field, ids, ct)).Select(label => new SourceRow(labels, label, reading)))
                if (label.Id(part.Kind.Labels.Value.Field) is { } owner && label.Text("name") is { } name && byId.TryGetValue(owner, out var row))
                    row.Labels.Add(name);
        return rows;
    }

    private async Task<Reading> Understand(MoveInOptions options, OldSystem system, SourceDatabase source, CancellationToken ct)
    {
        await using var scope = services.CreateAsyncScope();
        var store = await scope.ServiceProvider.GetRequiredService<IBusinessTime>().Zone(ct);
        var keepsUtc = system.KeepsUtc || source.Find(["_prisma_migrations"]) is not null;
        return new()
        {
            Name = options.Name ?? system.Name,
            Currency = options.Currency ?? scope.ServiceProvider.GetRequiredService<IOptions<CatalogSettings>>().Value.Currency,
            Amounts = options.Amounts,
            WholeNumbersAre = system.WholeNumbersAre,
            Zone = options.TimeZone is { } zone ? TimeZoneInfo.FindSystemTimeZoneById(zone) : keepsUtc ? TimeZoneInfo.Utc : store,
            StoreZone = store,
            WithAdmins = options.WithAdmins,
            Now = clock.GetUtcNow(),
        };
    }

    private static SourceQuery? Beside((Layout Layout, string Field)? beside, SourceDatabase source) => beside is var (layout, field) ? SourceQuery.Of(layout, source.Find, field) : null;

    /// <summary>Tables that nothing is read from.</summary>
    private static async Task<List<(string Table, long Rows, string Why)>> Left(List<Part> parts, SourceDatabase source, CancellationToken ct)
    {
        var read = parts.SelectMany(part => new[] { part.Query, part.Lines, part.Labels }).OfType<SourceQuery>().SelectMany(query => query.Beside.Prepend(query.Table.Shown)).ToHashSet(StringComparer.Ordinal);
        List<(string, long, string)> left = [];
        foreach (var table in source.Tables.Where(table => !read.Contains(table.Shown)))
            left.Add((table.Shown, await source.Number($"select count(*) from {table.Quoted}", ct), OldSystem.WhyLeft(table)));
        return left;
    }

    private static string AmountsOf(Part part, Reading reading)
    {
        List<string> amounts = [];
        foreach (var (query, field) in new[] { (part.Query, "price"), (part.Query, "total"), (part.Lines, "price") })
            if (query?.Column(field) is { } column)
                amounts.Add($"{query.Table.Shown}.{column.Name} is {column.Type}, read in {(SourceRow.AmountsAre(column, reading) == AmountsIn.Cents ? "cents" : "units")} of {reading.Currency}");
        return string.Join("; ", amounts);
    }

    /// <summary>A kind, and where it was found.</summary>
    private sealed record Part(Kind Kind, SourceQuery? Query, SourceQuery? Lines, SourceQuery? Labels);

    /// <summary>Ends a transaction that was only to be tried.</summary>
    private sealed class UndoneException : Exception;
}
