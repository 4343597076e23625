using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>A route whose answer is a secret: only its status is stored, and a replay is 409 <c>already_done</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class AnswersSecretAttribute : Attribute;

/// <summary>A request with an <c>Idempotency-Key</c>: the same key and body has one effect and one answer for 24 hours.</summary>
/// <remarks>The effect and its stored answer are one commit, so a crash leaves neither.</remarks>
internal sealed class Idempotency
{
    public const string Header = "Idempotency-Key";

    private readonly byte[] _id;
    private readonly byte[] _requestHash;
    private readonly bool _secret;

    private Idempotency(byte[] id, byte[] requestHash, bool secret) => (_id, _requestHash, _secret) = (id, requestHash, secret);

    /// <summary>The request's key, or null where it has none.</summary>
    /// <exception cref="InvalidException">The key is empty, too long or there are two.</exception>
    public static Idempotency? Of(HttpContext context, bool secret)
    {
        if (!context.Request.Headers.TryGetValue(Header, out var keys))
            return null;
        if (keys is not [{ Length: > 0 and <= 255 } key])
            throw new InvalidException(Header, "must be one key of 1 to 255 characters.");

        var requestHash = HashOf(context, key);
        // Nobody has no name to scope by, so the request itself is the scope: two of them with one key do not see each other's answers.
        var scope = Caller.Of(context) is { } caller ? caller.Id.ToByteArray() : requestHash;
        return new(SHA256.HashData([.. scope, .. Encoding.UTF8.GetBytes(key)]), requestHash, secret);
    }

    /// <summary>What names the request and its key together; null for a request that keys say nothing of.</summary>
    /// <exception cref="InvalidException">The key is empty, too long or there are two.</exception>
    public static byte[]? FingerprintOf(HttpContext context) => HttpMethods.IsPost(context.Request.Method) ? Of(context, secret: false)?._requestHash : null;

    /// <summary>
    /// Takes the key for this transaction without a round trip of its own. Where it cannot be taken, the transaction fails with an error that
    /// <see cref="IsHeld"/> or <see cref="HasAnswer"/> knows.
    /// </summary>
    public void Claim(Db db) => db.First($"call platform.claim_key({BinaryPrimitives.ReadInt64LittleEndian(_id)}, {_id})");

    /// <summary>Whether somebody else's transaction holds the key.</summary>
    public static bool IsHeld(Exception error) => CodeOf(error) == "QK001";

    /// <summary>Whether the key has a stored answer.</summary>
    public static bool HasAnswer(Exception error) => CodeOf(error) == "QK002";

    /// <summary>The refusal of a key that is held.</summary>
    public static KeyRefusedException Busy() => new("idempotency_in_progress", "The first request with this key is still running; ask again shortly.");

