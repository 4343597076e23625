using System.Security.Cryptography;

namespace Quitanda.Booking.Bookings;

/// <summary>What people call a booking by, in a letter or on the telephone: ten letters and digits that nobody mistakes for one another.</summary>
internal static class BookingCode
{
    public const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static string New() => RandomNumberGenerator.GetString(Letters, 10);
}
