using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Guards the last of those who can appoint others.</summary>
internal static class Admins
{
    /// <summary>
    /// Locks a user together with every acting admin, so that two who would each take the other's role away come one after the other.
    /// Null where there is no such user.
    /// </summary>
    public static async Task<User?> LockWith(Db db, Guid userId, CancellationToken ct)
    {
        // In the order of ids, always, so that two cannot deadlock. Admins are found by a literal, which is what their partial index knows.
        var locked = await db.Set<User>().FromSql($"select * from accounts.users where id = {userId} or (roles & 16 <> 0 and is_active) order by id for no key update").ToListAsync(ct);
        return locked.Find(user => user.Id == userId);
    }

    /// <summary>Refuses if nobody would be left after the change. Asked with the locks of <see cref="LockWith"/>.</summary>
    /// <exception cref="RefusedException"><c>last_admin</c> (409).</exception>
    public static void RequireOne(Db db) => RequireAnother(db, than: null);

    /// <summary>Refuses if nobody would be left once a user is gone. Asked with the locks of <see cref="LockWith"/>.</summary>
    /// <exception cref="RefusedException"><c>last_admin</c> (409).</exception>
    public static void RequireAnother(Db db, Guid? than)
    {
        if (!db.Set<User>().Local.Any(user => user.IsActingAdmin && user.Id != than))
            throw new RefusedException("last_admin", "This is the last admin; make another one first.");
    }
}
