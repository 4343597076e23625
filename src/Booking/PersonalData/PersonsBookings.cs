using System.Runtime.CompilerServices;
using Quitanda.Accounts;
using Quitanda.Booking.Bookings;
using Quitanda.Platform;

namespace Quitanda.Booking.PersonalData;

/// <summary>
/// What somebody booked, and what others booked of theirs. What was rented stays, with its amounts; what anybody said about it does not. What is asked for or waits for a payment is called off, and what
/// others ask of an owner who goes is declined; what is held for a payment, paid or confirmed keeps both sides until it is over.
/// </summary>
internal sealed class PersonsBookings(Ending ending, TimeProvider clock) : IPersonalData, IKeepsAccounts
{
    private const int AtOnce = 100;

    public string Name => "bookings";

    public string Stays => "Bookings stay for the books with what was rented, what it cost and when, without notes, metadata and reasons.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var last = Guid.Empty;
        while (true)
        {
            var ids = await db.Read($"select id from booking.bookings where renter_id = {personId} and id > {last} order by id limit {AtOnce}", row => row.GetGuid(0), ct);
            foreach (var id in ids)
                if (await BookingDetails.Find(db, id, Sql.Of($"b.renter_id = {personId}"), ct) is { } booking)
                    yield return booking;
            if (ids.Count < AtOnce)
                yield break;
            last = ids[^1];
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        List<Reservation> open = [];
        // In the order of their listings, like everybody who locks more than one.
        foreach (var id in await db.Read(
            $"select id from booking.bookings where (renter_id = {personId} or owner_id = {personId}) and status in ('requested', 'pending', 'paid', 'confirmed') order by listing_id, id", row => row.GetGuid(0), ct))
            if (await Reservation.Lock(db, id, ct) is var (booking, _))
                open.Add(booking);

        // Before anything is ended: a refusal leaves all of it as it was, also where what else there is goes.
        Guid[] underWay = [.. open.Where(booking => !Reservation.IsFinal(booking.Status) && !IsAbandoned(booking, personId)).Select(booking => booking.Id)];
        if (underWay.Length > 0)
            throw new RefusedException("open_bookings", "Bookings are under way; wait until they are over, or cancel them.")
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["bookingIds"] = underWay },
            };

        // Whoever was before us at its lock may have ended one.
        foreach (var booking in open.Where(booking => !Reservation.IsFinal(booking.Status)))
            if (booking.RenterId == personId)
                await ending.End(booking, () => booking.Cancel(new(Actor.Renter, personId), reason: null, now), back: 0, "cancelled", ct);
            else
                await ending.End(booking, () => booking.Decline(By.System, reason: null, now), back: 0, "declined", ct);

        await db.Flush(ct);
        await Forget(db, personId, ct);
    }

    public Task<bool> Keeps(Db db, Guid userId, CancellationToken ct) =>
        db.ReadFirst($"select exists (select from booking.bookings where renter_id = {userId}) or exists (select from booking.listings where owner_id = {userId})", row => row.GetBoolean(0), ct);

    /// <summary>Whether an open booking is called off when somebody goes: their own that nobody has paid, and what others only ask of them.</summary>
    private static bool IsAbandoned(Reservation booking, Guid personId) =>
        booking.Status == BookingStatus.Requested || (booking is { Status: BookingStatus.Pending, Collected: 0 } && booking.RenterId == personId);

    private static async Task Forget(Db db, Guid renterId, CancellationToken ct)
    {
        await db.Execute(
            $"""
            update booking.bookings set notes = null, metadata = jsonb_build_object(), cancel_reason = null
            where renter_id = {renterId} and (notes is not null or metadata <> jsonb_build_object() or cancel_reason is not null)
            """, ct);
        // With its reason a booking that lapsed forgets that a late payment could bring it back: that money goes home.
        await db.Execute($"update booking.booking_events e set reason = null from booking.bookings b where b.renter_id = {renterId} and e.booking_id = b.id and e.reason is not null", ct);
    }
}
