using Quitanda.MovingIn.Sources;

namespace Quitanda.MovingIn.Kinds;

/// <summary>A system that can be moved in from.</summary>
/// <param name="Name">As the command line names it.</param>
/// <param name="WholeNumbersAre">What its amounts are where they are whole numbers.</param>
/// <param name="KeepsUtc">Whether its library writes UTC into times without a zone.</param>
/// <param name="Kinds">What is moved in, in the order in which it is: what others name comes first.</param>
internal sealed record OldSystem(string Name, AmountsIn WholeNumbersAre, bool KeepsUtc, params Kind[] Kinds)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<OldSystem> All { get; } =
    [
        new("vai-coxinha", AmountsIn.Cents, KeepsUtc: true, new Users(), new SavedAddresses(), new Categories(), new Products(), new Orders()),
        new("fastify-starter", AmountsIn.Cents, KeepsUtc: true, new Users()),
        new("commerce", AmountsIn.Cents, KeepsUtc: false, new Users(), new SavedAddresses(), new Categories(), new Products(), new Orders(), new ProductReviews()),
        new("eventos", AmountsIn.Units, KeepsUtc: false, new Users(), new Listings(), new Bookings(), new ListingReviews()),
        new("agency", AmountsIn.Cents, KeepsUtc: false, new Users(), new SavedAddresses(), new Categories(), new Products(), new Orders()),
    ];

    /// <summary>Why tables are left where they are, by what they are of.</summary>
    private static readonly Dictionary<string, string> Left = new(StringComparer.Ordinal)
    {
        ["session"] = "Sessions end: everybody signs in again, with the password they have.",
        ["refreshtoken"] = "Sessions end: everybody signs in again, with the password they have.",
        ["passwordreset"] = "Letters that are on their way are sent again.",
        ["verificationtoken"] = "Letters that are on their way are sent again.",
        ["apikey"] = "Keys are hashed in another way: their owners make new ones.",
        ["payment"] = "What was paid stands with its order or booking; what goes back of it goes back where it was paid.",
        ["cart"] = "Carts are not moved.",
        ["cartitem"] = "Carts are not moved.",
        ["loginattempt"] = "Counts of failed sign-ins begin anew.",
        ["image"] = "Images are not fetched; the address of the first is kept with what it shows.",
        ["listingimage"] = "Images are not fetched; the address of the first is kept with what it shows.",
        ["coupon"] = "Coupons are made anew: their rules differ.",
        ["invoice"] = "Invoices stay with who wrote them.",
        ["notification"] = "Notices that were read are of no use, and new ones come by themselves.",
        ["webhookevent"] = "Events of payments belong to the payments, which stay.",
        ["prismamigration"] = "It is the old system's own.",
        ["drizzlemigration"] = "It is the old system's own.",
        ["migration"] = "It is the old system's own.",
        ["schemamigration"] = "It is the old system's own.",
        ["knexmigration"] = "It is the old system's own.",
        ["knexmigrationslock"] = "It is the old system's own.",
    };

    /// <summary>Why a table that nothing was read from is left.</summary>
    public static string WhyLeft(SourceTable table) => Left.GetValueOrDefault(SourceTable.Singular(table.Name), "Nothing here holds what is in it.");
}
