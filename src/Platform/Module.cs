using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace Quitanda.Platform;

/// <summary>What a module hands to the host: its tables and its routes. Its services come from its own <c>Add</c>. The tables of one that is off stay, its routes do not.</summary>
[EvenWhenOff]
public interface IModule
{
    /// <summary>Maps the module's entities, each to a table in the module's own schema.</summary>
    void Map(ModelBuilder model);

    /// <summary>Maps the module's routes. <paramref name="routes"/> is already below <c>/api/v1</c> and asks for a signed-in caller.</summary>
    void Map(IEndpointRouteBuilder routes);
}

/// <summary>A module that answers at the root of the host as well: what is looked for there by its name, such as a feed.</summary>
public interface IRootRoutes
{
    /// <summary>Maps the routes. Nothing stands before them: no validation, no transaction, and nobody has to be signed in.</summary>
    void MapRoot(RouteGroupBuilder root);
}

/// <summary>Fills an empty database with the demo shop. Lower modules are asked first, all in one transaction.</summary>
public interface IDemo
{
    /// <summary>Whether this module holds nothing yet. The demo is filled in only where every module is empty.</summary>
    Task<bool> IsEmpty(Db db, CancellationToken ct);

    /// <summary>Adds this module's demo rows. <paramref name="people"/> says who was made, by role name, once Accounts has made them.</summary>
    Task Fill(Db db, DemoPeople people, CancellationToken ct);
}

/// <summary>The demo's people by role (<c>customer</c>, <c>owner</c>, <c>staff</c>, <c>moderator</c>, <c>admin</c>), with passwords made for this installation alone.</summary>
public sealed class DemoPeople
{
    /// <summary>One person and how they sign in.</summary>
    public sealed record Person(Guid Id, string Email, string Password);

    /// <summary>Everybody made so far, by role.</summary>
    public SortedDictionary<string, Person> ByRole { get; } = new(StringComparer.Ordinal);
}
