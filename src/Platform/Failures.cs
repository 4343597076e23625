using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quitanda.Platform.Errors;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Platform;

/// <summary>Turns every exception, and every empty error answer, into a problem. The outermost step that can still write an answer.</summary>
internal sealed partial class Failures(RequestDelegate next, IErrorLog errors, ILogger<Failures> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            await Answer(context, error);
            return;
        }
        catch (Exception error) when (IsOurs(context, error))
        {
            // Too late for an answer: the server cuts the connection, so that nobody takes the part for the whole.
            errors.Capture(error, "request", RequestSpan.UseCaseOf(context));
            throw;
        }

        var response = context.Response;
        if (response.StatusCode >= 400 && !response.HasStarted && response.ContentLength is null or 0 && string.IsNullOrEmpty(response.ContentType))
            await Problem.Of(response.StatusCode).ExecuteAsync(context);
    }

    private async Task Answer(HttpContext context, Exception error)
    {
        if (error is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read it: 499 only shows in the log.
            context.Response.StatusCode = 499;
            return;
        }

        var problem = ProblemOf(error);
        if (problem.Status == 500)
        {
            errors.Capture(error, "request", RequestSpan.UseCaseOf(context));
            Unexpected(log, error, context.Request.Method, RequestSpan.PathOf(context));
        }
        else if (problem.Status is 502 or 503)
            Unavailable(log, context.Request.Method, RequestSpan.PathOf(context), error.GetType().Name, error.Message);

        foreach (var header in (string[])["Location", "ETag", "Cache-Control", "Content-Length", "Content-Encoding"])
            context.Response.Headers.Remove(header);
        await problem.ExecuteAsync(context);
    }

    private static bool IsOurs(HttpContext context, Exception error) => !context.RequestAborted.IsCancellationRequested && ProblemOf(error).Status == 500;

    internal static Problem ProblemOf(Exception error) => error switch
    {
        RefusedException refused => Problem.From(refused),
        InvalidException invalid => Problem.Invalid(invalid.Field, invalid.Message),
        BadHttpRequestException { StatusCode: not 400 } bad => Problem.Of(bad.StatusCode),
        BadHttpRequestException { InnerException: JsonException json } => OfJson(json),
        BadHttpRequestException bad => OfBinding(bad.Message),
        JsonException json => OfJson(json),
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ExclusionViolation } => Problem.Of(409),
        PostgresException { SqlState: var state } when IsTransient(state) => Problem.Of(503),
        PostgresException => Problem.Of(500),
        NpgsqlException or TimeoutException or SocketException => Problem.Of(503),
        // EF Core wraps what the database said, twice where it takes it for transient.
        DbUpdateException or InvalidOperationException when SaidByDatabase(error) is { } said => ProblemOf(said),
        _ => Problem.Of(500),
    };

    private static NpgsqlException? SaidByDatabase(Exception error)
    {
        for (var inner = error.InnerException; inner is not null; inner = inner.InnerException)
            if (inner is NpgsqlException said)
                return said;
        return null;
    }

    private static bool IsTransient(string state) => state is
        PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable or
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.AdminShutdown or
        PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.ReadOnlySqlTransaction ||
        state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("08", StringComparison.Ordinal);

    /// <summary>
    /// The serializer tells its refusals apart only by their sentences, in English always; a test holds them to what is read here.
    /// </summary>
    private static Problem OfJson(JsonException error)
    {
        var path = ClientPath(error.Path + (error.Data[PatchConverter.InnerPath] as string)?[1..]);
        if (UnknownMember().Match(error.Message) is { Success: true } unknown)
        {
            var member = unknown.Groups["name"].Value;
            var field = path.EndsWith(member, StringComparison.Ordinal) ? path : path.Length == 0 ? member : $"{path}.{member}";
            return Problem.Of(400, "unknown_field", $"'{field}' is not a field of this request.");
        }

        if (MissingMembers().Match(error.Message) is { Success: true } missing)
            return Problem.Invalid(Names().Matches(missing.Groups["names"].Value)
                .ToDictionary(name => path.Length == 0 ? name.Groups["name"].Value : $"{path}.{name.Groups["name"].Value}", _ => (string[])["is required."], StringComparer.Ordinal));

        // The reader's own errors are about the text; all others are about a value that does not fit its field.
        var isText = error.InnerException is JsonException || error.GetType() != typeof(JsonException) || error.Message.Contains("maximum configured depth", StringComparison.Ordinal)
            || error.Message.Contains("does not contain any JSON tokens", StringComparison.Ordinal);
        if (isText)
            return Problem.Of(400, "malformed_json", error.LineNumber is { } line
                ? $"The body is not valid JSON (line {line + 1}, byte {error.BytePositionInLine + 1})."
                : "The body is not valid JSON.");

        return Problem.Invalid(path.Length == 0 ? "body" : path, Sentence(error.Message));
    }

    /// <summary>What a client may read of the serializer's message, which else names our types.</summary>
    private static string Sentence(string message) =>
        message.StartsWith("Duplicate propert", StringComparison.Ordinal) || message.Contains("same key has already been added", StringComparison.Ordinal) ? "comes twice."
        : message.Contains("doesn't allow", StringComparison.Ordinal) && message.Contains("null values", StringComparison.Ordinal) ? "must not be null."
        : message.Contains(" type '", StringComparison.Ordinal) || message.Contains("System.", StringComparison.Ordinal) || message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) ? "has a value of the wrong type."
        : FirstSentence().Match(message).Value;

    private static Problem OfBinding(string message)
    {
        if (Parameter().Match(message) is { Success: true } parameter)
            return Problem.Invalid(char.ToLowerInvariant(parameter.Groups["name"].Value[0]) + parameter.Groups["name"].Value[1..], message.StartsWith("Required", StringComparison.Ordinal) ? "is required." : "has a value of the wrong type.");
        return Problem.Of(400, "malformed_json", "A JSON body is required.");
    }

    private static string ClientPath(string? path) => path is null or "$" ? "" : path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path.TrimStart('$');

    [GeneratedRegex("^The JSON property '(?<name>[^']*)' could not be mapped", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex UnknownMember();

    [GeneratedRegex("missing required properties including: (?<names>.*?)\\.?$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex MissingMembers();

    [GeneratedRegex("'(?<name>[^']+)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Names();

    [GeneratedRegex("\"[\\w.<>?\\[\\]]+ (?<name>\\w+)\" (was not provided from (route|query|header|form)|from \")", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex("^[^.]*\\.?", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FirstSentence();

    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Unexpected(ILogger log, Exception error, string method, string path);

    [LoggerMessage(2, LogLevel.Warning, "{Method} {Path} could not be answered: {Type}: {Reason}")]
    private static partial void Unavailable(ILogger log, string method, string path, string type, string reason);
}
