using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Manual;

/// <summary>Staff have the money of a payment by hand: it is paid. Again, it changes nothing.</summary>
[Refuses("not_manual"), Refuses("payment_closed")]
internal static class ReceivePayment
{
    public static async Task<Results<Ok<PaymentDetails>, NotFound>> Handle(Guid id, Caller caller, Db db, HearProvider provider, PaymentView view, CancellationToken ct)
    {
        var found = await db.Set<Payment>().AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == id, ct);
        if (found is null)
            return TypedResults.NotFound();
        if (found.Provider != ManualProvider.ProviderName)
            throw new RefusedException("not_manual", $"This payment is taken by {found.Provider}, which says itself whether it was paid.");
        // Decided with the payment locked: who said that it was cancelled may have been quicker.
        var payment = await provider.Receive(id, ct);
        return TypedResults.Ok(view.Of(payment, caller));
    }
}
