using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>What a host still has to do after it answers, such as filling in a demo. Until it is done, the process says it is not ready.</summary>
public sealed class Readiness
{
    /// <summary>Whether the host is still at it.</summary>
    public bool IsStarting { get; set; }
}

/// <summary>Whether the process lives and whether it can serve.</summary>
internal sealed class Health(Database database, IEnumerable<IModule> modules, Readiness readiness, TimeProvider clock)
{
    /// <summary>How far jobs may be behind before a process says it is not ready.</summary>
    private const double LagSecondsAtMost = 600;

    /// <summary>How long the database may take to answer a health check.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private bool _migrated;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health").AllowAnonymous().WithMetadata(new IgnoresAccessToken());
        health.MapGet("/live", Live).WithName("CheckLive");
        health.MapGet("/ready", (Health checks, CancellationToken ct) => checks.Ready(ct)).WithName("CheckReady").Produces<Report>().Produces<Report>(503);
        health.MapGet("", (Health checks, CancellationToken ct) => checks.Ready(ct)).WithName("CheckHealth").Produces<Report>().Produces<Report>(503);
    }

    private static Microsoft.AspNetCore.Http.HttpResults.Ok<Alive> Live() => TypedResults.Ok(new Alive("ok"));

    private async Task<IResult> Ready(CancellationToken ct)
    {
        var report = await Check(ct);
        return report.Status == "ok" ? TypedResults.Ok(report) : new Unready(report);
    }

    private async Task<Report> Check(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            if (!_migrated)
                _migrated = await Migrator.IsCurrent(database, [typeof(Health).Assembly, .. modules.Select(module => module.GetType().Assembly)], limit.Token);
            if (!_migrated)
                return new("unavailable", "ok", "behind", null, Version);
            if (readiness.IsStarting)
                return new("starting", "ok", "current", null, Version);

            await using var command = database.Hot.CreateCommand("select coalesce(extract(epoch from $1 - min(run_at)), 0)::float8 from platform.jobs where state = 'ready' and run_at <= $1");
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = clock.GetUtcNow() });
            var lag = (double)(await command.ExecuteScalarAsync(limit.Token))!;
            return new(lag <= LagSecondsAtMost ? "ok" : "unavailable", "ok", "current", Math.Round(lag, 1), Version);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new("unavailable", "unreachable", "unknown", null, Version);
        }
    }

    internal static string Version { get; } = typeof(Health).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    internal sealed record Alive(string Status);

    internal sealed record Report(string Status, string Database, string Migrations, double? JobLagSeconds, string Version);

    private sealed class Unready(Report report) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            httpContext.Response.Headers.RetryAfter = "5";
            return httpContext.Response.WriteAsJsonAsync(report, Wire.Json);
        }
    }
}
