using System.ComponentModel.DataAnnotations;
using Quitanda.Booking;
using Quitanda.Ordering;

namespace Quitanda.Baskets.Baskets;

/// <summary>What is in a basket: goods of the shop, which become one order; listings that are rented by the day; and time slots, which are listings that are rented by the hour.</summary>
/// <param name="Goods">Of the shop.</param>
/// <param name="Rentals">By the day.</param>
/// <param name="Slots">By the hour.</param>
internal sealed record BasketWish(WantedGoods? Goods = null, [MaxLength(20)] WantedRental[]? Rentals = null, [MaxLength(20)] WantedRental[]? Slots = null)
{
    /// <summary>What is rented, each with its place in the request.</summary>
    public IEnumerable<(string Field, WantedRental Wanted)> AllRentals =>
        (Rentals ?? []).Select((wanted, at) => ($"rentals[{at}]", wanted)).Concat((Slots ?? []).Select((wanted, at) => ($"slots[{at}]", wanted)));

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => Goods is null && Rentals is not { Length: > 0 } && Slots is not { Length: > 0 };
}
