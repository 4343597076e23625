using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Changes what the caller says of themselves. Absent fields stay as they are; null clears those that can be empty.</summary>
[Refuses("username_taken")]
internal static class ChangeMe
{
    internal sealed record Request(
        [StringLength(200), RegularExpression(User.LinePattern)] Patch<string> Name = default,
        [StringLength(100), RegularExpression(User.LinePattern)] Patch<string?> FirstName = default,
        [StringLength(100), RegularExpression(User.LinePattern)] Patch<string?> LastName = default,
        [StringLength(30, MinimumLength = 3), RegularExpression(User.UsernamePattern)] Patch<string?> Username = default,
        [StringLength(16), RegularExpression(User.PhonePattern)] Patch<string?> Phone = default,
        [StringLength(35, MinimumLength = 2), RegularExpression(User.LocalePattern)] Patch<string> Locale = default,
        [Metadata] Patch<IReadOnlyDictionary<string, string>?> Metadata = default);

    private static readonly Dictionary<string, string> NoMetadata = new(StringComparer.Ordinal);

    public static async Task<Results<Ok<Account>, NotFound>> Handle(Request request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            // Only what was sent is written, so that two changes of different fields at once both stay.
            var account = await db.ReadFirst(
                $"""
                update accounts.users set
                    name = case when {request.Name.IsSet} then {request.Name.Value?.Trim()} else name end,
                    first_name = case when {request.FirstName.IsSet} then {request.FirstName.Value?.Trim()} else first_name end,
                    last_name = case when {request.LastName.IsSet} then {request.LastName.Value?.Trim()} else last_name end,
                    username = case when {request.Username.IsSet} then {request.Username.Value?.ToLowerInvariant()} else username end,
                    phone = case when {request.Phone.IsSet} then {request.Phone.Value} else phone end,
                    locale = case when {request.Locale.IsSet} then {request.Locale.Value} else locale end,
                    metadata = case when {request.Metadata.IsSet} then {Sql.Json(request.Metadata.Value ?? NoMetadata)} else metadata end,
                    updated_at = greatest(updated_at, {clock.GetUtcNow()})
                where id = {caller.Id}
                returning {Account.Columns}
                """, Account.Read, ct);
            return account is null ? TypedResults.NotFound() : TypedResults.Ok(account);
        }
        catch (PostgresException error) when (error is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "users_username_key" })
        {
            throw new RefusedException("username_taken", "This username is taken.");
        }
    }
}
