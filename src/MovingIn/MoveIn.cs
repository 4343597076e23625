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
public sealed class MoveIn(IServiceProvider services, Executor executor, ModulesOff off, TimeProvider clock)
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
                // While the other database sorts what it has, this transaction waits, and for longer than any other may.
                await provider.GetRequiredService<Db>().Execute(Sql.Raw("set local idle_in_transaction_session_timeout = 0"), ct);
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
            var (total, done, told) = (await source.Count(query, ct), 0L, clock.GetTimestamp());
            say($"{part.Kind.Name}: {total} in {query.Table.Shown}");
            if (off.Has(part.Kind.Incoming))
            {
                report.Leave(part.Kind.Name, total, new("module_off", $"The module that takes them, {part.Kind.Incoming.Assembly.GetName().Name}, is off here; they come with a run when it is on."));
                continue;
            }

            await source.CloseAll(ct);
            var lines = await source.Open("source_lines", part.Lines, part.Kind.Lines?.Field, query, ct);
            var labels = await source.Open("source_labels", part.Labels, part.Kind.Labels?.Field, query, ct);
            await foreach (var values in source.Read(query, options.Batch, ct))
            {
                done += values.Count;
                var rows = values.ConvertAll(row => new SourceRow(query, row, reading));
                Gather(part, rows, reading, lines is null ? [] : await lines.UpTo(done, ct), labels is null ? [] : await labels.UpTo(done, ct));
                report.Add(await commit(provider => Batch.Take(provider, part.Kind, rows, reading, ct)));
                if (clock.GetElapsedTime(told) < TellEvery)
                    continue;
                told = clock.GetTimestamp();
                say($"{part.Kind.Name}: {done} of {total}");
            }

            if (part.Lines is { } lost)
                report.Add((await source.Read(lost.Orphans(part.Kind.Lines!.Value.Field, query, MostOrphans), 2, ct)).Select(row => new Outcome(
                    $"{part.Kind.Name}.lines", row[0] ?? "?", Fate.Refused, [], new("orphan", row[1] is null ? "It belongs to nothing." : $"It belongs to {row[1]}, which is not there."))));
        }
    }

    /// <summary>Gives rows what belongs to them.</summary>
    private static void Gather(Part part, List<SourceRow> rows, Reading reading, List<(string Key, string?[] Values)> lines, List<(string Key, string?[] Values)> labels)
    {
        var byId = rows.Where(row => row.Id("id") is not null).DistinctBy(row => row.Id("id"), StringComparer.Ordinal).ToDictionary(row => row.Id("id")!, StringComparer.Ordinal);
        foreach (var (key, values) in lines)
            if (byId.TryGetValue(key, out var row))
                row.Lines.Add(new(part.Lines!, values, reading));
        foreach (var (key, values) in labels)
            if (byId.TryGetValue(key, out var row) && new SourceRow(part.Labels!, values, reading).Text("name") is { } name)
                row.Labels.Add(name);
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
    private static async Task<List<LeftTable>> Left(List<Part> parts, SourceDatabase source, CancellationToken ct)
    {
        var read = parts.SelectMany(part => new[] { part.Query, part.Lines, part.Labels }).OfType<SourceQuery>().SelectMany(query => query.Beside.Prepend(query.Table.Shown)).ToHashSet(StringComparer.Ordinal);
        List<LeftTable> left = [];
        foreach (var table in source.Tables.Where(table => !table.IsView && !read.Contains(table.Shown)))
        {
            var (rows, isEstimate, why) = await source.CountOf(table, ct);
            left.Add(new(table.Shown, rows, isEstimate, why is null ? OldSystem.WhyLeft(table) : $"{OldSystem.WhyLeft(table)} Its rows cannot be counted: {why}."));
        }

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
