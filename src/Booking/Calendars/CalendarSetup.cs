using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>Calendars on one screen: what they need, their tables, their routes.</summary>
internal static class CalendarSetup
{
    /// <summary>Times an hour that somebody may have calendars read at once.</summary>
    private const int RefreshesPerHour = 60;

    public static IServiceCollection AddCalendars(this IServiceCollection services)
    {
        FeedLine.Add(services);
        return services.AddScoped<OwnCalendar>().AddScoped<Closing>().AddPersonalData<PersonsFeeds>().AddLetter<FeedFailed>().AddLetter<FeedConflicts>()
            .Every<RefreshFeeds>(RefreshFeeds.Kind, RefreshFeeds.Period).AddOutsideJob<FetchFeed.Message, FetchFeed.Outcome?, FetchFeed>(FetchFeed.Kind, asksNamed: true, FetchFeed.AtOnce)
            .Subscribe<TimeFreed, CloseFreedTime>(CloseFreedTime.Kind);
    }

    public static void Map(ModelBuilder model)
    {
        model.Entity<CalendarLinkRow>().ToTable("calendar_links", "booking").HasKey(link => link.ListingId);
        model.Entity<FeedConflictRow>().ToTable("feed_conflicts", "booking").HasKey(conflict => new { conflict.FeedId, conflict.BookingId });
        model.Entity<Feed>(feed =>
        {
            feed.ToTable("feeds", "booking").Property(f => f.Id).ValueGeneratedNever();
            feed.Property(f => f.Error).IsNamed();
        });
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        var listing = routes.MapGroup("/listings/{id:guid}").WithTags("Calendars");
        listing.MapGet("/calendar.ics", ShowCalendar.Handle).ForAnyone().WithMetadata(new IgnoresAccessToken());
        listing.MapGet("/calendar-link", ShowCalendarLink.Handle).Needs(Roles.Owner);
        listing.MapPost("/calendar-link", MakeCalendarLink.Handle).Needs(Roles.Owner);
        listing.MapDelete("/calendar-link", DeleteCalendarLink.Handle).Needs(Roles.Owner);
        listing.MapGet("/feeds", ListFeeds.Handle).Needs(Roles.Owner);
        listing.MapPost("/feeds", AddFeed.Handle).Needs(Roles.Owner);
        listing.MapGet("/feeds/{feedId:guid}", ShowFeed.Handle).Needs(Roles.Owner);
        listing.MapPatch("/feeds/{feedId:guid}", ChangeFeed.Handle).Needs(Roles.Owner);
        listing.MapDelete("/feeds/{feedId:guid}", DeleteFeed.Handle).Needs(Roles.Owner);
        listing.MapPost("/feeds/{feedId:guid}/refresh", RefreshFeed.Handle).Needs(Roles.Owner)
            .LimitedBy("feed-refreshes", (BookingSettings _) => new(RefreshesPerHour, 3600), (Caller caller) => caller.Id.ToString());
    }

    /// <summary>The secret addresses of listings' calendars.</summary>
    private sealed class CalendarLinkRow
    {
        public Guid ListingId { get; init; }
        public required byte[] TokenHash { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
    }

    /// <summary>Bookings whose owner was told that a calendar elsewhere is busy then.</summary>
    private sealed class FeedConflictRow
    {
        public Guid FeedId { get; init; }
        public Guid BookingId { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
    }
}
