using System.Globalization;
using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;
using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>What letters tell of a booking: as it was when the letter was written. Its time is told by the listing's own clock, and not by the shop's.</summary>
/// <param name="Code">What people call it by.</param>
/// <param name="Title">Of the listing.</param>
/// <param name="FirstDay">The day it begins.</param>
/// <param name="LastDay">The last day of it.</param>
/// <param name="From">The hour it begins, where it is by the hour.</param>
/// <param name="Until">The hour it ends.</param>
/// <param name="Quantity">Units, where there are more than one.</param>
/// <param name="Total">All of its price.</param>
internal sealed record BookingFacts(string Code, string Title, DateOnly FirstDay, DateOnly LastDay, string? From, string? Until, int? Quantity, Money Total)
{
    public static BookingFacts Of(Reservation booking)
    {
        var (clock, isByHour) = (booking.Clock, booking.Unit == RentalUnit.Hour);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(booking.TimeZone);
        return new(
            booking.Code, booking.Title, clock.DayOf(booking.StartsAt), clock.LastDayOf(booking.Period), isByHour ? Hour(booking.StartsAt) : null, isByHour ? Hour(booking.EndsAt) : null,
            booking.Quantity > 1 ? booking.Quantity : null, new(booking.Total, booking.Currency));

        string Hour(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).ToString("HH:mm", CultureInfo.InvariantCulture);
    }
}

/// <summary>What was booked, when and for how much, as a piece of a letter.</summary>
internal static class BookingTable
{
    public const string Portuguese = """
        | Reserva | {booking.code} |
        | O quê | {booking.title} |
        {#booking.quantity}
        | Unidades | {booking.quantity} |
        {/booking.quantity}
        {#booking.from}
        | Início | {booking.firstDay}, {booking.from} |
        | Fim | {booking.lastDay}, {booking.until} |
        {/booking.from}
        {^booking.from}
        | Primeiro dia | {booking.firstDay} |
        | Último dia | {booking.lastDay} |
        {/booking.from}
        | Total | {booking.total} |
        """;

    public const string English = """
        | Booking | {booking.code} |
        | What | {booking.title} |
        {#booking.quantity}
        | Units | {booking.quantity} |
        {/booking.quantity}
        {#booking.from}
        | Begins | {booking.firstDay}, {booking.from} |
        | Ends | {booking.lastDay}, {booking.until} |
        {/booking.from}
        {^booking.from}
        | First day | {booking.firstDay} |
        | Last day | {booking.lastDay} |
        {/booking.from}
        | Total | {booking.total} |
        """;
}
