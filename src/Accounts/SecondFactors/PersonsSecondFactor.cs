using System.Runtime.CompilerServices;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.SecondFactors;

/// <summary>The second factor of a person: that there is one, and since when. The secret itself is given to nobody again. It goes with the account.</summary>
internal sealed class PersonsSecondFactor : IPersonalData, IWayIn
{
    public string Name => "secondFactor";

    public string? Stays => null;

    public IReadOnlyList<string> Tables => ["authenticators"];

    private sealed record Held(DateTimeOffset CreatedAt, DateTimeOffset? ConfirmedAt, int RecoveryCodesLeft);

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var held in await db.Read(
            $"""
            select a.created_at, a.confirmed_at, (select count(*)::integer from accounts.recovery_codes r where r.user_id = a.user_id)
            from accounts.authenticators a where a.user_id = {personId}
            """, row => new Held(row.GetFieldValue<DateTimeOffset>(0), row.IsDBNull(1) ? null : row.GetFieldValue<DateTimeOffset>(1), row.GetInt32(2)), ct))
            yield return held;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => Task.CompletedTask;

    public Task Close(Db db, Guid userId, CancellationToken ct) => db.Execute($"delete from accounts.authenticators where user_id = {userId}", ct);
}
