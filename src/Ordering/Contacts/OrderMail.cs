using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Contacts;

/// <summary>Letters about an order.</summary>
internal static class OrderMail
{
    /// <summary>
    /// Writes to whoever ordered: an account where it is reached then, a guest at the address that they left with this very order. Several people may order from one device as one guest, and
    /// none of them gets the others' letters. A guest who left none gets none.
    /// </summary>
    public static void Tell<T>(this IMail mail, Order order, T letter) where T : ILetter
    {
        if (!order.IsGuest)
            mail.Send(order.CustomerId, letter);
        else if (order.Contact is { Email: { } email } contact)
            mail.Send(new Addressee(email, contact.Name), letter);
    }
}
