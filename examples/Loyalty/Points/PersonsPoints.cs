using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Loyalty.Points;

/// <summary>Somebody's points go with them.</summary>
internal sealed class PersonsPoints : IPersonalData
{
    public string Name => "loyaltyPoints";

    public string? Stays => null;

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var entry in db.Set<EntryRow>().AsNoTracking().Where(entry => entry.PersonId == personId).OrderBy(entry => entry.CreatedAt).ThenBy(entry => entry.Id).AsAsyncEnumerable().WithCancellation(ct))
            yield return new { entry.Kind, entry.Points, entry.OrderId, entry.Reason, entry.CreatedAt };
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute($"delete from loyalty.accounts where person_id = {personId}", ct);
}
