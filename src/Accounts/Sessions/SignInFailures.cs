using System.Security.Cryptography;
using System.Text;
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

    /// <summary>Whether the address is locked. The row stays locked until the transaction ends, so that of many tries at once none slips through.</summary>
    public static Task<bool> IsLocked(Db db, byte[] key, DateTimeOffset now, CancellationToken ct) => db.ReadFirst(
        $"select (select count(*) from unnest(failed_at) as at where at > {now - Window}) >= {AtMost} from accounts.sign_in_failures where address_hash = {key} for update",
        reader => reader.GetBoolean(0), ct);

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
}
