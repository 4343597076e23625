using System.Data;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>
/// Owns every transaction. Whoever wants something written, HTTP, back office or job, comes through here: begin, work, flush, commit,
/// then wake-ups and evictions. A deadlock or a serialization failure runs the whole again in a fresh scope.
/// </summary>
public sealed partial class Executor(IServiceScopeFactory scopes, Evictions evictions, Signals signals, ILogger<Executor> log)
{
    /// <summary>How often a transaction is tried at the most before its conflict is answered with 503.</summary>
    public const int Attempts = 4;

    /// <summary>
    /// Runs <paramref name="work"/> in one transaction and commits it, unless it throws.
    /// </summary>
    /// <param name="work">Gets the scope whose <see cref="Db"/> is in the transaction. May run up to <see cref="Attempts"/> times.</param>
    /// <param name="ct">Ends the work; a commit that has begun is not abandoned.</param>
    /// <param name="first">The scope of the first attempt; without one each attempt has a scope of its own.</param>
    /// <param name="isolation">Serializable for work that decides by what it has read and does not lock.</param>
    public async Task<T> Run<T>(
        Func<IServiceProvider, Task<T>> work, CancellationToken ct, IServiceProvider? first = null, IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        for (var attempt = 1; ; attempt++)
        {
            var given = attempt == 1 ? first : null;
            await using var scope = given is null ? scopes.CreateAsyncScope() : default(AsyncServiceScope?);
            try
            {
                return await Once(given ?? scope!.Value.ServiceProvider, work, isolation, ct);
            }
            catch (Exception error) when (attempt < Attempts && IsConflict(error))
            {
                Again(log, attempt, error.Message);
            }

            // Jitter keeps two that met once from meeting again.
#pragma warning disable CA5394 // Not a secret.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(2, 12 << attempt)), TimeProvider.System, ct);
#pragma warning restore CA5394
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public Task Run(Func<IServiceProvider, Task> work, CancellationToken ct) => Run(async provider =>
    {
        await work(provider);
        return true;
    }, ct);

    private async Task<T> Once<T>(IServiceProvider provider, Func<IServiceProvider, Task<T>> work, IsolationLevel isolation, CancellationToken ct)
    {
        var db = provider.GetRequiredService<Db>();
        T result;
        try
        {
            await db.Begin(isolation, ct);
            result = await work(provider);
            await db.FlushAndCommit(ct);
        }
        catch
        {
            await db.Rollback();
            throw;
        }
        finally
        {
            await db.Leave();
        }

        Tell(db);
        return result;
    }

    private void Tell(Db db)
    {
        if (db.HasJobs)
            signals.JobsAreDue();
        if (db.Announced.Count > 0)
            signals.Announce(db.Announced);
        if (db.Evicted is not { } evicted)
            return;
        evictions.Hear([evicted.Id], evicted.Tags);
        signals.Evict(evicted);
    }

    private static bool IsConflict(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure } => true,
        { InnerException: { } inner } => IsConflict(inner),
        _ => false,
    };

    [LoggerMessage(10, LogLevel.Information, "Transaction runs again after attempt {Attempt}: {Reason}")]
    private static partial void Again(ILogger log, int attempt, string reason);
}
