using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>Bookings, past and to come. One that waits to be paid or accepted is finished in the old system, and comes with the next run.</summary>
internal sealed class Bookings : Kind<IncomingBooking>
{
    public const string KindName = "bookings";

    public static readonly string[] Listing = ["listing_id", "rental_id", "space_id", "venue_id", "item_id"];

    public static readonly string[] Renter = ["renter_id", "consumer_id", "customer_id", "guest_id", "user_id"];

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        ["bookings", "reservations", "reservas"],
        [
            new("id", "id", "booking_id"), new("listing", Listing), new("user", Renter),
            new("first", "start_date", "start", "starts_at", "check_in", "from_date", "date_from", "event_date", "date"), new("last", "end_date", "end", "ends_at", "check_out", "to_date", "date_to"),
            new("total", "total_cents", "total_price_cents", "total_price", "total_amount", "total", "amount", "price"), new("currency", "currency", "payment.currency"),
            new("status", "status", "booking_status"), new("paymentStatus", "payment_status", "payment.status"),
            new("payment", "payment.external_id", "payment.provider_payment_id", "payment.payment_intent_id", "payment.stripe_payment_intent_id", "payment.razorpay_payment_id", "payment.transaction_id", "payment_intent_id", "payment_id"),
            new("guests", "guests", "guest_count", "number_of_guests"), new("notes", "notes", "message", "special_requests"), new("reason", "cancel_reason", "cancellation_reason"),
            new("createdAt", "created_at", "created", "booked_at"), new("closedAt", "cancelled_at", "confirmed_at", "updated_at"),
        ],
        new Side("payment", ["payments"], (["booking_id"], ["id"])));

    public override IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [(Users.KindName, row.Id("user")), (Listings.KindName, row.Id("listing"))];

    protected override IncomingBooking? Map(SourceRow row, string oldId, Reading reading)
    {
        var (renter, listing, outcome, created) = (Needed(row, Users.KindName, "user", "renter"), Needed(row, Listings.KindName, "listing", "listing"), OutcomeOf(row), row.Past("createdAt"));
        var (first, last) = (row.Day("first"), row.Day("last") ?? row.Day("first"));
        if (first is null || (row.Text("last") is not null && row.Day("last") is null))
            row.Says.Refuse("time_invalid", "Nothing says when it is, or not so that it can be read.");
        if (row.Amount("total") is not { } total)
        {
            row.Says.Refuse("amount_invalid", "Nothing says what it costs.");
            return null;
        }

        if (renter is not { } by || listing is not { } of || outcome is not { } stands || first is not { } from || last is not { } until || !row.Says.MayCome)
            return null;
        // Without a time it counts as made when it begins, or now where that is to come.
        var at = created ?? (new DateTimeOffset(from, TimeOnly.MinValue, TimeSpan.Zero) is var begins && begins < reading.Now ? begins : reading.Now);
        var guests = row.Whole("guests");
        return new(
            reading.IdOf(KindName, oldId, created), of, by, stands, Orders.PaymentWord(row, row.Word("paymentStatus") ?? (row.Word("status") == "paid" ? "paid" : null)), from, until,
            new(total, row.Id("currency")?.ToUpperInvariant() ?? reading.Currency), guests is >= 1 and <= 1_000_000 ? (int)guests.Value : null, row.Text("notes"), row.Text("reason"),
            reading.Metadata(oldId, row.Says, ("importedPayment", row.Id("payment"))), at, row.Past("closedAt"));
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingBooking[] incoming, CancellationToken ct) => services.GetRequiredService<IBookingIntake>().Take(incoming, ct);

    private static BookingOutcome? OutcomeOf(SourceRow row)
    {
        switch (row.Word("status"))
        {
            case "confirmed" or "paid" or "approved" or "accepted" or "active" or "completed" or "complete" or "finished" or "done" or "confirmado" or "pago" or "concluido":
                return BookingOutcome.Confirmed;
            case "cancelled" or "canceled" or "refunded" or "expired" or "failed" or "cancelado":
                return BookingOutcome.Cancelled;
            case "declined" or "rejected" or "recusado":
                return BookingOutcome.Declined;
            case "pending" or "requested" or "awaiting_payment" or "unpaid" or "new" or "created" or "processing" or "pendente":
                row.Says.Refuse("booking_open", "It waits to be paid or accepted: finish it in the old system and import again.");
                return null;
            default:
                row.Says.Refuse("status_unknown", "Its status is none that is known.");
                return null;
        }
    }
}
