using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Xunit.Sdk;

namespace Quitanda.Tests;

/// <summary>
/// A thousand bodies that nobody means well, over every route of accounts, of payments, of the catalog, of reviews, of content and of notifications that takes one: none is answered with a failure of ours, nor with anything that the API's document does not say, nor with
/// what is nobody's business. Routes are discovered, so a new one is covered at birth.
/// </summary>
public sealed partial class FuzzTests(FuzzTests.App app) : IClassFixture<FuzzTests.App>
{
    private const int Bodies = 1000;

    /// <summary>The same bodies every time, but where one asks for others: at full size, or by a seed of one's own.</summary>
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("QUITANDA_TEST_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Size.Of(2, Environment.TickCount);

    [Theory]
    [InlineData("Quitanda.Accounts", 15)]
    [InlineData("Quitanda.Payments", 6)]
    [InlineData("Quitanda.Catalog", 7)]
    [InlineData("Quitanda.Ordering", 6)]
    [InlineData("Quitanda.Reviews", 3)]
    [InlineData("Quitanda.Content", 9)]
    [InlineData("Quitanda.Notifications", 4)]
    public async Task Nothing_that_is_sent_gets_an_answer_that_is_not_documented_or_says_too_much(string module, int routesAtLeast)
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"QUITANDA_TEST_SEED={Seed}");
        // What was sent to another module may have shut the store, which things are bought in.
        var keeper = app.As(await app.Insert(Roles.Customer | Roles.Admin));
        await (await keeper.Send(HttpMethod.Put, "/api/v1/store", Things.Store())).Body();
        await (await keeper.Post("/api/v1/store/resume")).Body();
        var things = await Things.Make(app);
        var routes = Things.Routes(app).Where(route => TakesBody(route.Endpoint, module)).OrderBy(route => route.Pattern, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal).ToList();
        Assert.True(routes.Count >= routesAtLeast);
        var email = People.NewEmail();
        var registered = await app.Register(email);
        var callers = new (string Who, HttpClient Client)[] { ("a guest", app.Guest), ("a customer", app.CreateClient(registered.Text("accessToken"))), ("an admin", app.As(await app.Insert(Roles.Customer | Roles.Admin))) };
        var secrets = await SecretsOf(registered.GetProperty("user").Id(), registered);
        var (random, statuses) = (new Random(Seed), new Dictionary<int, int>());

        for (var number = 0; number < Bodies; number++)
        {
            var (method, pattern, _) = routes[number % routes.Count];
            var (who, client) = callers[number / routes.Count % callers.Length];
            var path = things.PathOf(pattern)?.Path ?? pattern;
            Assert.False(path.Contains("{}", StringComparison.Ordinal), $"{pattern} names something; make one in Things, so that it is covered.");
            var body = Fuzz.Body(random, await things.ExampleFor(method, pattern) ?? "{}");

            var (status, answer) = await Send(client, method, path, body, $"Body {number} of QUITANDA_TEST_SEED={Seed}, {method} {path} as {who}");

            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            var (sent, what) = (Encoding.UTF8.GetString(body), $"Body {number} of QUITANDA_TEST_SEED={Seed}, {method} {path} as {who}: {Fuzz.Shown(body)}\nwas answered {status}: {answer}");
            Assert.True(status < 500, what);
            // What was sent may come back; what was not says something of ours.
            Assert.False(Inside().Matches(answer).Any(match => !sent.Contains(match.Value, StringComparison.OrdinalIgnoreCase)), what);
            Assert.All(secrets, secret => Assert.False(answer.Contains(secret, StringComparison.OrdinalIgnoreCase), what));
        }

        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.errors where type <> 'E'"));
        // They got past the door as well, and some were good: nobody was refused for all of them by mistake.
        Assert.Superset(new HashSet<int> { 200, 400, 401, 403 }, statuses.Keys.ToHashSet());
        foreach (var (who, client) in callers[1..])
            Assert.True((await client.Get("/api/v1/users/me")).IsSuccessStatusCode, $"{who} did not last");
    }

    [Fact]
    public void What_is_inside_is_found()
    {
        foreach (var inside in (string[])["System.InvalidOperationException: x", "   at Quitanda.Platform.Db.Read()", "Npgsql", "relation \"accounts.users\" does not exist", "select id from accounts.users", "42P01: x", "AQAAAAIAAYagAAAAE", "password_hash"])
            Assert.Matches(Inside(), inside);
        Assert.DoesNotMatch(Inside(), """{"type":"urn:quitanda:problem:validation_failed","errors":{"email":["is not an address."]}}""");
    }

    private static bool TakesBody(RouteEndpoint route, string module) =>
        route.Metadata.GetMetadata<IAcceptsMetadata>() is not null && route.Metadata.GetMetadata<MethodInfo>()?.DeclaringType?.Namespace?.StartsWith(module, StringComparison.Ordinal) == true;

    private static async Task<(int Status, string Text)> Send(HttpClient client, string method, string path, byte[] body, string what)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json") { CharSet = "utf-8" };
        try
        {
            var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        catch (XunitException undocumented)
        {
            throw new XunitException($"{what}: {Fuzz.Shown(body)}\n{undocumented.Message}", undocumented);
        }
    }

    /// <summary>What is known of somebody and is nobody's to read.</summary>
    private async Task<List<string>> SecretsOf(Guid userId, JsonElement registered) =>
    [
        (await app.Scalar<string>($"select password_hash from accounts.users where id = {userId}"))!, registered.Text("refreshToken"), registered.Text("accessToken"),
        QuitandaApp.TestSecret, People.Password, app.ConnectionString,
    ];

    /// <summary>How exceptions, stack traces, SQL and hashes look.</summary>
    [GeneratedRegex(
        @"\b\w*Exception\b|^\s*at \w+\.\w+|\b(System|Microsoft|Npgsql|Quitanda)\.[A-Z]\w+|\bNpgsql\b|\b(accounts|platform|payments|catalog|reviews|content)\.[a-z_]+\b|\b(select|insert into|update|delete from)\s+\w+\s+(from|set|where|values)\b|\b[0-9]{2}[0-9A-Z]{3}: |\bAQAAAA[A-Za-z0-9+/]{8}|\$2[aby]\$|password_?hash|\brelation ""|\bviolates\b",
        RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Inside();

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres);
}
