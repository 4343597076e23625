using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>Whom an API key lets in, and what it is refused.</summary>
/// <param name="Caller">The key's owner, as the key calls for them; null where the key is no good.</param>
/// <param name="Refusal">The answer, where the request ends here.</param>
internal sealed record KeyAnswer(Caller? Caller, Problem? Refusal);

/// <summary>
/// Knows a caller by <c>X-Api-Key</c>. The key says whose it is and what it may do at the most; the owner's roles and status are looked up, as they
/// are for a token.
/// </summary>
internal sealed class KeyDoor(KnownKeys keys, KnownUsers users)
{
    /// <summary>Admits a request to a route that asks for <paramref name="scope"/>.</summary>
    public async ValueTask<KeyAnswer> Admit(HttpContext http, StringValues header, KeyScope scope)
    {
        // Two answers to who is calling: guessing one would let the other decide what it must not.
        if (http.Request.Headers.Authorization.Count > 0)
            return new(null, Problem.Invalid(KeyScope.Header, "cannot be sent together with Authorization; send one of them."));
        if (header is not [{ } text] || await keys.Find(text, http.RequestAborted) is not { } key || await users.Find(key.UserId, http.RequestAborted) is not { IsActive: true } owner)
            return new(null, Problem.Of(StatusCodes.Status401Unauthorized, detail: "The API key is not good, or not any more."));

        var caller = new Caller(key.UserId, owner.Roles, key.Id) { IsByKey = true, GoodUntil = key.ExpiresAt };
        if (scope.Name is null)
            return new(caller, Problem.Of(StatusCodes.Status403Forbidden, KeyScope.Insufficient, "This is for people who sign in; no API key may do it."));
        if (!key.Holds(scope.Name))
            return new(caller, Problem.Of(StatusCodes.Status403Forbidden, KeyScope.Insufficient, $"The API key lacks the scope {scope.Name}."));
        await keys.Note(key, http.RequestAborted);
        return new(caller, null);
    }
}
