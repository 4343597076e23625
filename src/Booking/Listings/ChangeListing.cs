using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Categories;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>
/// Changes a listing. What is not in the request stays; a null clears. Bookings that are made stay as they are. What is by the day or the hour, the time zone, and whether
/// units are told apart cannot change while anything is asked for, held or closed from now on. One that was rejected is looked at again.
/// </summary>
[Refuses("unusable_file"), Refuses("listing_in_use"), Refuses("units_in_use"), Refuses("add_on_in_use")]
internal static class ChangeListing
{
    /// <param name="Title">As people read it.</param>
    /// <param name="Description">What it is.</param>
    /// <param name="Category">The slug of a category.</param>
    /// <param name="Pricing">What it costs, all of it.</param>
    /// <param name="Location">Where it is, all of it.</param>
    /// <param name="CancellationPolicy">What a renter who cancels gets back, all of it.</param>
    /// <param name="InstantBooking">Whether nobody needs to accept a booking.</param>
    /// <param name="TimeZone">Whose days and hours are meant.</param>
    /// <param name="Capacity">How many people it is for; null where nobody counts.</param>
    /// <param name="Units">How many there are of it.</param>
    /// <param name="AddOns">What can be rented along, all of it. Those that are sent with their ids stay what they are; null or none takes them away.</param>
    /// <param name="Deposit">What is paid along and comes back; null for none.</param>
    /// <param name="CleaningFee">What is paid once; null for none.</param>
    /// <param name="Buffer">What stays free around each booking, from now on; null for nothing.</param>
    /// <param name="NoticeHours">So many hours before it begins, a booking is made at the least.</param>
    /// <param name="HorizonDays">So many days ahead a booking may begin at the most.</param>
    /// <param name="StartDays">On which days a booking may begin; null on all.</param>
    /// <param name="IsActive">Whether it is offered.</param>
    /// <param name="ImageFileIds">Images, all of them in this order; null or none takes them away.</param>
    /// <param name="Metadata">The owner's own notes, all of them; null clears them.</param>
    internal sealed record Request(
        [Required, StringLength(200)] Patch<string> Title = default,
        [StringLength(5000)] Patch<string> Description = default,
        [Required, StringLength(ListingCategory.LongestSlug)] Patch<string> Category = default,
        Patch<ListingPricing> Pricing = default,
        Patch<ListingPlace> Location = default,
        [MaxLength(AddListing.StepsAtMost)] Patch<CancellationStep[]> CancellationPolicy = default,
        Patch<bool> InstantBooking = default,
        [Required, TimeZone] Patch<string> TimeZone = default,
        [Range(1, 1_000_000)] Patch<int?> Capacity = default,
        [Range(1, 10_000)] Patch<int> Units = default,
        [MaxLength(AddListing.AddOnsAtMost)] Patch<AddOn[]?> AddOns = default,
        Patch<Money?> Deposit = default,
        Patch<Money?> CleaningFee = default,
        Patch<BufferTime?> Buffer = default,
        [Range(0, AddListing.LongestNotice)] Patch<int> NoticeHours = default,
        [Range(1, AddListing.LongestHorizon)] Patch<int> HorizonDays = default,
        [MinLength(1), MaxLength(7)] Patch<DayOfWeek[]?> StartDays = default,
        Patch<bool> IsActive = default,
        [MaxLength(AddListing.ImagesAtMost)] Patch<Guid[]?> ImageFileIds = default,
        [Metadata] Patch<IReadOnlyDictionary<string, string>?> Metadata = default);

