using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Booking.Blocks;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Calendars;
using Quitanda.Booking.Categories;
using Quitanda.Booking.Holding;
using Quitanda.Booking.Letters;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Messages;
using Quitanda.Booking.Payouts;
using Quitanda.Booking.PersonalData;
using Quitanda.Booking.Reminders;
using Quitanda.Booking.Reviewing;
using Quitanda.Booking.Waitlist;
using Quitanda.Payments;
using Quitanda.Platform;
using Quitanda.Reviews;

namespace Quitanda.Booking;

/// <summary>The module on one screen.</summary>
public sealed class BookingModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSingleton<IModule, BookingModule>()
        .AddSettings<BookingSettings>("Booking").AddSingleton<IValidateOptions<BookingSettings>, BookingSettingsRules>()
        .AddScoped<FreeTimes>().AddScoped<Holds>().AddScoped<Settling>().AddScoped<Ending>().AddScoped<Booker>()
        .AddScoped<IPayable, PayableBooking>().AddScoped<IPayable, PayableChange>().AddScoped<IPayablePart, BookingPart>().AddScoped<IBookings, BookingContract>().AddScoped<IBookingIntake, BookingIntake>()
        .AddScoped<ISubledger, BookingBooks>().AddScoped<PaidPayouts>()
        .Every<ExpireBookings>(ExpireBookings.Kind, ExpireBookings.Period).AddJob<ExpireBooking.Message, ExpireBooking>(ExpireBooking.Kind)
        .Every<CompleteBookings>(CompleteBookings.Kind, CompleteBookings.Period).AddJob<CompleteBooking.Message, CompleteBooking>(CompleteBooking.Kind).AddJob<RefundAgain.Message, RefundAgain>(RefundAgain.Kind)
        .AddScoped<ListingView>().AddSingleton<IDemo, DemoRentals>().AddSingleton<ISitemapSource, ListingPages>().AddPersonalData<PersonsListings>()
        // After the listings: what is registered last is asked first.
        .AddPersonalData<PersonsEarnings>().AddPersonalData<PersonsBookings>().AddScoped<IKeepsAccounts, PersonsBookings>()
        .AddScoped<IStays, BookedStays>().Subscribe<RatingChanged, RateListing>(RateListing.Kind)
        .AddStream<BookingEvents>().AddRealtime<BookingNews>().AddRealtime<OwnersBookingNews>()
        .AddCalendars().AddWaitlist().AddMessages().AddBookingLetters().AddReminders();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<CategoryRow>().ToTable("categories", "booking").HasKey(category => category.Slug);
        model.Entity<Listing>(listing =>
        {
            listing.ToTable("listings", "booking").Property(l => l.Id).ValueGeneratedNever();
            listing.Ignore(l => l.Clock).Ignore(l => l.IsShown);
            listing.Property(l => l.Unit).IsNamed();
            listing.Property(l => l.Approval).IsNamed();
            listing.Property(l => l.Terms).IsJson();
            listing.Property(l => l.Metadata).IsJson();
            listing.Property(l => l.Images).HasColumnType("jsonb");
        });
        model.Entity<ListingSearchRow>().ToTable("listing_search", "booking").HasKey(row => row.ListingId);
        model.Entity<SearchWordRow>().ToTable("search_words", "booking").HasKey(row => row.Word);
        model.Entity<BlockRow>().ToTable("blocks", "booking");
        model.Entity<Reservation>(booking =>
        {
            booking.ToTable("bookings", "booking").Property(b => b.Id).ValueGeneratedNever();
            booking.Ignore(b => b.Period).Ignore(b => b.Held).Ignore(b => b.Clock);
            booking.Property(b => b.Status).IsNamed();
            booking.Property(b => b.PaymentStatus).IsNamed();
            booking.Property(b => b.Unit).IsNamed();
            booking.Property(b => b.AddOns).IsJson();
            booking.Property(b => b.Lines).IsJson();
            booking.Property(b => b.Policy).IsJson();
            booking.Property(b => b.Metadata).IsJson();
            booking.HasMany(b => b.Timeline).WithOne().HasForeignKey(happened => happened.BookingId);
        });
        model.Entity<ReservationEvent>(happened =>
        {
            happened.ToTable("booking_events", "booking").HasKey(e => new { e.BookingId, e.Position });
            happened.Property(e => e.Status).IsNamed();
            happened.Property(e => e.MadeBy).IsNamed();
        });
        model.Entity<Change>(change =>
        {
            change.ToTable("booking_changes", "booking").Property(c => c.Id).ValueGeneratedNever();
            change.Ignore(c => c.Period).Ignore(c => c.Held);
            change.Property(c => c.Status).IsNamed();
            change.Property(c => c.PaymentStatus).IsNamed();
            change.Property(c => c.MadeBy).IsNamed();
            change.Property(c => c.Lines).IsJson();
        });
        model.Entity<TakenRow>().ToTable("taken", "booking").HasNoKey().Property(taken => taken.During).HasColumnType("tstzrange");
        model.Entity<EarningRow>().ToTable("earnings", "booking");
        model.Entity<PayoutBatchRow>().ToTable("payout_batches", "booking");
        model.Entity<PayoutRow>().ToTable("payouts", "booking");
        model.Entity<CountRow>().ToTable("counts", "booking").HasKey(count => new { count.ResourceId, count.At });
        model.MapWaitlist();
        model.MapMessages();
        model.MapBookingLetters();
        model.MapReminders();
        CalendarSetup.Map(model);
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var bookings = routes.MapGroup("/bookings").WithTags("Bookings");
        bookings.MapPost("/quote", QuoteBooking.Handle).ForAnyone().LimitedForGuests("booking-quotes", (BookingSettings settings) => new(settings.GuestQuotesPerAddress, 3600));
        bookings.MapPost("/", MakeBooking.Handle).LimitedBy("bookings", (BookingSettings settings) => new(settings.BookingsPerHour, 3600), (Caller caller) => caller.Id.ToString());
        bookings.MapGet("/", ListBookings.Handle).Needs(Roles.Admin);
        bookings.MapGet("/mine", ListMyBookings.Handle);
        bookings.MapGet("/owner", ListOwnersBookings.Handle).Needs(Roles.Owner);
        bookings.MapGet("/{id:guid}", ShowBooking.Handle);
        bookings.MapGet("/{id:guid}/events", WatchBooking.Handle);
        bookings.MapPost("/{id:guid}/confirm", ConfirmBooking.Handle);
        bookings.MapPost("/{id:guid}/decline", DeclineBooking.Handle);
        bookings.MapPost("/{id:guid}/cancel", CancelBooking.Handle);
        bookings.MapPost("/{id:guid}/reschedule", RescheduleBooking.Handle);
        bookings.MapPost("/{id:guid}/claim", ClaimDeposit.Handle);
        routes.MapWaitlist();
        routes.MapMessages();
        MapListings(routes);
        MapPayouts(routes);
    }

    private static void MapListings(IEndpointRouteBuilder routes)
    {
        var categories = routes.MapGroup("/listing-categories").WithTags("Listings");
        categories.MapGet("/", ListListingCategories.Handle).ForAnyone().CachedForCustomers();
        categories.MapGet("/{slug}", ShowListingCategory.Handle).ForAnyone().CachedForCustomers();
        categories.MapPost("/", AddListingCategory.Handle).Needs(Roles.Admin).GoesTogether("booking.categories");
        // A new name goes through all listings of the category: also through those whose unit of work, which holds it, is about to end.
        categories.MapPatch("/{slug}", ChangeListingCategory.Handle).Needs(Roles.Admin).GoesAloneUnderConditions("booking.categories");
        categories.MapDelete("/{slug}", DeleteListingCategory.Handle).Needs(Roles.Admin).GoesTogether("booking.categories");

        var listings = routes.MapGroup("/listings").WithTags("Listings");
        listings.MapGet("/", SearchListings.Handle).ForAnyone().CachedForCustomers(
            "category", "location", "near", "radiusKm", "unit", "minPrice", "maxPrice", "from", "to", "guests", "units", "instant", "search", "approval", "page", "limit", "after", "sort");
        listings.MapGet("/mine", ListMyListings.Handle).Needs(Roles.Owner);
        listings.MapGet("/{id:guid}", ShowListing.Handle).ForAnyone().CachedForCustomers();
        listings.MapPost("/", AddListing.Handle).Needs(Roles.Owner);
        listings.MapPatch("/{id:guid}", ChangeListing.Handle).Needs(Roles.Owner);
        listings.MapDelete("/{id:guid}", DeleteListing.Handle).Needs(Roles.Owner);
        listings.MapGet("/{id:guid}/availability", ShowAvailability.Handle).ForAnyone().CachedForCustomers("from", "to");
        listings.MapGet("/{id:guid}/blocks", ListBlocks.Handle).Needs(Roles.Owner);
        listings.MapPost("/{id:guid}/blocks", AddBlock.Handle).Needs(Roles.Owner);
        listings.MapDelete("/{id:guid}/blocks/{blockId:guid}", DeleteBlock.Handle).Needs(Roles.Owner);
        listings.MapPost("/{id:guid}/approve", ApproveListing.Handle).Needs(Roles.Admin);
        listings.MapPost("/{id:guid}/reject", RejectListing.Handle).Needs(Roles.Admin);
    }

    private static void MapPayouts(IEndpointRouteBuilder routes)
    {
        var batches = routes.MapGroup("/payout-batches").WithTags("Payouts");
        batches.MapPost("/", MakePayoutBatch.Handle).Needs(Roles.Admin);
        batches.MapGet("/", ListPayoutBatches.Handle).Needs(Roles.Admin);
        batches.MapGet("/{id:guid}", ShowPayoutBatch.Handle).Needs(Roles.Admin);
        batches.MapGet("/{id:guid}/export", ExportPayoutBatch.Handle).Needs(Roles.Admin);
        batches.MapPost("/{id:guid}/paid", PayPayoutBatch.Handle).Needs(Roles.Admin);
        var payouts = routes.MapGroup("/payouts").WithTags("Payouts");
        payouts.MapGet("/mine", ListMyPayouts.Handle);
        payouts.MapGet("/{id:guid}", ShowPayout.Handle).Needs(Roles.Admin);
        payouts.MapPost("/{id:guid}/paid", PayPayout.Handle).Needs(Roles.Admin);
        payouts.MapPost("/{id:guid}/cancel", CancelPayout.Handle).Needs(Roles.Admin);
        var earnings = routes.MapGroup("/earnings").WithTags("Payouts");
        earnings.MapGet("/mine", ListMyEarnings.Handle);
        earnings.MapGet("/mine/summary", SummarizeMyEarnings.Handle);

        CalendarSetup.Map(routes);
    }
}
