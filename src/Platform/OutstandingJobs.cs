using Quitanda.Platform.Mails;

namespace Quitanda.Platform;

/// <summary>What is still to be done, for whoever keeps a log of it: a job that died or was deleted does nothing any more, and tells nobody.</summary>
public static class OutstandingJobs
{
    /// <summary>Those of some things for which a job of a kind waits or runs.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="member">The member of its message that names the thing, as it is stored: in camelCase.</param>
    /// <param name="ids">The things: hundreds at the most.</param>
    /// <param name="ct">Ends the work.</param>
    public static async Task<IReadOnlySet<Guid>> Of(Db db, string kind, string member, Guid[] ids, CancellationToken ct) => (await db.Read(
        $"select (payload->>{member})::uuid from platform.jobs where state = 'ready' and kind = {kind} and payload->>{member} = any({ids.Select(id => id.ToString()).ToArray()})", row => row.GetGuid(0), ct)).ToHashSet();

    /// <summary>The same of mails, by their ids.</summary>
    public static Task<IReadOnlySet<Guid>> OfMails(Db db, Guid[] ids, CancellationToken ct) => Of(db, SendMail.Kind, "id", ids, ct);
}
