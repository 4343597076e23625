using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>
/// Begins a sign-in with a passkey: gives what <c>navigator.credentials.get()</c> is to be told. It asks for no name and tells none: the authenticator knows whose passkeys it has. The answer is waited for 5 minutes.
/// </summary>
[AnswersSecret]
[Refuses("passkeys_off")]
internal static class BeginPasskeySignIn
{
    public static async Task<Ok<PasskeyRequestOptions>> Handle(HttpContext http, Db db, Ceremony ceremony, TimeProvider clock, CancellationToken ct)
    {
        var (options, challenge, state) = await ceremony.BeginToSignIn(http);
        await PasskeyChallenge.KeepForSignIn(db, challenge, state, clock.GetUtcNow(), ct);
        return TypedResults.Ok(options);
    }
}
