using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>Events on one screen: what records them, their tables, their routes.</summary>
internal static class EventSetup
{
    /// <summary>Adds what records events and keeps the feed.</summary>
    public static IServiceCollection AddEvents(this IServiceCollection services)
    {
        EventType.Subscribe(services);
        return services.Every<NumberEvents>(NumberEvents.Kind, NumberEvents.Period).Every<ForgetEvents>(ForgetEvents.Kind, ForgetEvents.Period)
            .AddJob<ForgetEvents.Message, ForgetEvents>(ForgetEvents.NextKind);
    }

    /// <summary>Maps their tables.</summary>
    public static void MapEvents(this ModelBuilder model)
    {
        model.Entity<StoredEvent>(happened =>
        {
            happened.ToTable("events", "notifications").Property(e => e.Id).ValueGeneratedNever();
            happened.Property(e => e.Data).HasColumnType("jsonb");
        });
        model.Entity<EventFeedRow>().ToTable("event_feed", "notifications").HasKey(feed => feed.IsIt);
    }

    /// <summary>Maps their routes.</summary>
    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/events", ListEvents.Handle).Needs(Roles.Admin).WithTags("Events");
        routes.MapGet("/event-types", ListEventTypes.Handle).Needs(Roles.Admin).WithTags("Events");
    }
}
