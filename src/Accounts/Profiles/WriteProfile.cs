using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Profiles;

/// <summary>Puts what the caller tells of themselves in place of what they told before; what is absent is told no more.</summary>
internal static class WriteProfile
{
    private const int OldestYears = 130;

    /// <param name="Bio">In their own words.</param>
    /// <param name="Website">Absolute, http or https.</param>
    /// <param name="Location">Where they say they live, on one line.</param>
    /// <param name="DateOfBirth">Not in the future, and no more than 130 years ago.</param>
    internal sealed record Request(
        [StringLength(Profile.LongestBio, MinimumLength = 1)] string? Bio = null,
        [StringLength(Profile.LongestWebsite, MinimumLength = 1)] string? Website = null,
        [StringLength(Profile.LongestLocation, MinimumLength = 1), RegularExpression(User.LinePattern)] string? Location = null,
        DateOnly? DateOfBirth = null);

    public static async Task<Results<Ok<Profile>, NotFound>> Handle(Request request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (request.Website is { } website && !(Uri.TryCreate(website, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)))
            throw new InvalidException("website", "must be an absolute http or https address.");
        // Whoever is born today somewhere is born tomorrow in UTC, at the most.
        var today = clock.GetUtcNow().UtcDay();
        if (request.DateOfBirth > today.AddDays(1) || request.DateOfBirth < today.AddYears(-OldestYears))
            throw new InvalidException("dateOfBirth", $"must not be in the future, nor more than {OldestYears} years ago.");

        // From the user, so that whoever is erased meanwhile tells nothing.
        var profile = await db.ReadFirst(
            $"""
            insert into accounts.profiles (user_id, bio, website, location, date_of_birth)
            select id, {request.Bio}, {request.Website}, {request.Location}, {request.DateOfBirth} from accounts.users where id = {caller.Id} for key share
            on conflict (user_id) do update set bio = excluded.bio, website = excluded.website, location = excluded.location, date_of_birth = excluded.date_of_birth
            returning {Profile.Columns}
            """, Profile.Read, ct);
        return profile is null ? TypedResults.NotFound() : TypedResults.Ok(profile);
    }
}
