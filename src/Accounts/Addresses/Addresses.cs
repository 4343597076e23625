using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>An address as its owner sees it.</summary>
internal sealed record SavedAddress(
    Guid Id, [Personal] string Label, [Personal] string Street, [Personal] string Number, [Personal] string? Complement, [Personal] string Neighborhood, [Personal] string City,
    [Personal] string State, [Personal] string PostalCode, [Personal] string Country,
    [Personal] double? Lat, [Personal] double? Lng, bool IsDefault, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static readonly Sql Columns = Sql.Raw("id, label, street, number, complement, neighborhood, city, state, postal_code, country, lat, lng, is_default, created_at, updated_at");

    public static SavedAddress Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetString(5), reader.GetString(6),
        reader.GetString(7), reader.GetString(8), reader.GetString(9), DegreesOrNull(reader, 10), DegreesOrNull(reader, 11), reader.GetBoolean(12), reader.GetFieldValue<DateTimeOffset>(13),
        reader.GetFieldValue<DateTimeOffset>(14));

    public static SavedAddress Of(Address address) => new(
        address.Id, address.Label, address.Street, address.Number, address.Complement, address.Neighborhood, address.City, address.State, address.PostalCode, address.Country,
        address.Lat, address.Lng, address.IsDefault, address.CreatedAt, address.UpdatedAt);

    internal static double? DegreesOrNull(NpgsqlDataReader reader, int at) => reader.IsDBNull(at) ? null : reader.GetDouble(at);
}

/// <summary>What the use cases of addresses share, and what other modules ask.</summary>
internal sealed class AddressBook(Db db) : IAccounts
{
    /// <summary>Addresses of a user at the most.</summary>
    public const int AtMost = 20;

    public Task<bool> IsThere(Guid userId, CancellationToken ct) => db.ReadFirst($"select true from accounts.users where id = {userId}", row => row.GetBoolean(0), ct);

    public Task<string?> FindEmail(Guid userId, CancellationToken ct) =>
        db.ReadFirst($"select email from accounts.users where id = {userId}", row => row.IsDBNull(0) ? null : row.GetString(0), ct);

    public Task<Reach?> FindReach(Guid userId, CancellationToken ct) => db.ReadFirst(
        $"select name, locale, phone from accounts.users where id = {userId} and is_active", row => new Reach(row.GetString(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2)), ct);

    public async Task<IReadOnlyDictionary<Guid, string>> PublicNames(IReadOnlyCollection<Guid> userIds, CancellationToken ct)
    {
        var names = new Dictionary<Guid, string>(userIds.Count);
        foreach (var (id, name) in await db.Read(
            $"select id, name, first_name, last_name from accounts.users where id = any({userIds.ToArray()})",
            row => (Id: row.GetGuid(0), Name: PublicName.Of(row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3))), ct))
            if (name is not null)
                names[id] = name;
        return names;
    }

    public async Task<IReadOnlyDictionary<Guid, Payee>> Payees(IReadOnlyCollection<Guid> userIds, CancellationToken ct) => (await db.Read(
        $"select id, coalesce(nullif(concat_ws(' ', first_name, last_name), ''), name), email from accounts.users where id = any({userIds.ToArray()})",
        row => (Id: row.GetGuid(0), Payee: new Payee(row.GetString(1), row.IsDBNull(2) ? null : row.GetString(2))), ct)).ToDictionary(user => user.Id, user => user.Payee);

    public async Task<IReadOnlyList<Guid>> Admins(CancellationToken ct) =>
        await db.Read($"select id from accounts.users where roles & 16 <> 0 and is_active order by id limit 20", row => row.GetGuid(0), ct);

    public Task<PostalAddress?> FindAddress(Guid userId, Guid addressId, CancellationToken ct) => db.ReadFirst(
        $"select street, number, complement, neighborhood, city, state, postal_code, country, lat, lng from accounts.addresses where id = {addressId} and user_id = {userId}",
        reader => new PostalAddress(
            reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), reader.GetString(7),
            SavedAddress.DegreesOrNull(reader, 8), SavedAddress.DegreesOrNull(reader, 9)), ct);

    /// <summary>
    /// Reads all addresses of a user, newest last, with the user locked: changes of one user's addresses come one after the other,
    /// which is what keeps their number and their one default right.
    /// </summary>
    /// <exception cref="RefusedException"><c>unauthenticated</c> (401): the user was erased since the request began.</exception>
    public static async Task<List<Address>> Lock(Db db, Guid userId, CancellationToken ct)
    {
        if (!await db.ReadFirst($"select true from accounts.users where id = {userId} for no key update", reader => reader.GetBoolean(0), ct))
            throw new RefusedException("unauthenticated", "There is no such account any more.", StatusCodes.Status401Unauthorized);
        return await db.Set<Address>().Where(address => address.UserId == userId).OrderBy(address => address.CreatedAt).ThenBy(address => address.Id).ToListAsync(ct);
    }

    /// <summary>Ends the default before another one is written: the index on it is checked row by row.</summary>
    public static Task EndDefault(Db db, Guid userId, DateTimeOffset now, CancellationToken ct) =>
        db.Execute($"update accounts.addresses set is_default = false, updated_at = greatest(updated_at, {now}) where user_id = {userId} and is_default", ct);
}
