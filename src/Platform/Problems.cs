using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Quitanda.Platform;

/// <summary>A business rule said no. Becomes a problem whose <c>code</c> clients may rely on; everything written so far is rolled back.</summary>
/// <remarks>The use case that can throw it declares it with <see cref="RefusesAttribute"/>.</remarks>
public class RefusedException(string code, string message, int status = StatusCodes.Status409Conflict) : Exception(message)
{
    /// <summary>Stable, lower_snake_case.</summary>
    public string Code { get; } = code;

    /// <summary>The HTTP status, 400 to 499, or 502 and 503 where the other side failed.</summary>
    public int Status { get; } = status;

    /// <summary>Facts a program can use besides the sentence, such as the products that ran out.</summary>
    /// <exception cref="ArgumentException">A fact has the name of one of a problem's own members.</exception>
    public IReadOnlyDictionary<string, object>? Facts
    {
        get;
        init => field = value?.Keys.FirstOrDefault(Problem.IsOwnMember) is { } own ? throw new ArgumentException($"'{own}' is a member of every problem.", nameof(value)) : value;
    }
}

/// <summary>Input that a rule on its fields refused, where an attribute could not say it. 400 <c>validation_failed</c>.</summary>
public sealed class InvalidException(string field, string message) : Exception(message)
{
    /// <summary>The member as the client wrote it: <c>items[0].quantity</c>.</summary>
    public string Field { get; } = field;
}

/// <summary>Declares a refusal that a use case can answer with. Feeds the OpenAPI document; a test fails on one that is not declared.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class RefusesAttribute(string code, int status = StatusCodes.Status409Conflict) : Attribute
{
    /// <summary>The stable code.</summary>
    public string Code { get; } = code;

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;
}

/// <summary>An error answer in the form of RFC 9457, with a stable <c>code</c> and the trace id.</summary>
public sealed class Problem : IResult, IStatusCodeHttpResult
{
    private static readonly Dictionary<int, (string Code, string Title)> ByStatus = new()
    {
        [400] = ("validation_failed", "The request is not valid."),
        [401] = ("unauthenticated", "Sign in first."),
        [403] = ("forbidden", "This is not yours to do."),
        [404] = ("not_found", "There is nothing here."),
        [405] = ("method_not_allowed", "This resource has no such method."),
        [406] = ("not_acceptable", "None of the accepted representations exists."),
        [408] = ("request_timeout", "The request took too long to arrive."),
        [409] = ("conflict", "The request conflicts with what is already there."),
        [412] = ("precondition_failed", "The resource has changed since it was read."),
        [413] = ("payload_too_large", "The request body is too large."),
        [416] = ("range_not_satisfiable", "The content has no such range."),
        [415] = ("unsupported_media_type", "The body's content type is not one this resource takes."),
        [422] = ("idempotency_key_reused", "This idempotency key was used with another request."),
        [423] = ("account_locked", "Too many failures; wait before trying again."),
        [429] = ("rate_limited", "Too many requests."),
        [431] = ("headers_too_large", "The request's headers are too large."),
        [500] = ("internal_error", "Something went wrong on our side."),
        [502] = ("provider_error", "A provider did not answer as it should."),
        [503] = ("unavailable", "The service cannot answer right now."),
    };

    private static readonly Dictionary<string, object> NoFacts = new(StringComparer.Ordinal);

    private Problem(int status) => Status = status;

    /// <summary>The HTTP status.</summary>
    public int Status { get; private init; }

    /// <summary>Stable, lower_snake_case.</summary>
    public string Code { get; private init; } = "";

    int? IStatusCodeHttpResult.StatusCode => Status;

    private string? Detail { get; init; }
    private IReadOnlyDictionary<string, string[]>? Errors { get; init; }
    private IReadOnlyDictionary<string, object>? Facts { get; init; }

    /// <summary>A problem of <paramref name="status"/>, with that status's usual code unless another is given.</summary>
    public static Problem Of(int status, string? code = null, string? detail = null) =>
        new(status) { Code = code ?? DefaultCode(status), Detail = detail };

    /// <summary>400 <c>validation_failed</c>, naming each field and what is wrong with it.</summary>
    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(400) { Code = "validation_failed", Detail = "See errors for the fields that are wrong.", Errors = errors };

    /// <summary>400 <c>validation_failed</c> for one field.</summary>
    public static Problem Invalid(string field, string message) => Invalid(new Dictionary<string, string[]>(StringComparer.Ordinal) { [field] = [message] });

    /// <summary>A refused rule as its problem.</summary>
    public static Problem From(RefusedException refused) =>
        new(refused.Status) { Code = refused.Code, Detail = refused.Message, Facts = refused.Facts };

    /// <summary>Whether every problem has a member of this name.</summary>
    internal static bool IsOwnMember(string name) => name is "type" or "title" or "status" or "detail" or "instance" or "code" or "traceId" or "errors";

    /// <summary>The usual code of a status.</summary>
    public static string DefaultCode(int status) => ByStatus.TryGetValue(status, out var known) ? known.Code : status >= 500 ? "internal_error" : "bad_request";

    /// <summary>The usual title of a status.</summary>
    internal static string Title(int status) => ByStatus.TryGetValue(status, out var known) ? known.Title : "The request cannot be answered.";

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/problem+json";
        if (Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = "Bearer";
        if (Status == StatusCodes.Status503ServiceUnavailable && response.Headers.RetryAfter.Count == 0)
            response.Headers.RetryAfter = "5";

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Wire.Json.Encoder }))
            Write(json, httpContext);
        response.ContentLength = buffer.WrittenCount;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(buffer.WrittenMemory, CancellationToken.None);
    }

    private void Write(Utf8JsonWriter json, HttpContext context)
    {
        json.WriteStartObject();
        json.WriteString("type", $"urn:quitanda:problem:{Code}");
        json.WriteString("title", Title(Status));
        json.WriteNumber("status", Status);
        json.WriteString("detail", Detail ?? Title(Status));
        json.WriteString("instance", context.Request.Path.Value);
        json.WriteString("code", Code);
        json.WriteString("traceId", Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier);
        if (Errors is not null)
        {
            json.WritePropertyName("errors");
            JsonSerializer.Serialize(json, Errors, Wire.Json);
        }

        foreach (var (name, value) in Facts ?? NoFacts)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value, value.GetType(), Wire.Json);
        }

        json.WriteEndObject();
    }
}
