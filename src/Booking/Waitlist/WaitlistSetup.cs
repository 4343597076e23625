using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking.Letters;
using Quitanda.Platform;

namespace Quitanda.Booking.Waitlist;

/// <summary>The waiting lists of listings.</summary>
internal static class WaitlistSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddWaitlist(this IServiceCollection services) => services
        .AddScoped<Line>().AddPersonalData<PersonsWaits>().AddLetter<TimeOffered>()
        .Subscribe<TimeFreed, OfferTime>(OfferTime.FreedKind).AddJob<OfferTime.Message, OfferTime>(OfferTime.Kind)
        .Every<OfferTimes>(OfferTimes.Kind, OfferTimes.Period);

    /// <summary>Maps its tables.</summary>
    public static void MapWaitlist(this ModelBuilder model) => model.Entity<WaitRow>().ToTable("waits", "booking").Property(wait => wait.Wish).HasColumnType("jsonb");

    /// <summary>Maps its routes.</summary>
    public static void MapWaitlist(this IEndpointRouteBuilder routes)
    {
        var listings = routes.MapGroup("/listings/{id:guid}/waitlist").WithTags("Waiting list");
        listings.MapPost("/", JoinWaitlist.Handle).LimitedBy("waitlist", (BookingSettings settings) => new(settings.BookingsPerHour, 3600), (Caller caller) => caller.Id.ToString());
        listings.MapGet("/", ListWaitlist.Handle);
        var waitlist = routes.MapGroup("/waitlist").WithTags("Waiting list");
        waitlist.MapGet("/mine", ListMyWaits.Handle);
        waitlist.MapGet("/{id:guid}", ShowWait.Handle);
        waitlist.MapDelete("/{id:guid}", LeaveWaitlist.Handle);
    }
}
