using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Ordering;

/// <summary>The module on one screen.</summary>
public sealed class OrderingModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<IModule, OrderingModule>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model) { }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes) { }
}
