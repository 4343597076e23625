using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>What somebody has.</summary>
/// <param name="PersonId">Whose they are.</param>
/// <param name="Points">How many. Less than nothing where points were used whose order's money went back.</param>
[SchemaId("LoyaltyBalance")]
internal sealed record Balance([Person] Guid PersonId, long Points)
{
    /// <summary>Who never had any has none.</summary>
    public static async Task<Balance> Of(Db db, Guid personId, CancellationToken ct) =>
        new(personId, await db.ReadFirst($"select points from loyalty.accounts where person_id = {personId}", row => row.GetInt64(0), ct));
}
