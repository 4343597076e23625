using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Addresses;

/// <summary>An address as its owner sees it.</summary>
internal sealed record SavedAddress(
    Guid Id, [Personal] string Label, [Personal] string Street, [Personal] string Number, [Personal] string? Complement, [Personal] string Neighborhood, [Personal] string City,
    [Personal] string State, [Personal] string PostalCode, [Personal] string Country,
    bool IsDefault, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    public static readonly Sql Columns = Sql.Raw("id, label, street, number, complement, neighborhood, city, state, postal_code, country, is_default, created_at, updated_at");

    public static SavedAddress Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4), reader.GetString(5), reader.GetString(6),
        reader.GetString(7), reader.GetString(8), reader.GetString(9), reader.GetBoolean(10), reader.GetFieldValue<DateTimeOffset>(11), reader.GetFieldValue<DateTimeOffset>(12));

    public static SavedAddress Of(Address address) => new(
        address.Id, address.Label, address.Street, address.Number, address.Complement, address.Neighborhood, address.City, address.State, address.PostalCode, address.Country,
        address.IsDefault, address.CreatedAt, address.UpdatedAt);
}

/// <summary>What the use cases of addresses share, and what other modules ask.</summary>
internal sealed class AddressBook(Db db) : IAccounts
{
    /// <summary>Addresses of a user at the most.</summary>
    public const int AtMost = 20;

    public Task<string?> FindEmail(Guid userId, CancellationToken ct) =>
        db.ReadFirst($"select email from accounts.users where id = {userId}", row => row.IsDBNull(0) ? null : row.GetString(0), ct);

    public Task<PostalAddress?> FindAddress(Guid userId, Guid addressId, CancellationToken ct) => db.ReadFirst(
        $"select street, number, complement, neighborhood, city, state, postal_code, country from accounts.addresses where id = {addressId} and user_id = {userId}",
        reader => new PostalAddress(
            reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetString(6), reader.GetString(7)), ct);

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
