using Microsoft.EntityFrameworkCore;
using Quitanda.Booking.Listings;
using Quitanda.Booking.Messages;
using Quitanda.Booking.Pricing;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>A booking, and when it may change. Amounts are minor units of <see cref="Currency"/>. (The module itself is called Booking.)</summary>
internal sealed partial class Reservation
{
    /// <summary>Why a booking expired that nobody paid in time: money that still comes may bring it back.</summary>
    public const string Unpaid = "unpaid";

    /// <summary>Why a booking expired that its owner did not answer in time.</summary>
    public const string Unanswered = "unanswered";

    /// <summary>Why a request was declined: another for the same time was accepted.</summary>
    public const string TakenByAnother = "slot_taken";

    /// <summary>Why a booking has another time.</summary>
    public const string Rescheduled = "rescheduled";

    /// <summary>Why a booking that had expired is held again.</summary>
    public const string PaidLate = "paid_late";

    /// <summary>Why a booking is held that its renter did not make at that moment: they waited for it, and it has become free.</summary>
    public const string WaitedFor = "waiting_list";

    private readonly List<ReservationEvent> _timeline = [];

    public Guid Id { get; private init; }
    public string Code { get; private init; } = "";
    public Guid ListingId { get; private init; }
    public Guid OwnerId { get; private init; }
    public Guid RenterId { get; private init; }
    public BookingStatus Status { get; private set; }
    public PaymentStatus PaymentStatus { get; private set; }
    public string Title { get; private init; } = "";
    public RentalUnit Unit { get; private init; }
    public string TimeZone { get; private init; } = "";
    public DateTimeOffset StartsAt { get; private set; }
    public DateTimeOffset EndsAt { get; private set; }
    public DateTimeOffset HeldFrom { get; private set; }
    public DateTimeOffset HeldUntil { get; private set; }

    /// <summary>The earliest that it ever was to begin. Its policy counts from then: nobody moves it away to cancel it for nothing.</summary>
    public DateTimeOffset CountsFrom { get; private set; }
    public int Quantity { get; private init; }

    /// <summary>Which units it holds, where they are told apart and it holds any.</summary>
    public int[]? Units { get; private set; }
    public int? Guests { get; private init; }
    public string? Notes { get; private init; }
    public IReadOnlyList<BookedAddOn> AddOns { get; private init; } = [];
    public IReadOnlyList<PriceLine> Lines { get; private set; } = [];
    public string Currency { get; private init; } = "";
    public long Deposit { get; private init; }
    public long Total { get; private set; }

