using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Changes what the caller says of themselves. Absent fields stay as they are; null clears those that can be empty. An avatar is a public image that the caller sent.</summary>
[Refuses("username_taken"), Refuses("unusable_file")]
internal static class ChangeMe
{
    /// <summary>What accounts are to files.</summary>
    public const string ShownBy = "avatar";

    internal sealed record Request(
        [StringLength(200), RegularExpression(User.LinePattern)] Patch<string> Name = default,
        [StringLength(100), RegularExpression(User.LinePattern)] Patch<string?> FirstName = default,
        [StringLength(100), RegularExpression(User.LinePattern)] Patch<string?> LastName = default,
        [StringLength(30, MinimumLength = 3), RegularExpression(User.UsernamePattern)] Patch<string?> Username = default,
        [StringLength(16), RegularExpression(User.PhonePattern)] Patch<string?> Phone = default,
        [StringLength(35, MinimumLength = 2), RegularExpression(User.LocalePattern)] Patch<string> Locale = default,
        [Metadata] Patch<IReadOnlyDictionary<string, string>?> Metadata = default,
        Patch<Guid?> AvatarFileId = default);

    public static async Task<Results<Ok<Account>, NotFound>> Handle(Request request, Caller caller, Db db, IFiles files, TimeProvider clock, CancellationToken ct)
    {
        // The user before the file, as in an erasure, so that the two cannot deadlock; and who is erased already shows nothing.
        if (request.AvatarFileId.IsSet)
        {
            if (!await db.ReadFirst($"select true from accounts.users where id = {caller.Id} for no key update", row => row.GetBoolean(0), ct))
                return TypedResults.NotFound();
            await files.ShowOwn(ShownBy, caller.Id, caller.Id, request.AvatarFileId.Value, ct);
        }

        var change = new AccountChange(request.Name, request.FirstName, request.LastName, request.Username, request.Phone, request.Locale, request.Metadata, request.AvatarFileId);
        return await change.Write(db, caller.Id, clock.GetUtcNow(), ct) is { } account ? TypedResults.Ok(account) : TypedResults.NotFound();
    }
}
