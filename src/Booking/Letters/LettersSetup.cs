using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Booking.Letters;

/// <summary>The letters about bookings.</summary>
internal static class LettersSetup
{
    /// <summary>Adds what writes them.</summary>
    public static IServiceCollection AddBookingLetters(this IServiceCollection services) => services
        .AddLetter<BookingRequested>().AddLetter<BookingAccepted>().AddLetter<BookingConfirmed>().AddLetter<BookingDeclined>().AddLetter<BookingCancelled>().AddLetter<BookingExpired>().AddLetter<BookingMoved>()
        .AddLetter<DepositClaimed>().AddLetter<DepositReturned>().AddLetter<BookingMoneyReturned>()
        .Subscribe<BookingMade, TellOfBooking>(TellOfBooking.MadeKind)
        .Subscribe<BookingStatusChanged, TellOfBooking>(TellOfBooking.ChangedKind)
        .Subscribe<BookingPaymentReturned, TellOfBooking>(TellOfBooking.ReturnedKind);

    /// <summary>Maps their tables.</summary>
    public static void MapBookingLetters(this ModelBuilder model) => model.Entity<LetterRow>().ToTable("letters", "booking").HasKey(letter => letter.BookingId);
}
