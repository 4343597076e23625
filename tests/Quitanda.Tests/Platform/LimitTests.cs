using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Platform;

/// <summary>An application whose callers may ask twenty times a minute, and say themselves where they come from.</summary>
public sealed class LimitedApp(TestPostgres postgres) : ProbeApp(postgres)
{
    public const int RequestsPerMinute = 20;
    public const int SignIns = 10;
    public const int Guesses = 4;

    private static int _addresses;

    /// <summary>The header by which a test says where a request comes from.</summary>
    internal const string From = "X-Test-Address";

    /// <summary>An address that nobody has come from yet.</summary>
    internal static string NewAddress() => new IPAddress([10, 0, (byte)(Interlocked.Increment(ref _addresses) / 256), (byte)_addresses]).ToString();

    /// <summary>Another process of the same, on the same database and clock.</summary>
    internal Task<OtherProcess> StartSecond(Action<WebApplicationBuilder>? more = null) => StartAnother(builder =>
    {
        Limit(builder);
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
        more?.Invoke(builder);
    });

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        Limit(builder);
    }

    internal static void Limit(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IStartupFilter, Addresses>().AddSingleton<IModule, GuessedModule>().AddOptions<GuessSettings>();
        builder.Configuration["Limits:RequestsPerMinute"] = $"{RequestsPerMinute}";
        builder.Configuration["Accounts:SignInsPerAddress"] = $"{SignIns}";
        builder.Configuration["Accounts:SignInWindowSeconds"] = "120";
    }

    private sealed class Addresses : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, inner) =>
            {
                if (context.Request.Headers[From] is [{ } address])
                    context.Connection.RemoteIpAddress = IPAddress.Parse(address);
                return inner(context);
            });
            next(app);
        };
    }
}

/// <summary>A route that is limited by what it is about.</summary>
internal sealed class GuessedModule : IModule
{
    public void Map(Microsoft.EntityFrameworkCore.ModelBuilder model) { }

    public void Map(Microsoft.AspNetCore.Routing.IEndpointRouteBuilder routes) => routes.MapPost("/probe/guesses", Guess.Handle).ForAnyone()
        .LimitedBy("guess", (GuessSettings settings) => new(settings.Count, 60), (Guess.Request request) => request.Email.ToUpperInvariant())
        .Limited("guess-from", (GuessSettings settings) => new(settings.Count * 2, 60));
}

internal sealed record GuessSettings
{
    public int Count { get; init; } = LimitedApp.Guesses;
}

internal static class Guess
{
    internal sealed record Request(string Email, bool IsWrong = false);

    /// <summary>Refuses whoever is wrong, which undoes what it wrote.</summary>
    [Refuses("conflict")]
    public static async Task<Microsoft.AspNetCore.Http.HttpResults.Ok<Echo<string>>> Handle(Request request, Db db, CancellationToken ct)
    {
        await db.Execute($"insert into probe.effects (name) values ({"guess " + request.Email})", ct);
        return request.IsWrong ? throw new RefusedException("conflict", "Wrong.") : TypedResults.Ok(new Echo<string>(request.Email));
    }
}

public sealed class LimitTests(LimitedApp app) : IClassFixture<LimitedApp>
{
    private const string Shown = "/api/v1/probe/shown/limited";

