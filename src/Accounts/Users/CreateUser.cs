using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.Passwords;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>
/// Makes an account for somebody, for admins: with the roles given, a customer's without any. Without a password nobody signs in to it until its owner has set one.
/// Nobody is written to, and the address counts as unproved.
/// </summary>
[Refuses("email_taken"), Refuses("username_taken"), Refuses("unavailable", 503)]
internal static class CreateUser
{
    internal sealed record Request(
        [StringLength(200), RegularExpression(User.LinePattern)] string Name,
        [StringLength(254), RegularExpression(User.EmailPattern)] string Email,
        [MinLength(1), MaxLength(5)] Role[]? Roles = null,
        [StringLength(PasswordHashing.Longest, MinimumLength = PasswordHashing.Shortest), Uncommon] string? Password = null,
        [StringLength(30, MinimumLength = 3), RegularExpression(User.UsernamePattern)] string? Username = null,
        [StringLength(16), RegularExpression(User.PhonePattern)] string? Phone = null,
        [StringLength(100), RegularExpression(User.LinePattern)] string? FirstName = null,
        [StringLength(100), RegularExpression(User.LinePattern)] string? LastName = null,
        [StringLength(35, MinimumLength = 2), RegularExpression(User.LocalePattern)] string? Locale = null,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null) : IPrepared
    {
        internal string? Hash { get; private set; }

        async Task IPrepared.Prepare(IServiceProvider services, CancellationToken ct) =>
            Hash = Password is null ? null : await services.GetRequiredService<PasswordHashing>().Hash(Password, ct);
    }

    public static async Task<Created<Account>> Handle(Request request, Db db, IOptions<AccountSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        var user = new User
        {
            Email = request.Email,
            Name = request.Name.Trim(),
            FirstName = request.FirstName?.Trim(),
            LastName = request.LastName?.Trim(),
            Username = request.Username?.ToLowerInvariant(),
            Phone = request.Phone,
            Metadata = MetadataAttribute.Kept(request.Metadata),
            Locale = request.Locale ?? settings.Value.Locale,
            Roles = request.Roles is { } given ? Account.Together(given) : Roles.Customer,
            PasswordHash = request.Hash,
            CreatedAt = clock.GetUtcNow(),
        };
        if (!await NewUser.Insert(db, user, ct))
            throw await NewUser.Taken(db, user, ct);
        return TypedResults.Created($"/api/v1/users/{user.Id}", Account.Of(user));
    }
}
