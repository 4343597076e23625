using System.Text.Json;
using Npgsql;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Carts;

/// <summary>Carts as they are kept: what was chosen and how many, and no price. Whoever writes holds the cart's row first, so two of one cart come one after the other.</summary>
internal sealed class Carts(Db db, ICatalog catalog, IProductFaces faces, TimeProvider clock)
{
    /// <summary>Items of a cart, as many as an order has lines.</summary>
    public const int ItemsAtMost = 100;

    /// <summary>Pieces of an item, as of an order's line.</summary>
    public const int PiecesAtMost = 999;

    /// <summary>A cart as it is kept.</summary>
    internal sealed record Kept(string Currency, DateTimeOffset? UpdatedAt, IReadOnlyList<KeptItem> Items);

    /// <summary>An item as it is kept.</summary>
    internal sealed record KeptItem(Guid Id, Pick Pick, string Name, int Quantity);

    /// <summary>The refusal of an order of a cart that has nothing in it.</summary>
    public static RefusedException Empty() => new("cart_empty", "There is nothing in the cart.");

    /// <summary>The cart at today's prices.</summary>
    public async Task<Cart> Show(Guid ownerId, CancellationToken ct)
    {
        var kept = await Read(ownerId, ct);
        return Cart.Of(
            ownerId, kept, await catalog.Look([.. kept.Items.Select(item => item.Pick.Wanted(item.Quantity))], ct), await faces.Of([.. kept.Items.Select(item => item.Pick.ProductId).Distinct()], ct));
    }

    /// <summary>What is in a cart, as the lines of an order. Nothing is locked.</summary>
    public async Task<OrderRequest.Line[]> Lines(Guid ownerId, CancellationToken ct) => LinesOf((await Read(ownerId, ct)).Items);

    /// <summary>Takes everything out, with this unit of work, and gives it as the lines of an order. Of two at once the second finds nothing.</summary>
    /// <exception cref="RefusedException"><c>cart_empty</c>.</exception>
    public async Task<OrderRequest.Line[]> Take(Guid ownerId, CancellationToken ct)
    {
        List<KeptItem> items = [];
        await db.Reading([$"select true from ordering.carts where owner_id = {ownerId} for update", ItemsOf(ownerId)], async reader =>
        {
            await reader.NextResultAsync(CancellationToken.None);
            while (await reader.ReadAsync(CancellationToken.None))
                items.Add(ReadItem(reader));
        }, ct);
        if (items.Count == 0)
            throw Empty();
        Clear(ownerId);
        return LinesOf(items);
    }

    /// <summary>Has so many of something in the cart, whatever there was of it.</summary>
    /// <exception cref="RefusedException"><c>cart_full</c>.</exception>
    public async Task Set(Caller owner, Pick pick, string name, int quantity, CancellationToken ct)
    {
        Hold(owner);
        var isIn = await db.ReadFirst(
            $"""
            insert into ordering.cart_items (id, owner_id, product_id, variant, name, options, notes, quantity)
            select {Guid.CreateVersion7()}, {owner.Id}, {pick.ProductId}, {pick.Variant}, {name}, {Sql.Json(pick.Options)}, {pick.Notes}, {quantity}
            where (select count(*) from ordering.cart_items where owner_id = {owner.Id}) < {ItemsAtMost}
                or exists (select from ordering.cart_items where owner_id = {owner.Id} and product_id = {pick.ProductId} and variant = {pick.Variant})
            on conflict (owner_id, product_id, variant) do update set quantity = excluded.quantity, name = excluded.name returning true
            """, row => row.GetBoolean(0), ct);
        if (!isIn)
            throw new RefusedException("cart_full", $"A cart has {ItemsAtMost} items at the most.");
    }

    /// <summary>Has at least so many of each in the cart, so that doing it again changes nothing. Gives those that found no place.</summary>
    public async Task<IReadOnlyList<(Pick Pick, string Name, int Quantity)>> Refill(Caller owner, IReadOnlyList<(Pick Pick, string Name, int Quantity)> wanted, CancellationToken ct)
    {
        if (wanted.Count == 0)
            return [];
        var (ids, products, variants) = (wanted.Select(_ => Guid.CreateVersion7()).ToArray(), wanted.Select(one => one.Pick.ProductId).ToArray(), wanted.Select(one => one.Pick.Variant).ToArray());
        var (names, options) = (wanted.Select(one => one.Name).ToArray(), wanted.Select(one => Sql.Json(one.Pick.Options).Text).ToArray());
        var (notes, quantities) = (wanted.Select(one => one.Pick.Notes).ToArray(), wanted.Select(one => one.Quantity).ToArray());
        Hold(owner);
        var places = await db.Read(
            $"""
            with mine as (select product_id, variant from ordering.cart_items where owner_id = {owner.Id}),
            wanted as (
                select w.*, exists (select from mine m where m.product_id = w.product_id and m.variant = w.variant) as is_in
                from unnest({ids}, {products}, {variants}, {names}, {options}, {notes}, {quantities}) with ordinality as w (id, product_id, variant, name, options, notes, quantity, place)
            ),
            fitting as (
                select *, row_number() over (partition by is_in order by place) as count from wanted
            ),
            put as (
                insert into ordering.cart_items as i (id, owner_id, product_id, variant, name, options, notes, quantity)
                select id, {owner.Id}, product_id, variant, name, options::jsonb, notes, quantity from fitting
                where is_in or count <= {ItemsAtMost} - (select count(*) from mine) order by place
                on conflict (owner_id, product_id, variant) do update set quantity = greatest(i.quantity, excluded.quantity), name = excluded.name returning product_id, variant
            )
            select place from wanted where not exists (select from put p where p.product_id = wanted.product_id and p.variant = wanted.variant) order by place
            """, row => (int)row.GetInt64(0) - 1, ct);
        return [.. places.Select(place => wanted[place])];
    }

