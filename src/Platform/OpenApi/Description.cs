using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace Quitanda.Platform.OpenApi;

/// <summary>Writes the document from the routes that the framework found: each operation with everything it takes and every status it can answer.</summary>
internal sealed partial class Description : IOpenApiDocumentTransformer
{
    private const string Bearer = "bearer";
    private const string Ticket = "ticket";
    private const string Key = "apiKey";
    private const string Guest = "guest";
    private const string Json = "application/json";
    private const string ProblemJson = "application/problem+json";

    private static readonly Dictionary<string, (string Header, string Description, JsonSchemaType Type, string Example)> Headers = new(StringComparer.Ordinal)
    {
        ["RequestId"] = ("X-Request-Id", "The id that every log line about this request carries: the one that was sent, or one made here.", JsonSchemaType.String, "4bf92f3577b34da6a3ce929d0e0e4736"),
        ["Location"] = ("Location", "Where the new resource is.", JsonSchemaType.String, "/api/v1/orders/0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77"),
        ["Elsewhere"] = ("Location", "Where to go on.", JsonSchemaType.String, "https://loja.example.com/entrar"),
        ["ETag"] = ("ETag", "Names this version of what is answered, as this caller sees it.", JsonSchemaType.String, "\"9f86d081884c7d659a2feaa0\""),
        ["IdempotencyReplayed"] = ("Idempotency-Replayed", "`true` where this is the stored answer to an earlier request with the same key.", JsonSchemaType.String, "true"),
        ["RetryAfter"] = ("Retry-After", "Seconds to wait before asking again.", JsonSchemaType.Integer, "5"),
        ["RateLimit"] = (Limits.LimitHeader, "Requests that the caller may make in the window; on a limited route, of this kind.", JsonSchemaType.Integer, "6000"),
        ["RateLimitRemaining"] = (Limits.RemainingHeader, "Requests that are left in the window.", JsonSchemaType.Integer, "5999"),
        ["RateLimitReset"] = (Limits.ResetHeader, "Seconds until the window ends.", JsonSchemaType.Integer, "42"),
        ["GuestToken"] = (Guests.Header, "The token of the guest whom this request made: send it from now on. Absent where the caller is known.", JsonSchemaType.String, "qct_TOKEN"),
        ["Authenticate"] = ("WWW-Authenticate", "How to sign in.", JsonSchemaType.String, "Bearer"),
    };

    private static readonly Dictionary<int, string> Meanings = new()
    {
        [200] = "Done.",
        [201] = "Created.",
        [202] = "Taken; it will be done soon.",
        [204] = "Done; there is nothing to say.",
        [301] = "Moved for good: that is its address from now on.",
        [302] = "Elsewhere.",
        [206] = "The part that was asked for.",
        [304] = "You have this version already.",
    };

    /// <inheritdoc/>
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var comments = new XmlComments();
        var json = context.ApplicationServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var schemas = new Schemas(document, json, comments);
        var routes = context.DescriptionGroups.SelectMany(group => group.Items)
            .Select(description => (Description: description, Route: new Route(description.HttpMethod ?? "GET", PathOf(description), description.ActionDescriptor.EndpointMetadata ?? [])))
            .ToArray();
        foreach (var (_, route) in routes)
            route.FindResource(routes.Select(other => other.Route));

