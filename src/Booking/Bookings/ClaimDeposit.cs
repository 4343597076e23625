using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Its owner says, after the end and before the deposit goes back, what of it they keep for a damage, in place of what they said before. What is not claimed goes back by itself.</summary>
[Refuses("nothing_to_claim"), Refuses("claim_too_large"), Refuses("forbidden", StatusCodes.Status403Forbidden)]
internal static class ClaimDeposit
{
    /// <param name="Amount">What is kept; nothing takes the claim back.</param>
    /// <param name="Reason">What for; the renter reads it.</param>
    [SchemaId("DepositClaim")]
    internal sealed record Request(Money Amount, [Required, StringLength(500)] string Reason);

    public static async Task<Results<Ok<BookingDetails>, NotFound>> Handle(Guid id, Request request, Caller caller, Db db, TimeProvider clock, CancellationToken ct)
    {
        if (await Reservation.Lock(db, id, ct) is not var (booking, _) || By.Of(caller, booking) is not { } by)
            return TypedResults.NotFound();
        by.RequireOwner();
        if (request.Amount.Currency != booking.Currency)
            throw new InvalidException("amount.currency", $"must be {booking.Currency}, as the booking is.");
        booking.Claim(request.Amount.Amount, by, request.Reason, clock.GetUtcNow());
        db.Publish(booking.Changed);
        return await booking.Shown(db, ct);
    }
}