    /// <summary>Takes an item out. False where there is none such.</summary>
    public Task<bool> Remove(Guid ownerId, Guid itemId, CancellationToken ct) => Remove(ownerId, Sql.Of($"id = {itemId}"), ct);

    /// <summary>Takes out what was chosen so, if it is there.</summary>
    public Task<bool> Remove(Guid ownerId, Pick pick, CancellationToken ct) => Remove(ownerId, Sql.Of($"product_id = {pick.ProductId} and variant = {pick.Variant}"), ct);

    /// <summary>Takes everything out, with this unit of work.</summary>
    public void Clear(Guid ownerId)
    {
        db.Write($"update ordering.carts set updated_at = {clock.GetUtcNow()} where owner_id = {ownerId}");
        db.Write($"delete from ordering.cart_items where owner_id = {ownerId}");
    }

    /// <summary>Whether there is anything that would join the caller's own cart: they have signed in, and a guest's token they still send has a cart.</summary>
    public async Task<bool> MayJoin(Guest? guest, Caller caller, CancellationToken ct) => guest is not null && !caller.IsGuest
        && await db.ReadFirst($"select true from ordering.carts where owner_id = {guest.Id}", row => row.GetBoolean(0), ct);

    /// <summary>Joins a guest's cart to the caller's own, where there is one to join, within this unit of work.</summary>
    public async Task Join(Guest? guest, Caller caller, CancellationToken ct)
    {
        if (guest is null || caller.IsGuest)
            return;
        JoinCarts.Join(db, guest.Id, caller.Id, clock.GetUtcNow());
        await db.Flush(ct);
    }

    private async Task<bool> Remove(Guid ownerId, Sql which, CancellationToken ct)
    {
        await db.Execute($"update ordering.carts set updated_at = {clock.GetUtcNow()} where owner_id = {ownerId}", ct);
        return await db.Execute($"delete from ordering.cart_items where owner_id = {ownerId} and {which}", ct) > 0;
    }

    /// <summary>Makes the cart or waits for it: what is counted in it afterwards stays so. It rides with the next statement.</summary>
    private void Hold(Caller owner)
    {
        var now = clock.GetUtcNow();
        db.Ahead(
            $"""
            insert into ordering.carts (owner_id, is_guest, created_at, updated_at) values ({owner.Id}, {owner.IsGuest}, {now}, {now})
            on conflict (owner_id) do update set updated_at = excluded.updated_at returning true
            """, row => row.GetBoolean(0));
    }

    private async Task<Kept> Read(Guid ownerId, CancellationToken ct)
    {
        var (currency, updatedAt) = ("", (DateTimeOffset?)null);
        List<KeptItem> items = [];
        await db.Reading(
            [$"select s.currency, c.updated_at from ordering.stores s left join ordering.carts c on c.owner_id = {ownerId} where s.id = 1", ItemsOf(ownerId)],
            async reader =>
            {
                await reader.ReadAsync(CancellationToken.None);
                (currency, updatedAt) = (reader.GetString(0), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
                await reader.NextResultAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    items.Add(ReadItem(reader));
            }, ct);
        return new(currency, updatedAt, items);
    }

    private static Sql ItemsOf(Guid ownerId) => Sql.Of($"select id, product_id, name, options, notes, quantity from ordering.cart_items where owner_id = {ownerId} order by added");

    private static KeptItem ReadItem(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        new(reader.GetGuid(1), reader.IsDBNull(3) ? null : JsonSerializer.Deserialize<OrderRequest.ChosenOption[]>(reader.GetString(3), Wire.Stored), reader.IsDBNull(4) ? null : reader.GetString(4)),
        reader.GetString(2), reader.GetInt32(5));

    private static OrderRequest.Line[] LinesOf(IReadOnlyList<KeptItem> items) => [.. items.Select(item => new OrderRequest.Line(item.Pick.ProductId, item.Quantity, item.Pick.Options, item.Pick.Notes))];
}
