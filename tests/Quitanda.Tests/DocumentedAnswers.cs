using System.Collections.Concurrent;
using System.IO.Compression;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform.OpenApi;
using Xunit.Sdk;

namespace Quitanda.Tests;

/// <summary>
/// Holds every answer that any test gets to the API's document: its status is documented, its problem code too, and its body is what the
/// schema says. Routes that a test class adds for itself are no part of the document.
/// </summary>
internal sealed class DocumentedAnswers(HttpMessageHandler inner, IServiceProvider services) : DelegatingHandler(inner)
{
    // One document is read once, whichever of a class's clients asks first.
    private static readonly ConcurrentDictionary<IServiceProvider, Lazy<Task<ApiContract>>> Contracts = new();

    /// <summary>The contract of an application.</summary>
    public static Task<ApiContract> ContractOf(IServiceProvider services) => Contracts.GetOrAdd(services, static key => new(() => Read(key))).Value;

    /// <summary>Forgets an application that has ended.</summary>
    public static void Forget(IServiceProvider services) => Contracts.TryRemove(services, out _);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var contract = await ContractOf(services);
        if (contract.Find(request.Method.Method, request.RequestUri!.AbsolutePath) is not { } operation)
            return response;

        JsonElement? body = null;
        if (response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json")
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            body = bytes.Length == 0 ? null : JsonDocument.Parse(Decoded(bytes, response.Content.Headers.ContentEncoding.SingleOrDefault())).RootElement;
        }

        if (contract.Broken(operation, (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, body) is { Count: > 0 } broken)
            throw new XunitException($"{operation.Id} ({request.Method} {request.RequestUri.AbsolutePath}) answered {(int)response.StatusCode}, which is not as documented:\n{string.Join('\n', broken.Take(20))}\n{body}");
        return response;
    }

    /// <summary>What a compressed answer says.</summary>
    internal static Stream Decoded(byte[] bytes, string? coding) => coding switch
    {
        "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
        "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
        null => new MemoryStream(bytes),
        _ => throw new XunitException($"An answer is coded as {coding}."),
    };

    // Making the document is the most of what starting an application costs, and most applications have the same routes.
    private static readonly ConcurrentDictionary<string, Lazy<Task<ApiContract>>> ByRoutes = new(StringComparer.Ordinal);

    private static Task<ApiContract> Read(IServiceProvider services)
    {
        var routes = services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => $"{string.Join(',', endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])} {endpoint.RoutePattern.RawText} {endpoint.Metadata.GetMetadata<MethodInfo>()?.DeclaringType}")
            .Order(StringComparer.Ordinal);
        return ByRoutes.GetOrAdd(string.Join('\n', routes), static (_, services) => new(() => ReadAnew(services)), services).Value;
    }

    private static async Task<ApiContract> ReadAnew(IServiceProvider services)
    {
        var own = services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<MethodInfo>()?.Module.Assembly == typeof(DocumentedAnswers).Assembly)
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/')).ToHashSet(StringComparer.Ordinal);
        var answer = await services.GetRequiredService<ApiDocument>().Answer(CancellationToken.None);
        return new ApiContract(JsonDocument.Parse(answer.Plain.Body).RootElement, own);
    }
}

/// <summary>An operation of the document.</summary>
internal sealed record DocumentedOperation(string Id, string Method, string Path, JsonElement Json);

/// <summary>The API's document as a judge of answers. Its knowledge of JSON Schema is what the document uses, and it fails on a word it does not know.</summary>
internal sealed class ApiContract
{
    private static readonly HashSet<string> Remarks = new(StringComparer.Ordinal) { "description", "example", "examples", "default", "title", "contentEncoding" };
    private readonly List<(string[] Segments, int Parameters, DocumentedOperation Operation)> _operations = [];

