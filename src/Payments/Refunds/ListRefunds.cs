using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Refunds;

/// <summary>Lists what has gone back of a payment and what is on its way, the first first: to the payer and to staff.</summary>
internal static class ListRefunds
{
    /// <summary>More refunds than a payment ever has.</summary>
    private const int AtMost = 100;

    internal sealed record Response(IReadOnlyList<RefundDetails> Data);

    public static async Task<Results<Ok<Response>, NotFound>> Handle(Guid id, Caller caller, Db db, CancellationToken ct)
    {
        var any = caller.Is(Roles.Staff);
        var currency = await db.Set<Payment>().AsNoTracking().Where(payment => payment.Id == id && (any || payment.PayerId == caller.Id)).Select(payment => payment.Currency).SingleOrDefaultAsync(ct);
        if (currency is null)
            return TypedResults.NotFound();
        var refunds = await db.Set<Refund>().AsNoTracking().Where(refund => refund.PaymentId == id).OrderBy(refund => refund.CreatedAt).ThenBy(refund => refund.Id).Take(AtMost).ToListAsync(ct);
        return TypedResults.Ok(new Response(refunds.ConvertAll(refund => RefundDetails.Of(refund, currency))));
    }
}
