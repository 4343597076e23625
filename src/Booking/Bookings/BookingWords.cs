using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Quitanda.Platform;

namespace Quitanda.Booking.Bookings;

/// <summary>Where a booking stands.</summary>
internal enum BookingStatus
{
    /// <summary>The owner is asked. It holds nothing.</summary>
    Requested,

    /// <summary>Held, and to be paid.</summary>
    Pending,

    /// <summary>Held and paid, and the owner is asked: what was checked out in a basket.</summary>
    Paid,
    Confirmed,
    Completed,

    /// <summary>The owner said no.</summary>
    Declined,
    Cancelled,

    /// <summary>Nobody answered, or nobody paid, in time.</summary>
    Expired,
}

/// <summary>Where the money for a booking stands.</summary>
[SchemaId("BookingPaymentStatus")]
internal enum PaymentStatus
{
    Pending,
    Paid,
    Failed,
    PartiallyRefunded,
    Refunded,
}

/// <summary>Who moved a booking on.</summary>
[SchemaId("BookingActor")]
internal enum Actor
{
    Renter,
    Owner,
    Admin,
    System,
}

/// <summary>Where another time for a booking stands.</summary>
[SchemaId("BookingChangeStatus")]
internal enum ChangeStatus
{
    /// <summary>Held, and its difference is to be paid.</summary>
    Pending,
    Done,
    Expired,
    Cancelled,
}

/// <summary>Who moved a booking on, by name where it was a person.</summary>
/// <param name="Actor">In what part.</param>
/// <param name="Id">The user.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct By(Actor Actor, Guid? Id)
{
    /// <summary>The house itself: time, or a payment.</summary>
    public static By System { get; } = new(Actor.System, Id: null);

    /// <summary>Whoever calls, in the part that they have in a booking; an admin who has none is one. Null where it is none of theirs.</summary>
    public static By? Of(Caller caller, Reservation booking) =>
        booking.RenterId == caller.Id ? new(Actor.Renter, caller.Id)
        : booking.OwnerId == caller.Id ? new(Actor.Owner, caller.Id)
        : caller.Is(Roles.Admin) ? new(Actor.Admin, caller.Id)
        : null;

    /// <summary>Only its owner, or an admin, does this.</summary>
    /// <exception cref="RefusedException"><c>forbidden</c> (403).</exception>
    public void RequireOwner()
    {
        if (Actor is Actor.Renter)
            throw new RefusedException("forbidden", "Only its owner does this.", StatusCodes.Status403Forbidden);
    }
}
