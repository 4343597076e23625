using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>Forgets imports that are a month old, and what came of files that stopped arriving.</summary>
internal sealed class ForgetImports(Db db) : IHandle<Tick>
{
    public const string Kind = "catalog.forget-imports";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>A file that is arriving says so with every few hundred rows.</summary>
    private static readonly TimeSpan Silent = TimeSpan.FromHours(1);

    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    public async Task Handle(Tick message, CancellationToken ct)
    {
        await db.Execute($"delete from catalog.imports where state = 'receiving' and updated_at < {message.At - Silent}", ct);
        // Its job gave up, or is not tried again in time, and nobody would ever tell who asked for it.
        await db.Execute(
            $"""
            update catalog.imports set state = 'refused', bad_rows = greatest(bad_rows, 1), finished_at = {message.At}, errors = {Sql.Json(ApplyImport.GaveUp)}, updated_at = {message.At}
            where state = 'waiting' and updated_at < {message.At - ApplyImport.Stale}
            """, ct);
        await db.Execute($"delete from catalog.imports where created_at < {message.At - KeptFor}", ct);
    }
}