    [Fact]
    public async Task A_guest_is_counted_by_address_answers_from_memory_included_and_comes_again_in_the_next_minute()
    {
        var (address, other) = (LimitedApp.NewAddress(), LimitedApp.NewAddress());
        for (var left = LimitedApp.RequestsPerMinute - 1; left >= 0; left--)
        {
            var answer = await Get(left % 3 == 0 ? "/api/v1/nowhere" : Shown, address);
            Assert.Equal(("20", $"{left}"), (Header(answer, "RateLimit-Limit"), Header(answer, "RateLimit-Remaining")));
            Assert.InRange(int.Parse(Header(answer, "RateLimit-Reset")!, null), 1, 60);
        }

        var shows = app.Scripts.Shows;
        var refused = await Get(Shown, address);
        await refused.Problem(429, "rate_limited");
        Assert.Equal((Header(refused, "RateLimit-Reset"), "0"), (Header(refused, "Retry-After"), Header(refused, "RateLimit-Remaining")));
        await (await Get("/api/v1/probe/rows", address)).Problem(429, "rate_limited");
        Assert.Equal(HttpStatusCode.OK, (await Get(Shown, other)).StatusCode);
        Assert.Equal(shows, app.Scripts.Shows);

        app.Clock.Advance(TimeSpan.FromSeconds(int.Parse(Header(refused, "Retry-After")!, null)));
        Assert.Equal("19", Header(await Get(Shown, address), "RateLimit-Remaining"));
        // Said once, however often it was refused.
        Assert.Single(app.Log.Lines, line => line.Contains($"Address {address} has made", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_is_counted_wherever_the_requests_come_from_and_apart_from_guests()
    {
        var (id, address) = (Guid.CreateVersion7(), LimitedApp.NewAddress());
        for (var i = 0; i < LimitedApp.RequestsPerMinute; i++)
            Assert.Equal(HttpStatusCode.OK, (await Get(Shown, LimitedApp.NewAddress(), "Authorization", $"Probe {id}")).StatusCode);
        await (await Get(Shown, address, "Authorization", $"Probe {id}")).Problem(429, "rate_limited");
        Assert.Equal("19", Header(await Get(Shown, address), "RateLimit-Remaining"));
        Assert.Equal("19", Header(await Get(Shown, address, "Authorization", $"Probe {Guid.CreateVersion7()}"), "RateLimit-Remaining"));
    }

    [Fact]
    public async Task Whoever_tries_tokens_is_counted_by_address()
    {
        var address = LimitedApp.NewAddress();
        for (var i = 0; i < LimitedApp.RequestsPerMinute; i++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await Get("/api/v1/users/me", address, "Authorization", $"Bearer guess.{i}.x")).StatusCode);
        var refused = await Get("/api/v1/users/me", address, "Authorization", "Bearer one.more.x");
        await refused.Problem(429, "rate_limited");
        // Somebody who is who they say is not refused for it.
        var user = await app.Insert();
        Assert.Equal(HttpStatusCode.OK, (await Get("/api/v1/users/me", address, "Authorization", $"Bearer {app.TokenOf(user)}")).StatusCode);
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:4::1", false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", true)]
    [InlineData("192.0.2.8", "192.0.2.9", false)]
    public async Task An_address_of_IPv6_counts_by_its_first_half(string one, string other, bool isSame)
    {
        Assert.Equal("19", Header(await Get(Shown, one), "RateLimit-Remaining"));
        Assert.Equal(isSame ? "18" : "19", Header(await Get(Shown, other), "RateLimit-Remaining"));
    }

    [Fact]
    public async Task What_is_not_the_API_is_neither_counted_nor_limited()
    {
        var address = LimitedApp.NewAddress();
        for (var i = 0; i <= LimitedApp.RequestsPerMinute; i++)
            await Get(Shown, address);
        foreach (var path in (string[])["/health", "/health/live", "/health/ready", "/openapi/v1.json", "/docs/index.html"])
        {
            var answer = await Get(path, address);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Null(Header(answer, "RateLimit-Limit"));
        }

        await (await Get(Shown, address)).Problem(429, "rate_limited");
    }

    [Fact]
    public async Task With_0_there_is_no_limit()
    {
        await using var open = await app.StartSecond(builder => (builder.Configuration["Limits:RequestsPerMinute"], builder.Configuration["Accounts:SignInsPerAddress"]) = ("0", "0"));
        var (client, address) = (open.GetTestServer().CreateClient(), LimitedApp.NewAddress());
        for (var i = 0; i <= LimitedApp.RequestsPerMinute; i++)
        {
            var answer = await client.Send(HttpMethod.Get, Shown, LimitedApp.From, address);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Null(Header(answer, "RateLimit-Limit"));
            Assert.Equal(HttpStatusCode.Unauthorized, (await SignIn(client, address, i)).StatusCode);
        }
    }

    [Fact]
    public async Task Counts_of_more_callers_than_are_kept_begin_again()
    {
        await using var small = await app.StartSecond(builder => builder.Configuration["Limits:CallersKept"] = "1000");
        var client = small.GetTestServer().CreateClient();
        var address = LimitedApp.NewAddress();
        Assert.Equal("19", Header(await client.Send(HttpMethod.Get, Shown, LimitedApp.From, address), "RateLimit-Remaining"));
        for (var i = 0; i < 1000; i++)
            await client.Send(HttpMethod.Get, Shown, LimitedApp.From, $"2001:db8:{i + 1:x}:1::1");
        Assert.Equal("19", Header(await client.Send(HttpMethod.Get, Shown, LimitedApp.From, address), "RateLimit-Remaining"));
    }

    [Fact]
    public async Task Sign_ins_from_an_address_are_counted_by_two_processes_together_and_exactly()
    {
        await using var second = await app.StartSecond();
        HttpClient[] clients = [app.Guest, second.GetTestServer().CreateClient()];
        var address = LimitedApp.NewAddress();

        var answers = await Task.WhenAll(Enumerable.Range(0, LimitedApp.RequestsPerMinute * 2).Select(i => SignIn(clients[i % 2], address, i)));

        Assert.Equal(LimitedApp.SignIns, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToArray();
        Assert.Equal(answers.Length - LimitedApp.SignIns, refused.Length);
        Assert.All(refused, answer => Assert.Equal("120", Header(answer, "Retry-After")));
        Assert.All(answers, answer => Assert.Equal("10", Header(answer, "RateLimit-Limit")));
        Assert.Equal(Enumerable.Range(0, LimitedApp.SignIns).Select(left => $"{left}").Order(StringComparer.Ordinal),
            answers.Where(answer => answer.StatusCode == HttpStatusCode.Unauthorized).Select(answer => Header(answer, "RateLimit-Remaining")!).Order(StringComparer.Ordinal));

        Assert.Equal(HttpStatusCode.Unauthorized, (await SignIn(clients[0], LimitedApp.NewAddress(), 1)).StatusCode);
        app.Clock.Advance(TimeSpan.FromSeconds(119));
        foreach (var client in clients)
            await (await SignIn(client, address, 2)).Problem(429, "rate_limited");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var client in clients)
            Assert.Equal(HttpStatusCode.Unauthorized, (await SignIn(client, address, 3)).StatusCode);
    }

    [Fact]
    public async Task What_is_rolled_back_has_counted_and_a_subject_is_limited_wherever_it_is_asked_from()
    {
        var email = $"{Guid.CreateVersion7():N}@exemplo.test";
        for (var i = 0; i < LimitedApp.Guesses; i++)
        {
            var wrong = await Guessed(LimitedApp.NewAddress(), i % 2 == 0 ? email : email.ToUpperInvariant(), isWrong: true);
            await wrong.Problem(409, "conflict");
            Assert.Equal($"{LimitedApp.Guesses - 1 - i}", Header(wrong, "RateLimit-Remaining"));
        }

        var refused = await Guessed(LimitedApp.NewAddress(), email, isWrong: false);
        await refused.Problem(429, "rate_limited");
        Assert.Equal("60", Header(refused, "Retry-After"));
        Assert.Equal(0, await app.Effects($"guess {email}"));

        // The other limit of the same route is reached by asking about everybody.
        var address = LimitedApp.NewAddress();
        for (var i = 0; i < 2 * LimitedApp.Guesses; i++)
            Assert.Equal(HttpStatusCode.OK, (await Guessed(address, $"{i}-{email}", isWrong: false)).StatusCode);
        await (await Guessed(address, $"last-{email}", isWrong: false)).Problem(429, "rate_limited");
        // A request that is not valid asks for nothing that is worth counting.
        await (await app.Guest.Post("/api/v1/probe/guesses", new { }, LimitedApp.From, address)).Problem(400, "validation_failed");
    }

    [Fact]
    public async Task Counts_whose_time_is_over_are_deleted()
    {
        await SignIn(app.Guest, LimitedApp.NewAddress(), 0);
        Assert.NotEqual(0, await app.Scalar<long>($"select count(*) from platform.limits"));
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(TestContext.Current.CancellationToken);
        for (var tick = 0; tick < 3; tick++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(5));
            await app.RunJobs();
        }

        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.limits"));
    }

