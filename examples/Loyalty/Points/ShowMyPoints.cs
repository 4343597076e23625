using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>Shows how many points the caller has.</summary>
internal static class ShowMyPoints
{
    public static async Task<Ok<Balance>> Handle(Caller caller, Db db, CancellationToken ct) => TypedResults.Ok(await Balance.Of(db, caller.Id, ct));
}
