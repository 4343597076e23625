using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Profiles;

/// <summary>Shows the caller what they tell of themselves.</summary>
internal static class ReadProfile
{
    public static async Task<Results<Ok<Profile>, NotFound>> Handle(Caller caller, Db db, CancellationToken ct) =>
        await Profile.Find(db, caller.Id, ct) is { } profile ? TypedResults.Ok(profile) : TypedResults.NotFound();
}