        document.Info = new OpenApiInfo
        {
            Title = "Quitanda",
            Version = Health.Version,
            Description = "A backend for shops, rentals, bookings and the people behind them. Errors are problems of RFC 9457, whose `code` is stable; "
                + "every POST that writes takes an `Idempotency-Key`; lists are paged by number or by cursor; money is an integer of minor units with its currency.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "This installation." }];
        document.Components = new OpenApiComponents
        {
            Schemas = schemas.ById,
            Examples = new SortedDictionary<string, IOpenApiExample>(StringComparer.Ordinal),
            Headers = Headers.ToDictionary(header => header.Key, header => (IOpenApiHeader)HeaderOf(header.Value), StringComparer.Ordinal),
            SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
            {
                [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "The access token of a sign-in, good for 15 minutes." },
                [Key] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = KeyScope.Header, Description = "An API key, which calls for its owner within its scopes. Not together with an access token." },
                [Guest] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = Guests.Header, Description = "The token of a guest, as the house gave it. Where an access token or a key is sent as well, that is the caller." },
                [Ticket] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Query, Name = TakesTicket.Parameter, Description = "A ticket, good once within a minute, for what a browser opens without headers." },
            },
        };
        document.RegisterComponents();

        foreach (var (_, route) in routes)
        {
            if (route.Accepts?.RequestType is { } request)
                schemas.Use(request, Way.Request);
            if (route.Streamed?.Form is { } form)
                schemas.Use(form, Way.Request);
            foreach (var produced in route.Produced.Where(Answers.HasBody))
                schemas.Use(produced.Type!, Way.Response);
        }

        schemas.ById["Problem"] = ProblemSchema.Make();
        document.Paths = [];
        // Two paths that differ only in what a parameter is called are one path, and the shorter name is its name.
        foreach (var path in routes.GroupBy(route => Parameter().Replace(route.Route.Path, "{}"), StringComparer.Ordinal).OrderBy(path => path.Key, StringComparer.Ordinal))
        {
            var named = path.Select(route => route.Route.Path).MinBy(name => name.Length)!;
            document.Paths[named] = new OpenApiPathItem
            {
                Operations = path.ToDictionary(route => new HttpMethod(route.Route.Method), route => OperationOf(route.Description, route.Route, named, document, schemas, comments)),
            };
        }

        schemas.RequireUniqueIds();

        Illustrate(document, new Examples(schemas.ById));
        document.Tags = routes.Select(route => route.Route.Tag).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(tag => new OpenApiTag { Name = tag }).ToHashSet();
        document.RegisterComponents();
        return Task.CompletedTask;
    }

    /// <summary>The route's path with bare names: constraints and catch-alls are the router's business.</summary>
    private static string PathOf(ApiDescription description) =>
        "/" + string.Join('/', RoutePatternFactory.Parse(description.RelativePath ?? "").PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternSeparatorPart separator => separator.Content,
            _ => "",
        }))));

    [GeneratedRegex("\\{(?<name>[^}]+)\\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();

    private static OpenApiOperation OperationOf(ApiDescription description, Route route, string path, OpenApiDocument document, Schemas schemas, XmlComments comments) => new()
    {
        OperationId = route.OperationId,
        Summary = SchemaIds.Sentence(route.OperationId),
        Description = route.UseCase is null || !route.IsApi ? null : comments.Of(route.UseCase),
        Tags = new HashSet<OpenApiTagReference> { new(route.Tag, document) },
        Security = SecurityOf(route, document),
        Parameters = [.. Parameters(description, route, path, schemas, comments)],
        RequestBody = RequestBodies.Of(route, schemas),
        Responses = ResponsesOf(route, document, schemas),
    };

    private static List<OpenApiSecurityRequirement> SecurityOf(Route route, OpenApiDocument document)
    {
        var bearer = new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] };
        // Since OpenAPI 3.1 the list may say what a key must hold.
        List<OpenApiSecurityRequirement> known = route.Metadata.OfType<KeyScope>().LastOrDefault()?.Name is { } scope && !route.Metadata.OfType<IgnoresAccessToken>().Any()
            ? [bearer, new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, document)] = [scope] }]
            : [bearer];
        if (route.Metadata.OfType<TakesGuests>().Any())
            known.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Guest, document)] = [] });
        if (route.Metadata.OfType<TakesTicket>().Any())
            known.Add(new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Ticket, document)] = [] });
        // Anyone may come, but a caller who is known may get another answer.
        return !route.IsForAnyone ? known : route.Handler?.GetParameters().Any(parameter => parameter.ParameterType == typeof(Caller)) == true ? [[], .. known] : [];
    }

    private static IEnumerable<IOpenApiParameter> Parameters(ApiDescription description, Route route, string path, Schemas schemas, XmlComments comments)
    {
        var names = Parameter().Matches(route.Path).Zip(Parameter().Matches(path)).ToDictionary(pair => pair.First.Groups["name"].Value, pair => pair.Second.Groups["name"].Value, StringComparer.Ordinal);
        foreach (var given in description.ParameterDescriptions)
        {
            ParameterLocation? location = given.Source == BindingSource.Path ? ParameterLocation.Path
                : given.Source == BindingSource.Query ? ParameterLocation.Query
                : given.Source == BindingSource.Header ? ParameterLocation.Header
                : null;
            if (location is null)
                continue;

            var parameter = (given.ParameterDescriptor as IParameterInfoParameterDescriptor)?.ParameterInfo;
            var property = route.Handler?.GetParameters().Where(outer => outer.IsDefined(typeof(AsParametersAttribute)))
                .Select(outer => outer.ParameterType.GetProperty(given.ParameterDescriptor?.Name ?? given.Name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.IgnoreCase)).FirstOrDefault(found => found is not null);
            var type = property?.PropertyType ?? parameter?.ParameterType ?? given.Type ?? typeof(string);
            var schema = schemas.Of(type, Way.Request);
            if (schema is OpenApiSchema own)
            {
                Schemas.Bound(own, (property?.GetCustomAttributes() ?? []).Concat(parameter?.GetCustomAttributes() ?? []).Distinct());
                if (given.Name.Equals("sort", StringComparison.OrdinalIgnoreCase) && Sorts(route.UseCase) is { Count: > 0 } sorts)
                    own.Enum = sorts;
                if (parameter is { HasDefaultValue: true, DefaultValue: { } value } && property is null)
                    own.Default = JsonValue.Create(value);
            }

            yield return new OpenApiParameter
            {
                Name = location == ParameterLocation.Header ? given.Name : names.GetValueOrDefault(given.Name, Camel(given.Name)),
                In = location,
                Required = location == ParameterLocation.Path || given.IsRequired,
                Description = (property is null ? null : comments.Of(property)) ?? (route.Handler is null || parameter?.Name is null ? null : comments.Of(route.Handler, parameter.Name))
                    ?? (names.TryGetValue(given.Name, out var name) && name != given.Name ? SchemaIds.Sentence(given.Name) + "." : null),
                Schema = schema,
            };
        }

        if (route.TakesIdempotencyKey)
            yield return new OpenApiParameter
            {
                Name = Idempotency.Header,
                In = ParameterLocation.Header,
                Description = "Up to 255 characters of your own making. The same key and body has one effect and one answer for 24 hours.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = 255 },
                Example = "pedido-0198a5b2-7c1e",
            };
        if (route.Handler?.GetParameters().Any(parameter => parameter.ParameterType == typeof(LastEventId)) == true)
            foreach (var (name, location, meaning) in (IEnumerable<(string, ParameterLocation, string)>)[
                (LastEventId.Header, ParameterLocation.Header, "The id of the last event that you have: only what came after it is sent. Browsers send it when they come again."),
                (LastEventId.Parameter, ParameterLocation.Query, "The same, for a page that comes again with a new ticket. The header goes before it.")])
                yield return new OpenApiParameter
                {
                    Name = name,
                    In = location,
                    Description = meaning,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64", Minimum = "0" },
                    Example = 2,
                };
        if (route.HasTag)
            yield return new OpenApiParameter
            {
                Name = "If-None-Match",
                In = ParameterLocation.Header,
                Description = "The `ETag` of the answer you have; 304 while it is still the right one.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = Headers["ETag"].Example,
            };
        // Bytes that are given out in ranges keep to a version by themselves, and say so.
        if (route.TakesIfMatch || route.UseCase?.GetCustomAttributes<RefusesAttribute>().Any(refusal => refusal.Code == "precondition_failed") == true)
            yield return new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Description = "The `ETag` that a read of the resource gave you. If it has changed since, nothing is done and the answer is 412.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                Example = Headers["ETag"].Example,
            };
    }

    private static string Camel(string name) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>What a list can be sorted by, both ways round, from the use case's own list of fields.</summary>
    private static List<JsonNode> Sorts(Type? useCase) =>
        [.. (useCase?.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic) ?? [])
            .Where(field => field.FieldType == typeof(SortField[]))
            .SelectMany(field => (SortField[])field.GetValue(null)!)
            .Select(field => field.Name.TrimStart('-')).Distinct(StringComparer.Ordinal)
            .SelectMany(name => new JsonNode[] { JsonValue.Create(name), JsonValue.Create("-" + name) })];

    private static OpenApiResponses ResponsesOf(Route route, OpenApiDocument document, Schemas schemas)
    {
        var responses = new SortedDictionary<int, OpenApiResponse>();
        foreach (var produced in route.Produced.Where(produced => produced.StatusCode < 400 || Answers.HasBody(produced)))
        {
            var response = new OpenApiResponse { Description = Meanings.GetValueOrDefault(produced.StatusCode) ?? Problem.Title(produced.StatusCode), Headers = new SortedDictionary<string, IOpenApiHeader>(StringComparer.Ordinal) };
            if (Answers.HasBody(produced))
                response.Content = route.FormsOf(produced.StatusCode, Json).ToDictionary(form => form.ContentType, form => new OpenApiMediaType { Schema = schemas.Of(form.Body, Way.Response) }, StringComparer.Ordinal);
            Add(response, "RequestId");
            if (produced.StatusCode is 201 or 301 or 302)
                Add(response, produced.StatusCode == 201 ? "Location" : "Elsewhere");
            if (route.TakesIdempotencyKey)
                Add(response, "IdempotencyReplayed");
            if (route.Metadata.OfType<TakesGuests>().Any(takes => takes.MakesThem))
                Add(response, "GuestToken");
            if (route.AnswersResource && produced.StatusCode is 200 or 201)
                Add(response, "ETag");
            if (produced.StatusCode == 503)
                Add(response, "RetryAfter");
            responses[produced.StatusCode] = response;
        }

        if (route.HasTag)
        {
            Add(responses[200], "ETag");
            responses[304] = new OpenApiResponse { Description = Meanings[304], Headers = new SortedDictionary<string, IOpenApiHeader>(StringComparer.Ordinal) };
            Add(responses[304], "RequestId");
            Add(responses[304], "ETag");
        }

        foreach (var (status, codes) in Answers.Problems(route))
            if (!responses.ContainsKey(status))
                responses[status] = ProblemOf(status, codes);

        var all = new OpenApiResponses();
        foreach (var (status, response) in responses)
        {
            if (route.IsApi)
                foreach (var header in (string[])["RateLimit", "RateLimitRemaining", "RateLimitReset"])
                    Add(response, header);
            all[status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        return all;

        void Add(OpenApiResponse response, string header) => response.Headers![Headers[header].Header] = new OpenApiHeaderReference(header, document);

        OpenApiResponse ProblemOf(int status, SortedSet<string> codes)
        {
            var response = new OpenApiResponse
            {
                Description = $"{Problem.Title(status)} `code` is {string.Join(" or ", codes.Select(code => $"`{code}`"))}.",
                Headers = new SortedDictionary<string, IOpenApiHeader>(StringComparer.Ordinal),
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
                {
                    [ProblemJson] = new()
                    {
                        Schema = new OpenApiSchemaReference("Problem", document),
                        Examples = codes.ToDictionary(code => code, code => (IOpenApiExample)ExampleOf(status, code, document), StringComparer.Ordinal),
                    },
                },
            };
            Add(response, "RequestId");
            if (status == 401)
                Add(response, "Authenticate");
            if (status is 429 or 503)
                Add(response, "RetryAfter");
            return response;
        }
    }

    private static OpenApiHeader HeaderOf((string Header, string Description, JsonSchemaType Type, string Example) header) => new()
    {
        Description = header.Description,
        Schema = new OpenApiSchema { Type = header.Type },
        Example = header.Type == JsonSchemaType.Integer ? JsonValue.Create(int.Parse(header.Example, CultureInfo.InvariantCulture)) : JsonValue.Create(header.Example),
    };

    /// <summary>One example a code and status, which all operations share.</summary>
    private static OpenApiExampleReference ExampleOf(int status, string code, OpenApiDocument document)
    {
        var id = $"{code}_{status}";
        document.Components!.Examples!.TryAdd(id, new OpenApiExample { Value = ProblemSchema.Example(status, code) });
        return new(id, document);
    }

    /// <summary>Gives everything that goes either way its example, once every schema is there.</summary>
    private static void Illustrate(OpenApiDocument document, Examples examples)
    {
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations!.Values))
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
                parameter.Example ??= examples.Of(parameter.Schema!, parameter.Name!);
            foreach (var media in (operation.RequestBody?.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)).Values
                .Concat(operation.Responses!.Values.SelectMany(response => (response.Content ?? new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)).Values)))
                if (media.Examples is null)
                    media.Example = examples.Of(media.Schema!, operation.OperationId!);
        }
    }
}
