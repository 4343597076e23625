using System.ComponentModel.DataAnnotations;
using Quitanda.Platform;

namespace Quitanda.Ordering.Contacts;

/// <summary>Who is asked for, and how they are reached, about an order.</summary>
/// <param name="Name">How they are called; one line.</param>
/// <param name="Phone">In the form of E.164, such as <c>+5511987654321</c>; this or <paramref name="Email"/>.</param>
/// <param name="Email">Where a guest's letters about the order go.</param>
[SchemaId("OrderContact")]
internal sealed record OrderContact(
    [StringLength(200), RegularExpression(OrderContact.LinePattern)] string Name,
    [StringLength(16), RegularExpression(OrderContact.PhonePattern)] string? Phone = null,
    [StringLength(254), RegularExpression(OrderContact.EmailPattern)] string? Email = null)
{
    // As accounts have them.
    private const string LinePattern = @"^[^\S\r\n]*\S[^\r\n]*$";
    private const string PhonePattern = @"^\+[1-9][0-9]{6,14}$";
    private const string EmailPattern = @"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+)*@([A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])$";

    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(OrderContact);
}
