using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Looks for those who have not proved their address in time. Each is looked at in a transaction of its own.</summary>
internal sealed class RemoveUnverified(Db db) : IHandle<Tick>
{
    public const string Kind = "accounts.remove-unverified";

    private const int AtOnce = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        foreach (var id in await db.Read($"select id from accounts.users where verify_by <= {message.At} order by verify_by, id limit {AtOnce}", row => row.GetGuid(0), ct))
            db.Schedule(RemoveUser.Kind, new RemoveUser.Message(id), message.At, $"{RemoveUser.Kind}@{id}");
    }
}

/// <summary>
/// Removes somebody who signed up and never proved their address, with everything that any module holds about them, so that whose address it is can sign up with it.
/// Whoever has something that an account must stay for is looked at again a week later.
/// </summary>
internal sealed class RemoveUser(Db db, IEnumerable<IKeepsAccounts> keepers, Erasure erasure, TimeProvider clock) : IHandle<RemoveUser.Message>
{
    public const string Kind = "accounts.remove-user";

    private static readonly TimeSpan Again = TimeSpan.FromDays(7);

    /// <param name="UserId">Who was due.</param>
    internal sealed record Message(Guid UserId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        var (id, now) = (message.UserId, clock.GetUtcNow());
        await db.Execute($"select 1 from accounts.mail_tokens where user_id = {id} for update", ct);
        // Whoever has proved it since, or was given an office, is not due any more.
        if (!await db.ReadFirst($"select 1 from accounts.users where id = {id} and verify_by <= {now} and roles = {(int)Roles.Customer} for update", _ => true, ct))
            return;

        foreach (var keeper in keepers)
            if (await keeper.Keeps(db, id, ct))
            {
                await db.Execute($"update accounts.users set verify_by = {now + Again} where id = {id}", ct);
                return;
            }

        // What was on its way when this was asked, such as an order, is erased two hours later, as for anybody who goes.
        await erasure.Erase(id, ct);
        db.Audit(new AuditEvent("UnverifiedRemoved") { PersonId = id, ResourceType = "users", ResourceId = id.ToString() });
    }
}
