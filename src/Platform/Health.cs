using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>What a host still has to do before it is sent requests, or why it should be sent no more.</summary>
public sealed class Readiness
{
    private volatile bool _isStopping;

    /// <summary>Whether the host still fills in something it was asked to, such as the demo. Until that is done, the process says it is not ready.</summary>
    public bool IsStarting { get; set; }

    /// <summary>Whether the host is about to stop: it says it is not ready, answers what still comes, and ends each connection with its answer.</summary>
    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }
}

/// <summary>Whether the process lives and whether it can serve.</summary>
internal sealed class Health(Database database, IServiceScopeFactory scopes, IEnumerable<IModule> modules, Subscriptions subscriptions, Readiness readiness, TimeProvider clock)
{
    /// <summary>How far jobs may be behind before the report says so.</summary>
    private const double LagSecondsAtMost = 60;

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
        return report.Status is "ok" or "degraded" ? TypedResults.Ok(report) : new Unready(report);
    }

    private async Task<Report> Check(CancellationToken ct)
    {
        if (database.Watch.IsAway)
            return new("unavailable", "unreachable", "unknown", null, Version);
        try
        {
            // What is not answered in time is left to itself: cancelling it would have to wait for the same database.
            return await Ask(ct).WaitAsync(Patience, TimeProvider.System, ct);
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            return new("unavailable", "unreachable", "unknown", null, Version);
        }
    }

    private async Task<Report> Ask(CancellationToken ct)
    {
        if (!_migrated)
            _migrated = await Migrator.IsCurrent(database, [typeof(Health).Assembly, .. modules.Select(module => module.GetType().Assembly)], ct);
        if (!_migrated)
            return new("unavailable", "ok", "behind", null, Version);

        await using var scope = scopes.CreateAsyncScope();
        var lag = Math.Round((await JobQueue.Lag(scope.ServiceProvider.GetRequiredService<Db>(), subscriptions.Kinds, clock.GetUtcNow(), ct)).TotalSeconds, 1);
        // Every process reads the same queue: were a long one a reason to send none of them requests, the shop would close with the kitchen merely busy.
        return new(readiness.IsStopping ? "stopping" : readiness.IsStarting ? "starting" : lag <= LagSecondsAtMost ? "ok" : "degraded", "ok", "current", lag, Version);
    }

    internal static string Version { get; } = typeof(Health).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    internal sealed record Alive(string Status);

    /// <param name="Status"><c>ok</c>; <c>degraded</c> where jobs are more than a minute behind, which is no reason to send no requests; <c>starting</c>, <c>stopping</c>, <c>unavailable</c>.</param>
    /// <param name="Database"><c>ok</c> or <c>unreachable</c>.</param>
    /// <param name="Migrations"><c>current</c>, <c>behind</c> or <c>unknown</c>.</param>
    /// <param name="JobLagSeconds">How long the oldest due job has waited.</param>
    /// <param name="Version">The version that answers.</param>
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