    public ApiContract(JsonElement document, IReadOnlySet<string> without)
    {
        Document = document;
        foreach (var path in document.GetProperty("paths").EnumerateObject())
            foreach (var operation in path.Value.EnumerateObject())
            {
                var template = Regex.Replace(path.Name, "\\{[^}]+\\}", "[^/]+", RegexOptions.None, Eventually.Patience);
                if (!without.Any(route => Regex.Replace(route, "\\{[^}]+\\}", "[^/]+", RegexOptions.None, Eventually.Patience) == template))
                    _operations.Add((path.Name.Trim('/').Split('/'), path.Name.Count(letter => letter == '{'),
                        new(operation.Value.GetProperty("operationId").GetString()!, operation.Name.ToUpperInvariant(), path.Name, operation.Value)));
            }

        // A literal segment goes before a parameter, as it does in routing.
        _operations.Sort((left, right) => left.Parameters.CompareTo(right.Parameters));
    }

    public JsonElement Document { get; }

    public IEnumerable<DocumentedOperation> Operations => _operations.Select(known => known.Operation);

    public DocumentedOperation? Find(string method, string path)
    {
        // One slash at the end is passed over, as routing does.
        var asked = (path is [_, .., '/'] ? path[1..^1] : path[1..]).Split('/');
        return _operations.FirstOrDefault(known => known.Operation.Method == method && Fits(known.Segments, asked)).Operation;
    }

    private static bool Fits(string[] template, string[] asked)
    {
        if (template.Length != asked.Length)
            return false;
        for (var at = 0; at < template.Length; at++)
            if (template[at] is ['{', .., '}'] ? asked[at].Length == 0 : template[at] != asked[at])
                return false;
        return true;
    }

    /// <summary>What of an answer the document does not say.</summary>
    public List<string> Broken(DocumentedOperation operation, int status, string? mediaType, JsonElement? body)
    {
        if (!operation.Json.GetProperty("responses").TryGetProperty($"{status}", out var response))
            return [$"status {status} is not documented{(body is { } problem && problem.ValueKind == JsonValueKind.Object && problem.TryGetProperty("code", out var undocumented) ? $" (code {undocumented})" : "")}"];
        if (!response.TryGetProperty("content", out var content))
            return body is null ? [] : [$"a body ({mediaType}) is not documented"];
        if (body is not { } json)
            // What is not JSON, or has no body at all, such as the answer to HEAD, is not looked into.
            return mediaType is null || content.TryGetProperty(mediaType, out _) ? [] : [$"content type {mediaType} is not documented"];
        if (!content.TryGetProperty(mediaType!, out var media))
            return [$"content type {mediaType} is not documented"];

        var broken = new List<string>();
        Check(json, media.GetProperty("schema"), "$", broken);
        if (mediaType == "application/problem+json" && broken.Count == 0 && media.TryGetProperty("examples", out var examples)
            && json.GetProperty("code").GetString() is { } code && !examples.TryGetProperty(code, out _))
            broken.Add($"problem code {code} is not documented for {status} (add [Refuses(\"{code}\"{(status == 409 ? "" : $", {status}")})])");
        return broken;
    }

    /// <summary>What of a value is not as its schema says.</summary>
    public List<string> Broken(JsonElement value, JsonElement schema)
    {
        var broken = new List<string>();
        Check(value, schema, "$", broken);
        return broken;
    }

    /// <summary>What a reference names; anything else is itself.</summary>
    public JsonElement Resolve(JsonElement json) => json.TryGetProperty("$ref", out var reference)
        ? reference.GetString()!["#/".Length..].Split('/').Aggregate(Document, (at, name) => at.GetProperty(name))
        : json;

