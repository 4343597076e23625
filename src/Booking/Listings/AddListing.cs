using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Booking.Categories;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Offers something to rent. Whoever adds it owns it. Where listings are looked at first, nobody else sees it until an admin approves it.</summary>
[Refuses("unusable_file")]
internal static class AddListing
{
    internal const int ImagesAtMost = 20;
    internal const int AddOnsAtMost = 50;
    internal const int StepsAtMost = 10;
    internal const int LongestNotice = 8784;
    internal const int LongestHorizon = 1095;

    /// <param name="Title">As people read it.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="Category">The slug of a category.</param>
    /// <param name="Pricing">What it costs. All amounts are in the currency of its price.</param>
    /// <param name="Location">Where it is.</param>
    /// <param name="CancellationPolicy">What a renter who cancels gets back; none, and nothing comes back.</param>
    /// <param name="InstantBooking">Whether nobody needs to accept a booking.</param>
    /// <param name="TimeZone">Whose days and hours are meant; without it the store's own.</param>
    /// <param name="Capacity">How many people it is for.</param>
    /// <param name="Units">How many there are of it. Up to 20 are told apart, more are counted.</param>
    /// <param name="AddOns">What can be rented along.</param>
    /// <param name="Deposit">What is paid along and comes back when all is well.</param>
    /// <param name="CleaningFee">What is paid once.</param>
    /// <param name="Buffer">What stays free around each booking.</param>
    /// <param name="NoticeHours">So many hours before it begins, a booking is made at the least.</param>
    /// <param name="HorizonDays">So many days ahead a booking may begin at the most.</param>
    /// <param name="StartDays">On which days a booking may begin; without it on all.</param>
    /// <param name="IsActive">Whether it is offered.</param>
    /// <param name="ImageFileIds">Public images that its owner has sent, in this order.</param>
    /// <param name="Metadata">The owner's own notes, returned as given.</param>
    internal sealed record Request(
        [Required, StringLength(200)] string Title,
        [StringLength(5000)] string Description,
        [Required, StringLength(ListingCategory.LongestSlug)] string Category,
        ListingPricing Pricing,
        ListingPlace Location,
        [MaxLength(StepsAtMost)] CancellationStep[] CancellationPolicy,
        bool InstantBooking,
        [TimeZone] string? TimeZone = null,
        [Range(1, 1_000_000)] int? Capacity = null,
        [Range(1, 10_000)] int Units = 1,
        [MaxLength(AddOnsAtMost)] AddOn[]? AddOns = null,
        Money? Deposit = null,
        Money? CleaningFee = null,
        BufferTime? Buffer = null,
        [Range(0, LongestNotice)] int NoticeHours = 0,
        [Range(1, LongestHorizon)] int HorizonDays = ListingTerms.HorizonAtFirst,
        [MinLength(1), MaxLength(7)] DayOfWeek[]? StartDays = null,
        bool IsActive = true,
        [MaxLength(ImagesAtMost)] Guid[]? ImageFileIds = null,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null);

    public static async Task<Created<ListingDetails>> Handle(
        Request request, Caller caller, Db db, ListingView view, IFiles files, IBusinessTime time, IOptions<BookingSettings> settings, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var place = request.Location.Checked();
        var terms = new ListingTerms
        {
            Pricing = request.Pricing,
            AddOns = request.AddOns ?? [],
            Deposit = request.Deposit,
            CleaningFee = request.CleaningFee,
            Buffer = request.Buffer ?? new(),
            NoticeHours = request.NoticeHours,
            HorizonDays = request.HorizonDays,
            StartDays = request.StartDays,
            CancellationPolicy = request.CancellationPolicy,
        }.Checked(before: [], now);
        var category = await ListingCategory.Hold(db, request.Category, ct);
        var id = Guid.CreateVersion7(now);
        var listing = new Listing
        {
            Id = id,
            OwnerId = caller.Id,
            Title = request.Title,
            Description = request.Description,
            Category = request.Category,
            Unit = terms.Pricing.Unit,
            TimeZone = request.TimeZone ?? (await time.Zone(ct)).Id,
            Currency = terms.Pricing.Price.Currency,
            Price = terms.Pricing.Price.Amount,
            Terms = terms,
            City = place.City,
            Address = place.Address,
            Lat = place.Lat,
            Lng = place.Lng,
            Capacity = request.Capacity,
            Units = request.Units,
            IsPooled = request.Units > Listing.MostToldApart,
            Instant = request.InstantBooking,
            IsActive = request.IsActive,
            Approval = settings.Value.ApproveListings ? Approval.Pending : Approval.Approved,
            Images = ListingImage.Stored(await files.ShowOwn(Listing.ShownBy, id, caller.Id, request.ImageFileIds ?? [], ct)),
            Metadata = MetadataAttribute.Kept(request.Metadata),
            CreatedAt = now,
            UpdatedAt = now,
        };
        db.Add(listing);
        ListingSearch.Put(db, listing, category);
        Listing.Evict(db, id);
        return TypedResults.Created($"/api/v1/listings/{id}", await view.Changed(id, caller, ct));
    }
}
