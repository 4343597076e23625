using Quitanda.Accounts;
using Quitanda.Booking.Categories;
using Quitanda.Files;
using Quitanda.Platform;

namespace Quitanda.Booking.Listings;

/// <summary>Shows listings to whoever may see them, each as much as is theirs to see.</summary>
internal sealed class ListingView(Db db, IAccounts accounts, IFiles files, Shown shown)
{
    /// <summary>A listing as this unit of work has it, for whoever asks; null where there is none for them.</summary>
    public async Task<ListingDetails?> Find(Guid id, Caller? caller, CancellationToken ct)
    {
        var found = await db.ReadFirst(
            $"select {Listing.Columns}, k.name from booking.listings l join booking.categories k on k.slug = l.category where l.id = {id} and l.archived_at is null",
            row => (Listing: Listing.Read(row), Category: row.GetString(Listing.ColumnCount)), ct);
        if (found.Listing is not { } listing || !(IsFor(caller, listing) || listing.IsShown))
            return null;
        var names = await accounts.PublicNames([listing.OwnerId], ct);
        shown.Tag(Listing.Tag(id));
        shown.Tag(ListingCategory.All);
        shown.Tag(PublicName.Tag(listing.OwnerId));
        return ListingDetails.Of(listing, found.Category, names.GetValueOrDefault(listing.OwnerId), files, IsFor(caller, listing));
    }

    /// <summary>The same after a change of this unit of work, which sees it already.</summary>
    public async Task<ListingDetails> Changed(Guid id, Caller caller, CancellationToken ct)
    {
        await db.Flush(ct);
        return (await Find(id, caller, ct))!;
    }

    /// <summary>Whether somebody sees all of a listing. Not who only was an owner once: customers are all shown the same.</summary>
    private static bool IsFor(Caller? caller, Listing listing) => caller?.Is(Roles.Owner) == true && listing.IsOf(caller);
}
