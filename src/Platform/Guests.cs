using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Quitanda.Platform;

/// <summary>A guest whose token a request carries, whoever else calls. Ask for it as a handler's parameter, <c>Guest?</c>; it is null where the token is none of ours.</summary>
/// <param name="Id">Theirs alone: never a user's.</param>
public sealed record Guest(Guid Id)
{
    /// <summary>Binds the handler's parameter.</summary>
    public static ValueTask<Guest?> BindAsync(HttpContext context) =>
        ValueTask.FromResult(context.RequestServices.GetRequiredService<Guests>().Find(context) is { } id ? new Guest(id) : null);
}

/// <summary>
/// People who have not signed in and yet must be told from others: an id, and a signed token for it that they keep. Nothing of them is stored until they put something into a cart or order it.
/// A token has no end; what is kept under its id has one.
/// </summary>
public sealed class Guests(Secrets secrets)
{
    /// <summary>The header that a guest's token is sent and answered in.</summary>
    public const string Header = "X-Cart-Token";

    private readonly SignedIds _tokens = new(secrets, "quitanda guests", "qct_");

    /// <summary>The guest whose token a request carries; null where it carries none, two, or anything that is none of ours.</summary>
    public Guid? Find(HttpContext context) => context.Request.Headers.TryGetValue(Header, out var values) && values is [{ } token] ? _tokens.Read(token) : null;

    /// <summary>A guest's token: the same each time, while the first secret stays.</summary>
    public string TokenOf(Guid id) => _tokens.Write(id);

    /// <summary>A guest as a caller.</summary>
    public static Caller CallerOf(Guid id) => new(id, Roles.None, id) { IsGuest = true };

    /// <summary>Makes whoever comes as nobody a guest, where the route does that, and sees that the answer tells them; else null.</summary>
    internal static Caller? Make(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<TakesGuests>() is not { MakesThem: true })
            return null;
        var guests = context.RequestServices.GetRequiredService<Guests>();
        var id = NewId(context);
        var token = guests.TokenOf(id);
        var caller = CallerOf(id) with { NewToken = token };
        context.User = new ClaimsPrincipal(new CallerIdentity(caller));
        context.Response.OnStarting(() =>
        {
            // Where nothing was done, nothing is theirs yet.
            if (context.Response.StatusCode < StatusCodes.Status300MultipleChoices)
            {
                context.Response.Headers[Header] = token;
                context.Response.Headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return caller;
    }

    /// <summary>
    /// Random, and of UUID's version 8, which no user's id has. A request with an idempotency key gets the same guest each time it is sent, to the byte: whoever lost the answer must get the token with
    /// the stored one, and nobody stored it. No secret is in it, so that it stays the same while secrets are exchanged; to be that guest one still needs the token.
    /// </summary>
    private static Guid NewId(HttpContext context)
    {
        var bytes = Idempotency.FingerprintOf(context) is { } fingerprint ? SHA256.HashData([.. "quitanda guest "u8, .. fingerprint])[..16] : RandomNumberGenerator.GetBytes(16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(bytes, bigEndian: true);
    }
}
