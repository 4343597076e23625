using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Sessions;

/// <summary>Counts failed sign-ins by address, whether it has an account or not, in the database: the limit holds over all processes.</summary>
internal static class SignInFailures
{
    /// <summary>Failures of an address within <see cref="Window"/> after which it is locked.</summary>
    public const int AtMost = 5;

    /// <summary>How long a failure counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    /// <summary>What an address is known by here.</summary>
    public static byte[] Key(string email) => SHA256.HashData(Encoding.UTF8.GetBytes(User.Normalize(email)));

    /// <summary>What a user is known by here: their address, so that no way of signing in is a way around the limit of another; their id where they have none.</summary>
    public static byte[] Key(string? email, Guid userId) => email is null ? SHA256.HashData(userId.ToByteArray()) : Key(email);

    /// <summary>Asks whether an address is locked; no row where it never failed.</summary>
    public static Sql IsLocked(byte[] key, DateTimeOffset now) =>
        $"select (select count(*) from unnest(failed_at) as at where at > {now - Window}) >= {AtMost} from accounts.sign_in_failures where address_hash = {key}";

    /// <summary>Whether the address is locked. The row stays locked until the transaction ends, so that of many tries at once none slips through.</summary>
    public static Task<bool> IsLocked(Db db, byte[] key, DateTimeOffset now, CancellationToken ct) =>
        db.ReadFirst($"{IsLocked(key, now)} for update", reader => reader.GetBoolean(0), ct);

    /// <summary>Counts one more failure and says how many there are. Null where the address is locked already: then nothing is counted, and a lock ends when its failures are old.</summary>
    public static Task<int?> Count(Db db, byte[] key, DateTimeOffset now, CancellationToken ct) => db.ReadFirst(
        $"""
        insert into accounts.sign_in_failures as f (address_hash, failed_at, last_at) values ({key}, array[{now}], {now})
        on conflict (address_hash) do update set
            failed_at = array(select at from unnest(f.failed_at) as at where at > {now - Window} order by at) || excluded.failed_at,
            last_at = excluded.last_at
        where (select count(*) from unnest(f.failed_at) as at where at > {now - Window}) < {AtMost}
        returning cardinality(f.failed_at)
        """, reader => (int?)reader.GetInt32(0), ct);

    /// <summary>A success makes failures forgotten.</summary>
    public static void Clear(Db db, byte[] key) => db.Write($"delete from accounts.sign_in_failures where address_hash = {key}");

    /// <summary>Notes a failure in the log, and with it the lock if it is the one that locks.</summary>
    /// <param name="db">The unit of work; it must commit.</param>
    /// <param name="failure">What failed, without the address.</param>
    /// <param name="email">The address that was tried; null where there is none.</param>
    /// <param name="failures">How many there are by now.</param>
    public static void Note(Db db, AuditEvent failure, string? email, int failures)
    {
        db.Audit(failure);
        if (failures >= AtMost)
            db.Audit(new AuditEvent("AddressLocked") { PersonId = failure.PersonId, PersonalFacts = Tried(email) });
    }

    /// <summary>The address that was tried, as a fact of the log.</summary>
    public static Dictionary<string, string>? Tried(string? email) => email is null ? null : new(StringComparer.Ordinal) { ["email"] = email };

    /// <summary>What somebody is told whose address is locked. An answer and not an exception: what was counted must be committed.</summary>
    public static Problem Locked() => Problem.Of(StatusCodes.Status423Locked, "account_locked", "There were too many failures; try again in 15 minutes.");
}
