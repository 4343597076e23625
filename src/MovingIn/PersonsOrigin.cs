using System.Runtime.CompilerServices;
using Quitanda.MovingIn.Kinds;
using Quitanda.Platform;

namespace Quitanda.MovingIn;

/// <summary>Where somebody came from. That they did stays, or the next import would bring back whoever was erased.</summary>
internal sealed class PersonsOrigin : IPersonalData
{
    public string Name => "origin";

    public string Stays => "That an account was moved in stays, with the id it had in the other system and nothing of what was in it, so that no later import brings it back.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var origin in await db.Read(
            $"select source, old_id, came_at from movingin.arrivals where new_id = {personId} and kind = {Users.KindName} order by source, old_id",
            row => new { Source = row.GetString(0), Id = row.GetString(1), CameAt = row.GetFieldValue<DateTimeOffset>(2) }, ct))
            yield return origin;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => db.Execute(
        $"update movingin.arrivals set content_hash = null, remarks = null where new_id = {personId} and kind = {Users.KindName}", ct);
}
