using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>Shows admins how many points somebody has.</summary>
internal static class ShowPoints
{
    public static async Task<Results<Ok<Balance>, NotFound>> Handle(Guid personId, IAccounts accounts, Db db, CancellationToken ct) =>
        await accounts.Payees([personId], ct) is { Count: 1 } ? TypedResults.Ok(await Balance.Of(db, personId, ct)) : TypedResults.NotFound();
}
