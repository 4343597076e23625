using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

/// <summary>The application with the probe module, whose routes and jobs do what a test says.</summary>
public class ProbeApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    internal ProbeScripts Scripts { get; } = new();

    internal CapturedLog Log { get; } = new();

    /// <summary>Adds the probe to an application.</summary>
    internal static void Add(WebApplicationBuilder builder, ProbeScripts scripts) => Add(builder.Services, scripts);

    /// <summary>Adds the probe's services.</summary>
    internal static void Add(IServiceCollection services, ProbeScripts scripts)
    {
        services.AddSingleton<IModule, ProbeModule>().AddSingleton(scripts).AddHostedService<ProbeTables>().AddSingleton<IStartupFilter, ProbeCallers>();
        services.PostConfigure<AuthenticationOptions>(authentication =>
        {
            if (authentication.DefaultScheme is not null)
                return;
            authentication.AddScheme<ProbeScheme>("Probe", "Probe");
            authentication.DefaultScheme = "Probe";
        });
        services.AddTransient<ProbeScheme>().Subscribe<Happened, NoteFirst>(NoteFirst.Kind).Subscribe<Happened, NoteSecond>(NoteSecond.Kind)
            .AddJob<Errand, RunErrand>(RunErrand.Kind).AddOutsideJob<OutsideErrand, string, AskElsewhere>(AskElsewhere.Kind)
            .Every<RingBell>(RingBell.Kind, TimeSpan.FromMinutes(10));
    }

    /// <summary>Another process of the same application on the same database, with a clock of its own or the real one.</summary>
    internal async Task<OtherProcess> StartAnother(Action<WebApplicationBuilder>? configure = null, ProbeScripts? scripts = null)
    {
        var other = new OtherProcess(Build(ConnectionString, builder =>
        {
            Add(builder, scripts ?? Scripts);
            configure?.Invoke(builder);
        }));
        await other.StartAsync();
        return other;
    }

    /// <summary>How many effects of this name were committed.</summary>
    internal Task<long> Effects(string name) => Scalar<long>($"select count(*) from probe.effects where name = {name}");

    internal Task<T> Scalar<T>(Sql sql) => WithDb(async db => (await db.Read(sql, row => row.GetFieldValue<T>(0), CancellationToken.None))[0]);

    internal Task<int> Execute(Sql sql) => WithDb(db => db.Execute(sql, CancellationToken.None));

    protected override void Configure(WebApplicationBuilder builder)
    {
        Add(builder, Scripts);
        builder.Logging.AddProvider(Log);
    }
}

/// <summary>Keeps what the application logged, as the lines of JSON that a process writes.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly MemoryStream _written = new();
    private readonly JsonLines _lines;

    public CapturedLog() => _lines = new(TimeProvider.System, _written);

    public IReadOnlyCollection<string> Lines
    {
        get
        {
            _lines.Flush();
            return Encoding.UTF8.GetString(_written.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    public ILogger CreateLogger(string categoryName) => _lines.CreateLogger(categoryName);

    // The lines are looked at after the application has gone, too.
    public void Dispose() => _lines.Flush();
}

/// <summary>Requests and answers of the probe's tests.</summary>
internal static class Http
{
    /// <summary>Sends a body as it is.</summary>
    public static Task<HttpResponseMessage> Raw(this HttpClient client, HttpMethod method, string target, byte[] body, string? contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return client.SendAsync(new HttpRequestMessage(method, target) { Content = content }, TestContext.Current.CancellationToken);
    }

    /// <summary>Posts JSON text as it is.</summary>
    public static Task<HttpResponseMessage> PostText(this HttpClient client, string target, string json) => client.Raw(HttpMethod.Post, target, Encoding.UTF8.GetBytes(json));

    /// <summary>Posts with headers given as name and value in turn.</summary>
    public static Task<HttpResponseMessage> Post(this HttpClient client, string target, object body, params string[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = JsonContent.Create(body, options: JsonSerializerOptions.Web) };
        for (var i = 0; i < headers.Length; i += 2)
            request.Headers.TryAddWithoutValidation(headers[i], headers[i + 1]);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends without a body, with headers given as name and value in turn.</summary>
    public static Task<HttpResponseMessage> Send(this HttpClient client, HttpMethod method, string target, params string[] headers)
    {
        var request = new HttpRequestMessage(method, target);
        for (var i = 0; i < headers.Length; i += 2)
            request.Headers.TryAddWithoutValidation(headers[i], headers[i + 1]);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static Task<string> Text(this HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public static Task<JsonElement> Json(this HttpResponseMessage response) => response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

    /// <summary>Asserts that the answer is a whole problem with this status and code, and gives it.</summary>
    public static async Task<JsonElement> Problem(this HttpResponseMessage response, int status, string code)
    {
        var text = await response.Text();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Equal($"urn:quitanda:problem:{code}", problem.GetProperty("type").GetString());
        foreach (var member in (string[])["title", "detail", "instance", "traceId"])
            Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty(member).GetString()), member);
        // Whatever went wrong, our own making does not show.
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Quitanda.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        return problem;
    }

    /// <summary>The messages about a field of a problem's errors.</summary>
    public static string[] Errors(this JsonElement problem, string field) =>
        problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(field, out var messages)
            ? [.. messages.EnumerateArray().Select(message => message.GetString()!)]
            : throw new Xunit.Sdk.XunitException($"There is no error of '{field}' in {problem}");
}

/// <summary>Tables for the probe, in whichever application starts first.</summary>
internal sealed class ProbeTables(Database database) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var command = database.Hot.CreateCommand("""
            do $$ begin
                perform pg_advisory_xact_lock(1);
                create schema if not exists probe;
                create table if not exists probe.effects (id bigint generated always as identity primary key, name text not null, at timestamptz not null default clock_timestamp());
                create table if not exists probe.rows (id uuid primary key, list uuid, rank bigint not null, name text not null);
                create index if not exists rows_by_rank on probe.rows (list, rank, id);
                create table if not exists probe.counters (id integer primary key, value bigint not null);
            end $$
            """);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>Says 401 and 403 where no module signs people in.</summary>
internal sealed class ProbeScheme : IAuthenticationHandler
{
    private HttpContext? _http;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _http = context;
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());

    public Task ChallengeAsync(AuthenticationProperties? properties) => Quitanda.Platform.Problem.Of(401).ExecuteAsync(_http!);

    public Task ForbidAsync(AuthenticationProperties? properties) => Quitanda.Platform.Problem.Of(403).ExecuteAsync(_http!);
}

/// <summary>Signs callers in by a header of the tests' own: <c>Authorization: Probe ID [ROLES]</c>.</summary>
internal sealed class ProbeCallers : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((context, inner) =>
        {
            if (context.Request.Headers.Authorization is [{ } value] && value.StartsWith("Probe ", StringComparison.Ordinal))
            {
                var words = value.Split(' ');
                context.User = new(new CallerIdentity(new(Guid.Parse(words[1]), words.Length > 2 ? Enum.Parse<Roles>(words[2]) : Roles.Customer, Guid.CreateVersion7())));
            }

            return inner(context);
        });
        next(app);
    };
}
