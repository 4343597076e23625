namespace Quitanda.Payments.Payments;

/// <summary>What a payment can be of, as requests and answers name it. The module that offers it may not be there: then nothing of the kind is.</summary>
/// <param name="Name">As it is stored: <see cref="IPayable.Kind"/>.</param>
/// <param name="Field">The member that holds its id.</param>
/// <param name="Noun">In a sentence.</param>
internal sealed record PayableKind(string Name, string Field, string Noun)
{
    public static readonly PayableKind Order = new("order", "orderId", "order");
    public static readonly PayableKind Booking = new("booking", "bookingId", "booking");
    public static readonly PayableKind BookingChange = new("booking_change", "bookingChangeId", "change of a booking");
    public static readonly PayableKind Basket = new("basket", "basketId", "basket");

    /// <summary>The id, where what it belongs to is of this kind.</summary>
    public Guid? IdOf(string? kind, Guid? id) => kind == Name ? id : null;
}
