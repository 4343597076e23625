using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Quitanda.Platform;

/// <summary>What somebody may do. A user can hold several.</summary>
[Flags]
public enum Roles
{
    /// <summary>Nobody in particular.</summary>
    None = 0,

    /// <summary>Everyone who signs up.</summary>
    Customer = 1,

    /// <summary>Offers listings.</summary>
    Owner = 2,

    /// <summary>Runs the shop.</summary>
    Staff = 4,

    /// <summary>Looks after content.</summary>
    Moderator = 8,

    /// <summary>May do everything.</summary>
    Admin = 16,
}

/// <summary>Who is calling. Ask for it as a handler's parameter; <c>Caller?</c> where a guest may come too.</summary>
/// <param name="Id">The user.</param>
/// <param name="Roles">Looked up at this request (30 s old at most), never read from the token.</param>
/// <param name="SessionId">The sign-in that this call belongs to, or the API key.</param>
public sealed record Caller(Guid Id, Roles Roles, Guid SessionId)
{
    /// <summary>The version of the user that the caller signed in as; a newer one ends what the old one may. Null where there is none to go by.</summary>
    public long? Version { get; init; }

    /// <summary>When what the caller showed runs out; null where it does not.</summary>
    public DateTimeOffset? GoodUntil { get; init; }

    /// <summary>Whether an API key calls for its owner; then <see cref="SessionId"/> is the key's.</summary>
    public bool IsByKey { get; init; }

    /// <summary>Whether it is a guest, known by a token of the house: the id is theirs and no user's, they hold no role, and no row says that they are there.</summary>
    public bool IsGuest { get; init; }

    /// <summary>The token of a guest whom this very request made; null for everybody else.</summary>
    public string? NewToken { get; init; }

    /// <summary>Whether the caller holds any of <paramref name="roles"/>, or is an admin.</summary>
    public bool Is(Roles roles) => (Roles & (roles | Roles.Admin)) != Roles.None;

    /// <summary>The caller of a request, or null where nobody is known.</summary>
    public static Caller? Of(HttpContext context) => (context.User.Identity as CallerIdentity)?.Caller;

    /// <summary>Binds the handler's parameter. On a route that makes guests, whoever comes as nobody is one from here on.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context) ?? Guests.Make(context));
}

/// <summary>A caller as the framework's authorization knows it.</summary>
public sealed class CallerIdentity(Caller caller)
    : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, caller.Id.ToString())], "Bearer")
{
    /// <summary>Who it is.</summary>
    public Caller Caller { get; } = caller;
}

/// <summary>Who may call a route. Without one of these a route asks for any signed-in caller.</summary>
public static class Access
{
    /// <summary>Only callers with one of <paramref name="roles"/>, or admins: others get 403.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder routes, Roles roles) where TBuilder : IEndpointConventionBuilder =>
        routes.RequireAuthorization(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new RolesRequirement(roles)).Build())
            .WithMetadata(new RolesRequirement(roles));

    /// <summary>Anyone, signed in or not.</summary>
    public static TBuilder ForAnyone<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder => routes.AllowAnonymous();

    /// <summary>Guests with a token as well, as callers of their own. May stand beside <see cref="ForAnyone{TBuilder}"/>.</summary>
    public static TBuilder ForGuests<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder => routes.WithMetadata(new TakesGuests(MakesThem: false));

    /// <summary>Anyone: whoever comes as nobody becomes a guest, and is told their token. The handler always has a caller.</summary>
    public static TBuilder MakesGuests<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder => routes.ForAnyone().WithMetadata(new TakesGuests(MakesThem: true));
}

/// <summary>Metadata of routes on which a guest's token makes a caller. On all others nobody looks at it.</summary>
/// <param name="MakesThem">Whether whoever comes as nobody becomes a guest.</param>
public sealed record TakesGuests(bool MakesThem);

/// <summary>Metadata of routes for which an access token or an API key sent along, which clients do out of habit, is not looked at.</summary>
public sealed class IgnoresAccessToken;

internal sealed record RolesRequirement(Roles Roles) : IAuthorizationRequirement;

internal sealed class RolesHandler : AuthorizationHandler<RolesRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RolesRequirement requirement)
    {
        if (context.User.Identity is CallerIdentity identity && identity.Caller.Is(requirement.Roles))
            context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
