using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Content;

/// <summary>What the house writes and what people say of it: posts, tags and comments.</summary>
public sealed class ContentModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<IModule, ContentModule>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model) { }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes) { }
}