    public static async Task<Results<Ok<ListingDetails>, NotFound>> Handle(
        Guid id, Request request, Caller caller, Db db, ListingView view, IFiles files, TimeProvider clock, CancellationToken ct)
    {
        // The category first, like everybody who holds one: a category that is renamed locks what is in it.
        var category = request.Category.IsSet ? await ListingCategory.Hold(db, request.Category.Value, ct) : null;
        if (await Listing.Lock(db, id, ct) is not { ArchivedAt: null } listing || !listing.IsOf(caller))
            return TypedResults.NotFound();

        var now = clock.GetUtcNow();
        await Apply(request, listing, db, now, ct);
        if (request.ImageFileIds.IsSet)
            listing.Images = ListingImage.Stored(await files.ShowOwn(Listing.ShownBy, id, listing.OwnerId, request.ImageFileIds.Value ?? [], ct));
        if (listing.Approval == Approval.Rejected && listing.OwnerId == caller.Id)
            (listing.Approval, listing.ApprovalNote) = (Approval.Pending, null);
        listing.UpdatedAt = now;

        if (request.Title.IsSet || request.Description.IsSet || request.Location.IsSet || category is not null)
            ListingSearch.Put(db, listing, category ?? await ListingCategory.Hold(db, listing.Category, ct));
        Listing.Evict(db, id);
        return TypedResults.Ok(await view.Changed(id, caller, ct));
    }

    private static async Task Apply(Request request, Listing listing, Db db, DateTimeOffset now, CancellationToken ct)
    {
        var before = listing.Terms;
        var terms = new ListingTerms
        {
            Pricing = request.Pricing.Or(before.Pricing),
            AddOns = request.AddOns.IsSet ? request.AddOns.Value ?? [] : before.AddOns,
            Deposit = request.Deposit.Or(before.Deposit),
            CleaningFee = request.CleaningFee.Or(before.CleaningFee),
            Buffer = request.Buffer.IsSet ? request.Buffer.Value ?? new() : before.Buffer,
            NoticeHours = request.NoticeHours.Or(before.NoticeHours),
            HorizonDays = request.HorizonDays.Or(before.HorizonDays),
            StartDays = request.StartDays.IsSet ? request.StartDays.Value : before.StartDays,
            CancellationPolicy = request.CancellationPolicy.IsSet ? request.CancellationPolicy.Value : before.CancellationPolicy,
        }.Checked(before.AddOns, now);
        await Fit(request, listing, terms, db, now, ct);

        listing.Terms = terms;
        (listing.Unit, listing.Currency, listing.Price) = (terms.Pricing.Unit, terms.Pricing.Price.Currency, terms.Pricing.Price.Amount);
        if (request.Location.IsSet)
        {
            var place = request.Location.Value.Checked();
            (listing.City, listing.Address, listing.Lat, listing.Lng) = (place.City, place.Address, place.Lat, place.Lng);
        }

        listing.Title = request.Title.Or(listing.Title);
        listing.Description = request.Description.Or(listing.Description);
        listing.Category = request.Category.Or(listing.Category);
        listing.TimeZone = request.TimeZone.Or(listing.TimeZone);
        listing.Capacity = request.Capacity.Or(listing.Capacity);
        listing.Instant = request.InstantBooking.Or(listing.Instant);
        listing.IsActive = request.IsActive.Or(listing.IsActive);
        if (request.Metadata.IsSet)
            listing.Metadata = MetadataAttribute.Kept(request.Metadata.Value);
    }

    /// <summary>Holds what changes to what is held of the listing already, and has it the units that are asked for.</summary>
    private static async Task Fit(Request request, Listing listing, ListingTerms terms, Db db, DateTimeOffset now, CancellationToken ct)
    {
        var units = request.Units.Or(listing.Units);
        var isPooled = units > Listing.MostToldApart;
        if ((terms.Pricing.Unit != listing.Unit || request.TimeZone.Or(listing.TimeZone) != listing.TimeZone || isPooled != listing.IsPooled) && await ListingUse.IsTaken(db, listing.Id, now, ct))
            throw new RefusedException("listing_in_use", "While it is booked or closed, its unit, its time zone and whether its units are told apart stay.");
        if (units != listing.Units && isPooled == listing.IsPooled)
            await ListingUse.SetUnits(db, listing, units, now, ct);
        await ListingUse.SetStocks(db, listing.Id, listing.Terms.AddOns, terms.AddOns, now, ct);
        (listing.Units, listing.IsPooled) = (units, isPooled);
    }
}
