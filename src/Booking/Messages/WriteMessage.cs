using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>
/// Says something to the other side of a booking. Until it is paid, e-mail addresses, phone numbers, links and names at messengers are taken out of it for good. The other side is told at once where they
/// are connected, and by a letter an hour at the most.
/// </summary>
[Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class WriteMessage
{
    /// <param name="Text">Plain text.</param>
    [SchemaId("BookingMessageRequest")]
    internal sealed record Request([Required, StringLength(ContactDetails.LongestText)] string Text);

    public static async Task<Results<Created<Message>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        var found = await db.ReadFirst(
            $"select b.renter_id, b.owner_id, b.paid_at is not null from booking.bookings b where b.id = {id} and {ShowBooking.VisibleTo(caller)}",
            row => ((Guid Renter, Guid Owner, bool IsPaid)?)(row.GetGuid(0), row.GetGuid(1), row.GetBoolean(2)), ct);
        if (found is not var (renter, owner, isPaid))
            return TypedResults.NotFound();
        var from = Of(caller, renter, owner);
        var (text, isMasked) = isPaid ? (request.Text, false) : ContactDetails.Mask(request.Text);
        var now = clock.GetUtcNow();
        var message = (await db.ReadFirst(
            $"""
            insert into booking.messages as m (id, booking_id, author, author_id, text, is_masked, created_at)
            values ({Guid.CreateVersion7(now)}, {id}, {from}, {caller.Id}, {text}, {isMasked}, {now}) returning {Message.Columns}
            """, Message.Read, ct))!;
        var reader = from == Side.Renter ? Side.Owner : Side.Renter;
        db.Schedule(TellOfMessages.Kind, new TellOfMessages.Message(id, reader), now);
        db.Announce(new(MessageNews.MessageKind, message.Id, reader == Side.Owner ? owner : renter));
        return TypedResults.Created($"/api/v1/bookings/{id}/messages", message);
    }

    /// <summary>On which side of a booking somebody is.</summary>
    /// <exception cref="RefusedException"><c>forbidden</c> (403): an admin reads and does not speak.</exception>
    public static Side Of(Caller caller, Guid renter, Guid owner) =>
        caller.Id == renter ? Side.Renter : caller.Id == owner ? Side.Owner : throw new RefusedException("forbidden", "Only its renter and its owner do this.", StatusCodes.Status403Forbidden);
}
