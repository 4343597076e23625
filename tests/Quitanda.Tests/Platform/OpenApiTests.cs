using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

/// <summary>An application in which everybody is an admin, so that what a route refuses is the request and not the caller.</summary>
public sealed class OpenDoorsApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddTransient<Everybody>();
        builder.Services.PostConfigure<AuthenticationOptions>(authentication =>
        {
            authentication.AddScheme<Everybody>(nameof(Everybody), displayName: null);
            authentication.DefaultScheme = nameof(Everybody);
        });
    }

    private sealed class Everybody(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.Success(new(
            new ClaimsPrincipal(new CallerIdentity(new Caller(Guid.CreateVersion7(), Roles.Admin, Guid.CreateVersion7()))), nameof(Everybody))));
    }
}

public sealed class OpenApiTests(OpenDoorsApp app) : IClassFixture<OpenDoorsApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_is_of_version_3_1_and_names_itself()
    {
        var document = (await Contract()).Document;

        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.Equal("Quitanda", document.GetProperty("info").GetProperty("title").GetString());
        Assert.Equal("Apache-2.0", document.GetProperty("info").GetProperty("license").GetProperty("identifier").GetString());
        Assert.Equal("/", document.GetProperty("servers")[0].GetProperty("url").GetString());
    }

    [Fact]
    public async Task Anyone_gets_the_document_and_gets_it_once()
    {
        var first = await app.Guest.GetAsync("/openapi/v1.json", Ct);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await app.Guest.SendAsync(again, Ct)).StatusCode);
    }

    [Fact]
    public async Task Every_route_has_an_operation()
    {
        var documented = (await Contract()).Operations.Select(operation => $"{operation.Method} {Nameless(operation.Path)}").ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(ApiRoutes());
        Assert.All(ApiRoutes().Select(route => $"{route.Method} {Nameless(route.Path)}"), route => Assert.Contains(route, documented));
    }

    [Fact]
    public async Task Every_operation_has_an_id_of_its_own()
    {
        var ids = (await Contract()).Operations.Select(operation => operation.Id).ToArray();

        Assert.Distinct(ids, StringComparer.Ordinal);
        Assert.All(ids, id => Assert.Matches("^[A-Z][A-Za-z0-9]+$", id));
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_and_what_it_can_answer()
    {
        Assert.All((await Contract()).Operations, operation =>
        {
            Assert.NotEmpty(operation.Json.GetProperty("summary").GetString()!);
            Assert.NotEqual(0, operation.Json.GetProperty("tags").GetArrayLength());
            Assert.True(operation.Json.TryGetProperty("security", out _), $"{operation.Id} says nothing about who may call it.");
            if (operation.Path.StartsWith("/api/", StringComparison.Ordinal))
                Assert.True(operation.Json.TryGetProperty("description", out _), $"{operation.Id} has no summary in its source.");

            var statuses = operation.Json.GetProperty("responses").EnumerateObject().Select(response => int.Parse(response.Name, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Contains(statuses, status => status is >= 200 and < 400);
            Assert.Contains(503, statuses);
            Assert.Contains(400, statuses);
            if (AsksForCaller(operation))
                Assert.Contains(401, statuses);
            if (operation.Json.TryGetProperty("requestBody", out _))
                Assert.Contains(415, statuses);
        });
    }

    [Fact]
    public async Task Every_error_is_a_problem_with_its_codes()
    {
        var contract = await Contract();
        Assert.All(contract.Operations.Where(operation => operation.Path.StartsWith("/api/", StringComparison.Ordinal)), operation =>
            Assert.All(operation.Json.GetProperty("responses").EnumerateObject().Where(response => response.Name[0] is '4' or '5'), response =>
            {
                var media = response.Value.GetProperty("content").GetProperty("application/problem+json");
                Assert.Equal("#/components/schemas/Problem", media.GetProperty("schema").GetProperty("$ref").GetString());
                Assert.NotEmpty(media.GetProperty("examples").EnumerateObject());
                Assert.All(media.GetProperty("examples").EnumerateObject(), example => Assert.Empty(contract.Broken(contract.Resolve(example.Value).GetProperty("value"), media.GetProperty("schema"))));
            }));
    }

    [Fact]
    public async Task Schemas_are_named_by_use_case_and_every_reference_finds_one()
    {
        var contract = await Contract();
        var schemas = contract.Document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(schema => schema.Name).ToHashSet(StringComparer.Ordinal);
        string[] bare = ["Request", "Response", "Query", "Item", "Line"];

        Assert.DoesNotContain(bare, schemas.Contains);
        var references = Regex.Matches(contract.Document.GetRawText(), "\"\\$ref\":\\s*\"#/components/schemas/(?<id>[^\"]+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(match => match.Groups["id"].Value).ToArray();
        Assert.NotEmpty(references);
        Assert.All(references, id => Assert.Contains(id, schemas));
    }

    [Fact]
    public async Task A_whole_number_is_an_integer_and_nothing_else()
    {
        var contract = await Contract();
        var money = contract.Document.GetProperty("components").GetProperty("schemas").GetProperty("Money");

        Assert.Equal("integer", money.GetProperty("properties").GetProperty("amount").GetProperty("type").GetString());
        Assert.Equal(1_000_000_000_000, money.GetProperty("properties").GetProperty("amount").GetProperty("maximum").GetInt64());
        Assert.Equal("amount currency", string.Join(' ', money.GetProperty("required").EnumerateArray().Select(name => name.GetString())));
        Assert.DoesNotMatch("\"integer\",\\s*\"string\"|\"string\",\\s*\"integer\"", contract.Document.GetRawText());
    }

    [Fact]
    public async Task The_example_of_every_request_is_one_that_the_use_case_gets_to_see()
    {
        var contract = await Contract();
        var routes = ApiRoutes().Where(route => route.Accepts?.RequestType is not null).ToArray();

        Assert.NotEmpty(routes);
        Assert.All(routes, route =>
        {
            var media = contract.Find(route.Method, route.Path)!.Json.GetProperty("requestBody").GetProperty("content").EnumerateObject().First().Value;
            var example = media.GetProperty("example");
            Assert.Empty(contract.Broken(example, media.GetProperty("schema")));

            var request = example.Deserialize(route.Accepts!.RequestType!, Wire.Json)!;
            var errors = Validation.Errors(request);
            Assert.True(errors is null, $"{route.OperationId}: {JsonSerializer.Serialize(errors)} in {example}");
        });
    }

    [Fact]
    public async Task The_example_of_every_answer_and_parameter_is_as_its_schema_says()
    {
        var contract = await Contract();
        Assert.All(contract.Operations, operation =>
        {
            foreach (var media in operation.Json.GetProperty("responses").EnumerateObject()
                .Where(response => response.Value.TryGetProperty("content", out _)).SelectMany(response => response.Value.GetProperty("content").EnumerateObject()).Select(content => content.Value))
                if (media.TryGetProperty("example", out var example))
                    Assert.Empty(contract.Broken(example, media.GetProperty("schema")));
                else
                    Assert.True(media.TryGetProperty("examples", out _), $"{operation.Id} has an answer without an example.");
            foreach (var parameter in operation.Json.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().ToArray() : [])
                Assert.Empty(contract.Broken(parameter.GetProperty("example"), parameter.GetProperty("schema")));
        });
    }

    [Fact]
    public async Task An_empty_object_is_refused_wherever_a_member_is_required()
    {
        var contract = await Contract();
        var asked = 0;
        foreach (var operation in contract.Operations.Where(operation => operation.Json.TryGetProperty("requestBody", out _)))
        {
            if (!operation.Json.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out var media)
                || !contract.Resolve(media.GetProperty("schema")).TryGetProperty("required", out var required) || required.GetArrayLength() == 0)
                continue;

            using var request = new HttpRequestMessage(new HttpMethod(operation.Method), Regex.Replace(operation.Path, "\\{[^}]+\\}", Guid.CreateVersion7().ToString(), RegexOptions.None, Eventually.Patience))
            {
                Content = new StringContent("{}", Encoding.UTF8, "application/json"),
            };
            var response = await app.Guest.SendAsync(request, Ct);
            Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{operation.Id} answered {response.StatusCode} to an empty object.");
            asked++;
        }

        Assert.NotEqual(0, asked);
    }

    [Fact]
    public async Task Every_code_that_the_source_refuses_with_is_documented_somewhere()
    {
        var documented = (await Contract()).Operations
            .SelectMany(operation => operation.Json.GetProperty("responses").EnumerateObject())
            .Where(response => response.Value.TryGetProperty("content", out var content) && content.TryGetProperty("application/problem+json", out _))
            .SelectMany(response => response.Value.GetProperty("content").GetProperty("application/problem+json").GetProperty("examples").EnumerateObject().Select(example => example.Name))
            .ToHashSet(StringComparer.Ordinal);
        // What commands alone refuse with is no part of the API: the page about them names it.
        documented.UnionWith(Regex.Matches(File.ReadAllText(Path.Combine(Root(), "docs/moving-in.md")), "`(?<code>[a-z_]+)`", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(match => match.Groups["code"].Value));
        var refused = Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), "RefusedException\\(\\s*\"(?<code>[a-z_]+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(match => match.Groups["code"].Value))
            .Distinct(StringComparer.Ordinal).ToArray();

        Assert.NotEmpty(refused);
        Assert.All(refused, code => Assert.Contains(code, documented));
    }

    [Fact]
    public async Task Swagger_UI_is_there_for_anyone_with_its_own_scripts_alone()
    {
        var page = await app.Guest.GetAsync("/docs/index.html", Ct);
        var html = await page.Content.ReadAsStringAsync(Ct);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", html, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", html, StringComparison.Ordinal);
        // Nothing inline, so that the policy need not allow it.
        Assert.DoesNotMatch("<script(?![^>]*src=)[^>]*>\\s*\\S", html);
        foreach (var script in Regex.Matches(html, "<script src=\"(?<src>[^\"]+)\"", RegexOptions.ExplicitCapture, Eventually.Patience).Select(match => match.Groups["src"].Value))
            Assert.Equal(HttpStatusCode.OK, (await app.Guest.GetAsync($"/docs/{script}", Ct)).StatusCode);
        Assert.Equal("default-src 'none'; frame-ancestors 'none'", Assert.Single((await app.Guest.GetAsync("/health/live", Ct)).Headers.GetValues("Content-Security-Policy")));
    }

    [Fact]
    public async Task An_answer_that_is_not_documented_fails_the_test_that_got_it()
    {
        var contract = await Contract();
        var live = contract.Find("GET", "/health/live")!;
        var protectedOne = contract.Operations.First(AsksForCaller);

        Assert.Empty(contract.Broken(live, 200, "application/json", Json("""{ "status": "ok" }""")));
        Assert.Contains("status 418 is not documented", Assert.Single(contract.Broken(live, 418, null, null)), StringComparison.Ordinal);
        Assert.Equal("$.status is missing", Assert.Single(contract.Broken(live, 200, "application/json", Json("{}"))));
        Assert.Equal("$.status is Number, not string", Assert.Single(contract.Broken(live, 200, "application/json", Json("""{ "status": 1 }"""))));
        Assert.Contains("content type text/html", Assert.Single(contract.Broken(live, 200, "text/html", Json("{}"))), StringComparison.Ordinal);
        var unknown = Json("""{ "type": "t", "title": "t", "status": 401, "detail": "d", "instance": "/", "code": "never_heard_of", "traceId": "0" }""");
        Assert.Contains("never_heard_of is not documented for 401", Assert.Single(contract.Broken(protectedOne, 401, "application/problem+json", unknown)), StringComparison.Ordinal);
    }

    /// <summary>Whether none of the ways to call it is without saying who calls.</summary>
    private static bool AsksForCaller(DocumentedOperation operation) =>
        operation.Json.GetProperty("security") is var ways && ways.GetArrayLength() > 0 && ways.EnumerateArray().All(way => way.EnumerateObject().Any());

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    private static string Nameless(string path) => Regex.Replace(path, "\\{[^}]+\\}", "{}", RegexOptions.None, Eventually.Patience);

    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));

    private Task<ApiContract> Contract() => DocumentedAnswers.ContractOf(app.Services);

    private IEnumerable<Quitanda.Platform.OpenApi.Route> ApiRoutes() =>
        from endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.RoutePattern.RawText!.TrimStart('/').StartsWith("api/v1", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []
        select new Quitanda.Platform.OpenApi.Route(method, PathOf(endpoint.RoutePattern), [.. endpoint.Metadata]);

    private static string PathOf(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => "",
    }))));
}
