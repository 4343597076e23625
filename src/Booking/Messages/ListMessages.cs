using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking.Messages;

/// <summary>Lists what renter and owner of a booking said to each other, the first first. Admins may read along. Nothing counts as read by it.</summary>
internal static class ListMessages
{
    internal sealed record Query : PageQuery;

    private static readonly SortField[] Sorts = [new("createdAt", "m.created_at", "timestamptz"), new("-createdAt", "m.created_at", "timestamptz")];

    public static async Task<Results<Ok<Page<Message>>, NotFound>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, CancellationToken ct)
    {
        if (await db.ReadFirst($"select true from booking.bookings b where b.id = {id} and {ShowBooking.VisibleTo(caller)}", row => (bool?)row.GetBoolean(0), ct) is null)
            return TypedResults.NotFound();
        return TypedResults.Ok(await db.List(query, Message.Columns, Sql.Raw("booking.messages m"), Sql.Of($"m.booking_id = {id}"), "m.id", Sorts, Message.Read, ct, hasOnePlan: true));
    }
}
