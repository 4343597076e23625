using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>Takes in addresses that people had saved elsewhere.</summary>
internal static class AddressIntake
{
    public static async Task<IReadOnlyList<Arrival>> Take(Db db, IReadOnlyList<IncomingAddress> addresses, DateTimeOffset now, CancellationToken ct)
    {
        var rows = addresses.Select((address, place) => Of(address, place, now)).ToList();
        var wanted = rows.Where(row => row.Arrival.MayCome).Select(row => row.Row).ToList();
        // Their owners are held, so that nobody has more than they may however many come at once.
        await db.Execute($"select 1 from accounts.users where id = any({wanted.Select(row => row.UserId).Distinct().ToArray()}) order by id for no key update", ct);
        var inserted = (await db.Read(
            $"""
            with wanted as (
                select given.*, row_number() over (partition by given."userId" order by given."isDefault" desc, given.place) as nth,
                       (select count(*) from accounts.addresses a where a.user_id = given."userId") as had,
                       exists (select from accounts.addresses a where a.user_id = given."userId" and a.is_default) as chose
                from jsonb_to_recordset({Sql.Json(wanted)}) as given (
                    id uuid, "userId" uuid, place integer, label text, street text, number text, complement text, neighborhood text, city text, state text, "postalCode" text, country text,
                    "isDefault" boolean, "createdAt" timestamptz)
                join accounts.users u on u.id = given."userId"
            )
            insert into accounts.addresses (id, user_id, label, street, number, complement, neighborhood, city, state, postal_code, country, is_default, created_at, updated_at)
            select id, "userId", label, street, number, complement, neighborhood, city, state, "postalCode", country, nth = 1 and not chose, "createdAt", "createdAt"
            from wanted where had + nth <= {AddressBook.AtMost}
            on conflict do nothing
            returning id
            """, row => row.GetGuid(0), ct)).ToHashSet();
        foreach (var (arrival, _) in rows.Where(row => row.Arrival.MayCome && !inserted.Contains(row.Row.Id)))
            arrival.Refuse("too_many_addresses", $"Its owner has {AddressBook.AtMost} addresses already, or is gone.");
        return [.. rows.Select(row => row.Arrival)];
    }

    private static (Arrival Arrival, Row Row) Of(IncomingAddress given, int place, DateTimeOffset now)
    {
        var arrival = new Arrival(given.Id);
        var address = given.Address;
        return (arrival, new(
            given.Id, given.UserId, place, arrival.Line(given.Label, 50, "label") ?? "Casa", Needed(arrival, address.Street, 200, "street"), Needed(arrival, address.Number, 20, "number"),
            arrival.Line(address.Complement, 200, "complement"), Needed(arrival, address.Neighborhood, 100, "neighborhood"), Needed(arrival, address.City, 100, "city"),
            Needed(arrival, address.State, 100, "state"), Needed(arrival, address.PostalCode, 20, "postalCode"), address.Country, given.IsDefault, given.CreatedAt ?? now));
    }

    private static string? Needed(Arrival arrival, string text, int longest, string field)
    {
        var line = arrival.Line(text, longest, field);
        if (line is null)
            arrival.Refuse("address_incomplete", $"{field}: missing.");
        return line;
    }

    private sealed record Row(
        Guid Id, Guid UserId, int Place, string Label, string? Street, string? Number, string? Complement, string? Neighborhood, string? City, string? State, string? PostalCode, string Country,
        bool IsDefault, DateTimeOffset CreatedAt);
}
