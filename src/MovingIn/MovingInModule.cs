using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.MovingIn;

/// <summary>Brings in what another system holds, once, however often it is asked. It has no routes: it is a command.</summary>
public sealed class MovingInModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<IModule, MovingInModule>().AddSingleton<MoveIn>().AddPersonalData<PersonsOrigin>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model) => model.Entity<ArrivalRow>(row =>
    {
        row.ToTable("arrivals", "movingin").HasKey(r => new { r.Source, r.Kind, r.OldId });
        row.Property(r => r.Remarks).HasColumnType("jsonb");
    });

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes) { }
}

/// <summary>The table as the EF model knows it; it is written and read by hand-made SQL.</summary>
internal sealed class ArrivalRow
{
    public required string Source { get; init; }
    public required string Kind { get; init; }
    public required string OldId { get; init; }
    public Guid NewId { get; init; }
    public byte[]? ContentHash { get; init; }
    public string? Remarks { get; init; }
    public DateTimeOffset CameAt { get; init; }
}