    /// <summary>What the house keeps, in hundredths of a percent.</summary>
    public int Commission { get; private init; }
    public IReadOnlyList<CancellationStep> Policy { get; private init; } = [];
    public bool Instant { get; private init; }
    public Guid? BasketId { get; private init; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    public DateTimeOffset? PaidAt { get; private set; }
    public Guid? PaymentId { get; private set; }

    /// <summary>What came in by the payment that paid it.</summary>
    public long MainCollected { get; private set; }

    /// <summary>What came in for it in all.</summary>
    public long Collected { get; private set; }

    /// <summary>What went back of the payment that paid it.</summary>
    public long MainRefunded { get; private set; }

    /// <summary>What went back in all.</summary>
    public long Refunded { get; private set; }

    /// <summary>What was asked to go back in all.</summary>
    public long RefundAsked { get; private set; }
    public long Claimed { get; private set; }
    public long OwnerEarned { get; private set; }
    public long HouseEarned { get; private set; }
    public int Settled { get; private set; }
    public DateTimeOffset? DepositDueAt { get; private set; }
    public DateTimeOffset? DepositBackAt { get; private set; }
    public string? CancelReason { get; private set; }
    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = MetadataAttribute.None;
    public DateTimeOffset? CompletedAt { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }
    public IReadOnlyList<ReservationEvent> Timeline => _timeline;

    public Period Period => new(StartsAt, EndsAt);

    /// <summary>The period with what stays free around it.</summary>
    public Period Held => new(HeldFrom, HeldUntil);

    /// <summary>How its days and hours lie in time, which never changes though its listing may.</summary>
    public ListingClock Clock => new(Unit, TimeZoneInfo.FindSystemTimeZoneById(TimeZone), new());

    /// <summary>Whether it holds its units.</summary>
    public bool Holds => Status is BookingStatus.Pending or BookingStatus.Paid or BookingStatus.Confirmed or BookingStatus.Completed;

    /// <summary>Whether nothing comes after a status.</summary>
    public static bool IsFinal(BookingStatus status) => status is BookingStatus.Completed or BookingStatus.Declined or BookingStatus.Cancelled or BookingStatus.Expired;

    /// <summary>What is announced when it has changed its status.</summary>
    public BookingStatusChanged Changed => new(Id, ListingId, OwnerId, RenterId, Status.Name(), UpdatedAt, _timeline.OrderByDescending(happened => happened.Position).Skip(1).FirstOrDefault()?.Status.Name());

    /// <summary>What is announced when something else about it has changed.</summary>
    public Announcement Announcement => new(BookingEvents.BookingKind, Id, RenterId);

    /// <summary>A new booking. Title, prices and policy are copied, so that it never changes when its listing does.</summary>
    public static Reservation Make(Listing listing, int commission, Guid renterId, WantedPeriod wanted, Offer offer, Guid? basketId, DateTimeOffset at, DateTimeOffset? expiresAt, bool isOffered = false)
    {
        // One that costs nothing has nothing to wait for. In a basket the owner is asked once all of it is paid. What is offered to who waited is held as what an owner has accepted.
        var status = listing.Instant || isOffered || basketId is not null ? BookingStatus.Pending : BookingStatus.Requested;
        var held = listing.Clock.WithBuffers(offer.Period);
        var booking = new Reservation
        {
            Id = Guid.CreateVersion7(at),
            Code = BookingCode.New(),
            ListingId = listing.Id,
            OwnerId = listing.OwnerId,
            RenterId = renterId,
            Status = status,
            PaymentStatus = PaymentStatus.Pending,
            Title = listing.Title,
            Unit = listing.Unit,
            TimeZone = listing.TimeZone,
            StartsAt = offer.Period.From,
            EndsAt = offer.Period.Until,
            HeldFrom = held.From,
            HeldUntil = held.Until,
            CountsFrom = offer.Period.From,
            Quantity = wanted.Quantity,
            Guests = wanted.Guests,
            // Its owner reads it before it is paid.
            Notes = ContactDetails.Masked(wanted.Notes),
            AddOns = offer.AddOns,
            Lines = offer.Lines,
            Currency = listing.Currency,
            Deposit = offer.Deposit,
            Total = offer.Total,
            Commission = commission,
            Policy = listing.Terms.CancellationPolicy,
            Instant = listing.Instant,
            BasketId = basketId,
            ExpiresAt = expiresAt,
            Metadata = MetadataAttribute.Kept(wanted.Metadata),
            CreatedAt = at,
            UpdatedAt = at,
        };
        booking._timeline.Add(new(booking.Id, 1, status, at, isOffered ? By.System : new(Actor.Renter, renterId), isOffered ? WaitedFor : null));
        return booking;
    }

    /// <summary>Finds a booking, and keeps everybody else from changing it or booking its listing until the transaction ends. The listing is locked first, always.</summary>
    public static async Task<(Reservation Booking, Listing Listing)?> Lock(Db db, Guid id, CancellationToken ct)
    {
        // Which listing it is of never changes.
        if (await db.ReadFirst($"select listing_id from booking.bookings where id = {id}", row => (Guid?)row.GetGuid(0), ct) is not { } listingId
            || await Listing.Lock(db, listingId, ct) is not { } listing)
            return null;
        return (await Find(db, id, ct), listing);
    }

    /// <summary>Finds a booking whose listing the caller has locked, and locks it.</summary>
    public static async Task<Reservation> Find(Db db, Guid id, CancellationToken ct)
    {
        var booking = (await db.Set<Reservation>().FromSql($"select * from booking.bookings where id = {id} for no key update").ToListAsync(ct)).Single();
        await db.Set<ReservationEvent>().Where(happened => happened.BookingId == id).LoadAsync(ct);
        return booking;
    }

    /// <summary>The owner takes a request, which is then held until it is paid; or what was paid in a basket.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Accept(By by, int[]? units, string? reason, DateTimeOffset at, DateTimeOffset payBy)
    {
        if (Status == BookingStatus.Paid)
        {
            Go(BookingStatus.Confirmed, by, at, reason);
            return;
        }

        Require(BookingStatus.Pending, by.Actor);
        (Units, ExpiresAt) = (units, payBy);
        Enter(BookingStatus.Pending, by, at, reason);
        if (Total == 0)
            ConfirmFree(at);
    }

    /// <summary>It holds its units from the beginning.</summary>
    public void Take(int[]? units, DateTimeOffset at)
    {
        Units = units;
        if (Total == 0 && BasketId is null)
            ConfirmFree(at);
    }

    /// <summary>The owner says no: to a request, or to what was paid in a basket.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Decline(By by, string? reason, DateTimeOffset at)
    {
        Go(BookingStatus.Declined, by, at, reason);
        Let();
    }

    /// <summary>It is called off.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>.</exception>
    public void Cancel(By by, string? reason, DateTimeOffset at)
    {
        // Else whoever is there already would take the deposit along.
        if (by.Actor == Actor.Renter && StartsAt <= at && Status is BookingStatus.Paid or BookingStatus.Confirmed)
            throw new RefusedException("invalid_transition", "A booking that has begun is not cancelled by its renter.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["allowed"] = Array.Empty<BookingStatus>() } };
        Go(BookingStatus.Cancelled, by, at, reason);
        CancelReason = reason;
        Let();
    }

    /// <summary>Nobody answered, or nobody paid, in time. False where it does not wait any more, or its time has not come: then nothing changes.</summary>
    public bool Expire(DateTimeOffset at)
    {
        if (!IsDue(at))
            return false;
        Enter(BookingStatus.Expired, By.System, at, Status == BookingStatus.Pending ? Unpaid : Unanswered);
        Let();
        return true;
    }

    /// <summary>Whether it waited for an answer or a payment until now, and none came.</summary>
    public bool IsDue(DateTimeOffset at) => (Status is BookingStatus.Requested or BookingStatus.Pending or BookingStatus.Paid) && ExpiresAt is { } due && due <= at;

    /// <summary>Its time is over. False where it is not confirmed, or not over.</summary>
    public bool Complete(DateTimeOffset at, TimeSpan claimWindow)
    {
        if (Status != BookingStatus.Confirmed || EndsAt > at)
            return false;
        Enter(BookingStatus.Completed, By.System, at, reason: null);
        CompletedAt = at;
        if (Deposit > 0)
            DepositDueAt = at + claimWindow;
        return true;
    }

    /// <summary>Whether it expired by time alone while it was to be paid: money that still comes may bring it back.</summary>
    public bool HasLapsed => Status == BookingStatus.Expired && _timeline.MaxBy(happened => happened.Position) is { Reason: Unpaid };

    /// <summary>Another time for it.</summary>
    public void Move(Period period, Period held, int[]? units, IReadOnlyList<PriceLine> lines, long total, By by, DateTimeOffset at)
    {
        (StartsAt, EndsAt, HeldFrom, HeldUntil, Units, Lines, Total) = (period.From, period.Until, held.From, held.Until, units, lines, total);
        CountsFrom = period.From < CountsFrom ? period.From : CountsFrom;
        Enter(Status, by, at, Rescheduled);
    }

    /// <summary>Where a booking may go from a status, for somebody.</summary>
    internal static BookingStatus[] Allowed(BookingStatus from, Actor by) => (from, by) switch
    {
        (BookingStatus.Requested, Actor.Renter) => [BookingStatus.Cancelled],
        (BookingStatus.Requested, _) => [BookingStatus.Pending, BookingStatus.Declined, BookingStatus.Cancelled],
        (BookingStatus.Pending or BookingStatus.Confirmed, Actor.Renter or Actor.Owner or Actor.Admin) => [BookingStatus.Cancelled],
        (BookingStatus.Paid, Actor.Renter) => [BookingStatus.Cancelled],
        (BookingStatus.Paid, Actor.Owner or Actor.Admin) => [BookingStatus.Confirmed, BookingStatus.Declined, BookingStatus.Cancelled],
        _ => [],
    };

    private void ConfirmFree(DateTimeOffset at)
    {
        (PaymentStatus, PaidAt, ExpiresAt) = (PaymentStatus.Paid, at, null);
        Enter(BookingStatus.Confirmed, By.System, at, reason: null);
    }

    /// <summary>It holds nothing and waits for nothing any more.</summary>
    private void Let() => (Units, ExpiresAt) = (null, null);

    private void Require(BookingStatus to, Actor by)
    {
        var allowed = Allowed(Status, by);
        if (Array.IndexOf(allowed, to) >= 0)
            return;
        throw new RefusedException("invalid_transition", $"A booking that is {Status.Name()} cannot be made {to.Name()}{(by == Actor.System ? "" : $" by its {by.Name()}")}.")
        {
            Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["allowed"] = allowed },
        };
    }

    private void Go(BookingStatus to, By by, DateTimeOffset at, string? reason)
    {
        Require(to, by.Actor);
        Enter(to, by, at, reason);
    }

    private void Enter(BookingStatus to, By by, DateTimeOffset at, string? reason)
    {
        (Status, UpdatedAt) = (to, at);
        _timeline.Add(new(Id, _timeline.Count + 1, to, at, by, reason));
    }
}

/// <summary>One entry of a booking's timeline.</summary>
internal sealed class ReservationEvent
{
    // For EF Core.
    private ReservationEvent() { }

    public ReservationEvent(Guid bookingId, int position, BookingStatus status, DateTimeOffset at, By by, string? reason) =>
        (BookingId, Position, Status, At, MadeBy, MadeById, Reason) = (bookingId, position, status, at, by.Actor, by.Id, reason);

    public Guid BookingId { get; private init; }
    public int Position { get; private init; }
    public BookingStatus Status { get; private init; }
    public DateTimeOffset At { get; private init; }
    public Actor MadeBy { get; private init; }

    /// <summary>Who it was, where it was a person.</summary>
    public Guid? MadeById { get; private init; }
    public string? Reason { get; private init; }
}
