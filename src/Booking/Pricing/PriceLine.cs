using Quitanda.Platform;

namespace Quitanda.Booking.Pricing;

/// <summary>Which rule made a line of a price.</summary>
[SchemaId("BookingPriceRule")]
internal enum PriceRule
{
    /// <summary>Days or hours at the plain price.</summary>
    Base,
    Weekend,
    Season,

    /// <summary>What a long booking has off.</summary>
    Length,
    CleaningFee,
    AddOn,

    /// <summary>Comes back when all is well.</summary>
    Deposit,
}

/// <summary>One line of a price: the rule that made it, and how it was worked out. The lines sum to the total exactly.</summary>
/// <param name="Rule">Which rule.</param>
/// <param name="Name">As people read it: a season's or an add-on's name. Null where the rule says it all.</param>
/// <param name="From">The first day that it is of.</param>
/// <param name="To">The last day that it is of.</param>
/// <param name="Quantity">How many: days or hours, times units, or add-ons.</param>
/// <param name="UnitPrice">What one is, minor units. A percentage that is taken off has none.</param>
/// <param name="Amount">What it comes to, minor units; less than nothing where it is taken off.</param>
internal sealed record PriceLine(PriceRule Rule, [Impersonal] string? Name, DateOnly? From, DateOnly? To, decimal Quantity, long? UnitPrice, long Amount);

/// <summary>An add-on of a booking, as it was when it was booked.</summary>
/// <param name="Id">The add-on.</param>
/// <param name="Name">Its name.</param>
/// <param name="Quantity">How many.</param>
/// <param name="UnitPrice">What one costs, minor units.</param>
/// <param name="IsCounted">Whether there are only so many of it.</param>
internal sealed record BookedAddOn(Guid Id, [Impersonal] string Name, int Quantity, long UnitPrice, bool IsCounted);
