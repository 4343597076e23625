using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>
/// Sends a letter to an address with which a new password can be set, if the address has an account. The answer is the same if it has none.
/// The letter is good for an hour, and only the newest counts.
/// </summary>
internal static class ForgotPassword
{
    internal sealed record Request([StringLength(254, MinimumLength = 1)] string Email);

    public static async Task<Accepted> Handle(Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        // The job finds out whether there is anything to send, so that this takes as long for anybody.
        db.Schedule(SendReset.Kind, new SendReset.Message(await ResendVerification.Find(db, request.Email, ct)), clock.GetUtcNow());
        return TypedResults.Accepted((string?)null);
    }
}
