using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>
/// Changes what an account says, for admins. Absent fields stay as they are; null clears those that can be empty. Roles and status have routes of their own,
/// and an e-mail address is changed by who proves that it is theirs.
/// </summary>
[Refuses("username_taken")]
internal static class ChangeUser
{
    internal sealed record Request(
        [StringLength(200), RegularExpression(User.LinePattern)] Patch<string> Name = default,
        [StringLength(100), RegularExpression(User.LinePattern)] Patch<string?> FirstName = default,
        [StringLength(100), RegularExpression(User.LinePattern)] Patch<string?> LastName = default,
        [StringLength(30, MinimumLength = 3), RegularExpression(User.UsernamePattern)] Patch<string?> Username = default,
        [StringLength(16), RegularExpression(User.PhonePattern)] Patch<string?> Phone = default,
        [StringLength(35, MinimumLength = 2), RegularExpression(User.LocalePattern)] Patch<string> Locale = default,
        [Metadata] Patch<IReadOnlyDictionary<string, string>?> Metadata = default);

    public static async Task<Results<Ok<Account>, NotFound>> Handle(Guid id, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var change = new AccountChange(request.Name, request.FirstName, request.LastName, request.Username, request.Phone, request.Locale, request.Metadata);
        return await change.Write(db, id, clock.GetUtcNow(), ct) is { } account ? TypedResults.Ok(account) : TypedResults.NotFound();
    }
}
