using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking.Letters;
using Quitanda.Platform;

namespace Quitanda.Booking.Reminders;

/// <summary>The reminders of bookings.</summary>
internal static class RemindersSetup
{
    /// <summary>Adds what writes them.</summary>
    public static IServiceCollection AddReminders(this IServiceCollection services) => services.AddLetter<BookingSoon>().Every<RemindOfBookings>(RemindOfBookings.Kind, RemindOfBookings.Period);

    /// <summary>Maps their table.</summary>
    public static void MapReminders(this ModelBuilder model) => model.Entity<ReminderRow>().ToTable("reminders", "booking").HasKey(reminder => new { reminder.BookingId, reminder.StartsAt });
}
