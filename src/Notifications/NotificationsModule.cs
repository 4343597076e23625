using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Notifications.Events;
using Quitanda.Notifications.Notices;
using Quitanda.Notifications.Webhooks;
using Quitanda.Platform;

namespace Quitanda.Notifications;

/// <summary>Who is told of what happened, and how: people by notices, other systems by webhooks.</summary>
public sealed class NotificationsModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSingleton<IModule, NotificationsModule>()
        .AddEvents().AddWebhookEndpoints().AddNotices();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.MapEvents();
        model.MapWebhooks();
        model.MapNotices();
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapEvents();
        routes.MapWebhooks();
        routes.MapNotices();
    }
}
