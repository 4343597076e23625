using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>
/// Sends the letter again with which somebody proves their address: to the caller, or without one to the address in the body. The answer is the same
/// whether the address has an account or not, and whether it is verified. Only the newest letter counts.
/// </summary>
internal static class ResendVerification
{
    internal sealed record Request([StringLength(254, MinimumLength = 1)] string? Email = null);

    public static async Task<Results<Accepted, Problem>> Handle(Request? request, Caller? caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (caller is null && request?.Email is null)
            return Problem.Invalid("email", "is required where nobody is signed in.");
        // The job finds out whether there is anything to send, so that this takes as long for anybody.
        var user = caller?.Id ?? await Find(db, request!.Email!, ct);
        db.Schedule(SendVerification.Kind, new SendVerification.Message(user), clock.GetUtcNow());
        return TypedResults.Accepted((string?)null);
    }

    /// <summary>The user with this address, or an id that nobody has.</summary>
    internal static async Task<Guid> Find(Db db, string email, CancellationToken ct) =>
        await db.ReadFirst($"select id from accounts.users where lower(email collate \"C\") = {User.Normalize(email)}", row => (Guid?)row.GetGuid(0), ct) ?? Guid.CreateVersion7();
}