    /// <summary>Takes the key for this transaction. Gives the stored answer where there is one, null where the work is to be done.</summary>
    /// <exception cref="RefusedException"><c>idempotency_in_progress</c>, <c>idempotency_key_reused</c> or <c>already_done</c>.</exception>
    public async Task<Answer?> Take(Db db, CancellationToken ct)
    {
        var taken = false;
        Row? stored = null;
        // Two statements, not one: the second must see what the last holder of the lock committed.
        await db.Reading(
            [
                $"select pg_try_advisory_xact_lock({BinaryPrimitives.ReadInt64LittleEndian(_id)})",
                $"select request_hash, status, content_type, location, body, busy_until > now() from platform.idempotency_keys where id = {_id}",
            ],
            async reader =>
            {
                await reader.ReadAsync(CancellationToken.None);
                taken = reader.GetBoolean(0);
                await reader.NextResultAsync(CancellationToken.None);
                if (await reader.ReadAsync(CancellationToken.None))
                    stored = new(
                        reader.GetFieldValue<byte[]>(0), reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3),
                        reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4), !reader.IsDBNull(5) && reader.GetBoolean(5));
            }, ct);

        if (stored is not null && !stored.RequestHash.AsSpan().SequenceEqual(_requestHash))
            throw new KeyRefusedException("idempotency_key_reused", "This idempotency key was used with another request.", StatusCodes.Status422UnprocessableEntity);
        if (!taken || stored is { IsBusy: true })
            throw Busy();
        if (stored is null)
            return null;
        return stored.Body is null
            ? throw new KeyRefusedException("already_done", "This was done before; its answer held a secret and is not kept.")
            : new(stored.Status, stored.ContentType, stored.Location, stored.Body, IsReplay: true);
    }

    /// <summary>Stores the answer in the same transaction as its effect. Where a call to the outside follows, nobody is given it for <paramref name="busyFor"/>: so long it may take until there is a better one.</summary>
    public void Store(Db db, Answer answer, DateTimeOffset now, TimeSpan busyFor)
    {
        // The key of an answer that is a secret keeps no body, which is what says so at a replay.
        var body = _secret && answer.Status < 400 ? null : answer.Body;
        db.Write($"""
            insert into platform.idempotency_keys (id, request_hash, status, content_type, location, body, created_at, busy_until)
            values ({_id}, {_requestHash}, {answer.Status}, {answer.ContentType}, {answer.Location}, {body}, {now}, now() + make_interval(secs => {busyFor.TotalSeconds}))
            on conflict (id) do update set status = excluded.status, content_type = excluded.content_type, location = excluded.location, body = excluded.body, busy_until = excluded.busy_until
            """);
    }

    /// <summary>Says that the call to the outside is over, so that the stored answer is given from now on.</summary>
    public Task<int> Release(Db db, CancellationToken ct) => db.Execute($"update platform.idempotency_keys set busy_until = now() where id = {_id}", ct);

    private static byte[] HashOf(HttpContext context, string key)
    {
        var request = context.Request;
        // A body that was streamed is not there any more; whoever read it left what stands for it.
        var body = context.Features.Get<RequestBytes>()?.Bytes ?? context.Features.Get<BodyHash>()?.Sha256 ?? default(ReadOnlyMemory<byte>);
        // Keyed, since a body may hold a password, and what stands next to it in the row is no secret. The client's own key is: of it only a hash is stored.
        return HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), (byte[])[.. Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path}{request.QueryString}\n"), .. body.Span]);
    }

    private static string? CodeOf(Exception error) => error switch
    {
        PostgresException postgres => postgres.SqlState,
        { InnerException: { } inner } => CodeOf(inner),
        _ => null,
    };

    private sealed record Row(byte[] RequestHash, int Status, string? ContentType, string? Location, byte[]? Body, bool IsBusy);
}

/// <summary>What the key itself refuses, before the use case is asked: not an answer to store with it.</summary>
internal sealed class KeyRefusedException(string code, string message, int status = StatusCodes.Status409Conflict) : RefusedException(code, message, status);

/// <summary>A finished answer: what is stored with a key, and what is sent.</summary>
internal sealed record Answer(int Status, string? ContentType, string? Location, byte[] Body, bool IsReplay = false) : IResult
{
    /// <summary>The tag of the version that it shows, where it shows one as a read would.</summary>
    public string? Tag { get; init; }

    /// <summary>Lets a result write itself into memory, so that it can be stored before anything is sent.</summary>
    public static async Task<Answer> Capture(HttpContext context, IResult result)
    {
        var response = context.Response;
        var sent = response.Body;
        using var buffer = new MemoryStream();
        response.Body = buffer;
        try
        {
            await result.ExecuteAsync(context);
            return new(response.StatusCode, response.ContentType, response.Headers.Location is [{ } location] ? location : null, buffer.ToArray());
        }
        finally
        {
            response.Body = sent;
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = null;
            response.ContentLength = null;
            response.Headers.Location = StringValues.Empty;
        }
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (Location is not null)
            response.Headers.Location = Location;
        if (Tag is not null)
            response.Headers.ETag = Tag;
        if (IsReplay)
            response.Headers["Idempotency-Replayed"] = "true";
        if (Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (Body.Length == 0)
            return;
        response.ContentType = ContentType;
        response.ContentLength = Body.Length;
        await response.Body.WriteAsync(Body, CancellationToken.None);
    }
}
