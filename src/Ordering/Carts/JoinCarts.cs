using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>
/// Puts a guest's cart into an account's and deletes it. Of what is in both the larger quantity stays, so that it may be done again; what is over the limit of a cart is left behind.
/// </summary>
internal sealed class JoinCarts(TimeProvider clock) : IJoinsGuests
{
    public void Join(Db db, Guid guestId, Guid userId) => Join(db, guestId, userId, clock.GetUtcNow());

    public static void Join(Db db, Guid guestId, Guid userId, DateTimeOffset now)
    {
        // The account's cart is held before the guest's, by everybody. Whoever waited here finds the guest's gone, and the rest does nothing.
        db.Write($"""
            insert into ordering.carts (owner_id, is_guest, created_at, updated_at)
            select {userId}, false, {now}, {now} where exists (select from ordering.carts where owner_id = {guestId} and is_guest)
            on conflict (owner_id) do update set updated_at = excluded.updated_at
            """);
        db.Write($"select from ordering.carts where owner_id = {guestId} and is_guest for update");
        db.Write($"""
            update ordering.cart_items mine set quantity = greatest(mine.quantity, theirs.quantity)
            from ordering.cart_items theirs, ordering.carts guest
            where guest.owner_id = {guestId} and guest.is_guest and theirs.owner_id = guest.owner_id and mine.owner_id = {userId}
                and mine.product_id = theirs.product_id and mine.variant = theirs.variant
            """);
        db.Write($"""
            update ordering.cart_items set owner_id = {userId} where id in (
                select id from (
                    select theirs.id, row_number() over (order by theirs.added) as place
                    from ordering.cart_items theirs join ordering.carts guest on guest.owner_id = theirs.owner_id and guest.is_guest
                    where theirs.owner_id = {guestId} and not exists (
                        select from ordering.cart_items mine where mine.owner_id = {userId} and mine.product_id = theirs.product_id and mine.variant = theirs.variant)
                ) missing
                where place <= {Carts.ItemsAtMost} - (select count(*) from ordering.cart_items where owner_id = {userId})
            )
            """);
        db.Write($"delete from ordering.carts where owner_id = {guestId} and is_guest");
    }
}
