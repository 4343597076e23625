using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Ordering.Contacts;

/// <summary>Where letters to guests go: what they left with their newest order.</summary>
internal sealed class GuestAddressees(Db db) : IGuestAddressees
{
    public async Task<Addressee?> Find(Guid guestId, CancellationToken ct)
    {
        var stored = await db.ReadFirst(
            $"select contact from ordering.orders where customer_id = {guestId} and is_guest and contact is not null order by created_at desc, id desc limit 1", row => row.GetString(0), ct);
        return stored is not null && JsonSerializer.Deserialize<OrderContact>(stored, Wire.Stored) is { Email: { } email } contact ? new(email, contact.Name) : null;
    }
}