    [Fact]
    public async Task Without_the_database_a_sensitive_route_answers_as_every_other()
    {
        await using var link = new Link(app.ConnectionString);
        await using var cut = Quitanda.Tests.QuitandaApp.Build(link.ConnectionString, builder =>
        {
            ProbeApp.Add(builder, app.Scripts);
            LimitedApp.Limit(builder);
        });
        await cut.StartAsync(TestContext.Current.CancellationToken);
        link.Cut();
        var answer = await SignIn(cut.GetTestServer().CreateClient(), LimitedApp.NewAddress(), 0);
        await answer.Problem(503, "unavailable");
        Assert.Equal("5", Header(answer, "Retry-After"));
    }

    [Fact]
    public async Task Every_operation_of_the_API_says_429_and_its_headers()
    {
        var contract = await DocumentedAnswers.ContractOf(app.Services);
        var operations = contract.Operations.Where(operation => operation.Path.StartsWith("/api/v1/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(operations);
        Assert.All(operations, operation =>
        {
            var responses = operation.Json.GetProperty("responses");
            Assert.True(responses.GetProperty("429").GetProperty("headers").TryGetProperty("Retry-After", out _));
            Assert.All(responses.EnumerateObject(), response => Assert.All((string[])["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
                header => Assert.True(response.Value.GetProperty("headers").TryGetProperty(header, out _), $"{operation.Id} {response.Name} {header}")));
        });
    }

    private Task<HttpResponseMessage> Get(string path, string address, params string[] headers) => app.Guest.Send(HttpMethod.Get, path, [LimitedApp.From, address, .. headers]);

    private Task<HttpResponseMessage> Guessed(string address, string email, bool isWrong) => app.Guest.Post("/api/v1/probe/guesses", new { email, isWrong }, LimitedApp.From, address);

    // Each for an address of its own, whose account is then not locked; from many addresses, the general limit is not reached either.
    private static Task<HttpResponseMessage> SignIn(HttpClient client, string address, int number) =>
        client.Post("/api/v1/auth/login", new { email = $"{number}-{Guid.CreateVersion7():N}@exemplo.test", password = "nobody's" }, LimitedApp.From, address);

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? Assert.Single(values) : null;
}