    private void Check(JsonElement value, JsonElement schema, string at, List<string> broken)
    {
        foreach (var word in schema.EnumerateObject())
            switch (word.Name)
            {
                case "$ref":
                    Check(value, Resolve(schema), at, broken);
                    break;
                case "oneOf" when word.Value.EnumerateArray().Count(one => Broken(value, one).Count == 0) != 1:
                    broken.Add($"{at} is not exactly one of its kinds: {string.Join("; ", word.Value.EnumerateArray().SelectMany(one => Broken(value, one)))}");
                    break;
                case "type" when !(word.Value.ValueKind == JsonValueKind.String ? [word.Value] : word.Value.EnumerateArray().ToArray()).Any(type => Is(value, type.GetString()!)):
                    broken.Add($"{at} is {value.ValueKind}, not {word.Value}");
                    return;
                case "enum" when !word.Value.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)):
                    broken.Add($"{at} is {value}, not one of {word.Value}");
                    break;
                case "required" when value.ValueKind == JsonValueKind.Object:
                    broken.AddRange(word.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at}.{name} is missing"));
                    break;
                case "properties" when value.ValueKind == JsonValueKind.Object:
                    foreach (var member in word.Value.EnumerateObject())
                        if (value.TryGetProperty(member.Name, out var held))
                            Check(held, member.Value, $"{at}.{member.Name}", broken);
                    break;
                case "additionalProperties" when value.ValueKind == JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject().Where(member => !schema.TryGetProperty("properties", out var known) || !known.TryGetProperty(member.Name, out _)))
                        if (word.Value.ValueKind == JsonValueKind.False)
                            broken.Add($"{at}.{member.Name} is not documented");
                        else if (word.Value.ValueKind == JsonValueKind.Object)
                            Check(member.Value, word.Value, $"{at}.{member.Name}", broken);
                    break;
                case "items" when value.ValueKind == JsonValueKind.Array:
                    var index = 0;
                    foreach (var item in value.EnumerateArray())
                        Check(item, word.Value, $"{at}[{index++}]", broken);
                    break;
                case "propertyNames" when value.ValueKind == JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject())
                        Check(JsonSerializer.SerializeToElement(member.Name), word.Value, $"{at} name {member.Name}", broken);
                    break;
                case "format" when value.ValueKind == JsonValueKind.String && !HasFormat(value.GetString()!, word.Value.GetString()!):
                    broken.Add($"{at} is '{value}', which is not a {word.Value}");
                    break;
                case "pattern" when value.ValueKind == JsonValueKind.String && !Regex.IsMatch(value.GetString()!, word.Value.GetString()!, RegexOptions.ExplicitCapture, Eventually.Patience):
                    broken.Add($"{at} is '{value}', which is not like {word.Value}");
                    break;
                case "minimum" when value.ValueKind == JsonValueKind.Number && value.GetDecimal() < word.Value.GetDecimal():
                case "maximum" when value.ValueKind == JsonValueKind.Number && value.GetDecimal() > word.Value.GetDecimal():
                case "minLength" when value.ValueKind == JsonValueKind.String && value.GetString()!.Length < word.Value.GetInt32():
                case "maxLength" when value.ValueKind == JsonValueKind.String && value.GetString()!.Length > word.Value.GetInt32():
                case "minItems" when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() < word.Value.GetInt32():
                case "maxItems" when value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > word.Value.GetInt32():
                case "maxProperties" when value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Count() > word.Value.GetInt32():
                    broken.Add($"{at} is {value}, beyond {word.Name} {word.Value}");
                    break;
                case "oneOf" or "type" or "enum" or "required" or "properties" or "additionalProperties" or "items" or "propertyNames" or "format" or "pattern"
                    or "minimum" or "maximum" or "minLength" or "maxLength" or "minItems" or "maxItems" or "maxProperties":
                    break;
                default:
                    if (!Remarks.Contains(word.Name))
                        broken.Add($"the schema of {at} says {word.Name}, which nobody here understands");
                    break;
            }
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };

    private static bool HasFormat(string value, string format) => format switch
    {
        "binary" => true,
        "uuid" => Guid.TryParseExact(value, "D", out _),
        "date-time" => value.EndsWith('Z') && DateTimeOffset.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out _),
        "email" => value.Contains('@', StringComparison.Ordinal),
        "uri" => Uri.TryCreate(value, UriKind.Absolute, out _),
        _ => false,
    };
}
