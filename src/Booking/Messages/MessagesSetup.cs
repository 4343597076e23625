using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking.Letters;
using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>What renter and owner say to each other.</summary>
internal static class MessagesSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddMessages(this IServiceCollection services) => services
        .AddJob<TellOfMessages.Message, TellOfMessages>(TellOfMessages.Kind).AddLetter<MessagesWait>().AddRealtime<MessageNews>().AddPersonalData<PersonsMessages>();

    /// <summary>Maps its tables.</summary>
    public static void MapMessages(this ModelBuilder model)
    {
        model.Entity<MessageRow>().ToTable("messages", "booking");
        model.Entity<MessageLetterRow>().ToTable("message_letters", "booking").HasKey(letter => new { letter.BookingId, letter.Reader });
    }

    /// <summary>Maps its routes.</summary>
    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/bookings/{id:guid}/messages").WithTags("Bookings");
        messages.MapGet("/", ListMessages.Handle);
        messages.MapPost("/", WriteMessage.Handle).LimitedBy("booking-messages", (BookingSettings settings) => new(settings.MessagesPerHour, 3600), (Caller caller) => caller.Id.ToString());
        messages.MapPost("/read", ReadMessages.Handle);
    }
}
