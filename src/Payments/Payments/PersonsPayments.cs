using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>What somebody paid and got back. The money stays in the books under an id that names nobody any more; what was said and where they came from does not.</summary>
internal sealed class PersonsPayments(PaymentView view, TimeProvider clock) : IPersonalData
{
    private const int AtOnce = 200;

    /// <summary>How long a charge may be asked for again with what it was first asked with: a provider refuses the same key with anything else.</summary>
    private static readonly TimeSpan MayBeAskedAgain = TimeSpan.FromHours(1);

    private static readonly object Nothing = new();

    public string Name => "payments";

    public string Stays => "Payments and refunds stay for the books with their amounts, times, provider and its reference, without the client's notes, addresses of pages and reasons.";

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        var (last, payer) = (Guid.Empty, new Caller(personId, Roles.Customer, Guid.Empty));
        while (true)
        {
            var payments = await db.Set<Payment>().AsNoTracking().Where(payment => payment.PayerId == personId && payment.Id > last).OrderBy(payment => payment.Id).Take(AtOnce).ToListAsync(ct);
            var ids = payments.ConvertAll(payment => payment.Id);
            var refunds = (await db.Set<Refund>().AsNoTracking().Where(refund => ids.Contains(refund.PaymentId)).OrderBy(refund => refund.CreatedAt).ThenBy(refund => refund.Id).ToListAsync(ct))
                .ToLookup(refund => refund.PaymentId);
            foreach (var payment in payments)
                yield return new { Payment = view.Of(payment, payer), payment.ReturnUrl, Refunds = refunds[payment.Id].Select(refund => RefundDetails.Of(refund, payment.Currency)).ToArray() };
            if (payments.Count < AtOnce)
                yield break;
            last = payments[^1].Id;
        }
    }

    public async Task Erase(Db db, Guid personId, CancellationToken ct)
    {
        // What a provider may yet be asked with goes when this is asked again, two hours later.
        var now = clock.GetUtcNow();
        await db.Execute(
            $"""
            update payments.payments set return_url = null, checkout_url = null, client_secret = null, pix_code = null, input = null, metadata = {Sql.Json(Nothing)}
            where id in (
                select id from payments.payments
                where payer_id = {personId} and (provider_reference is not null or created_at <= {now - MayBeAskedAgain})
                    and (return_url is not null or checkout_url is not null or client_secret is not null or pix_code is not null or input is not null or metadata <> {Sql.Json(Nothing)})
                order by id for update)
            """, ct);
        await db.Execute($"update payments.refunds r set reason = null from payments.payments p where p.payer_id = {personId} and r.payment_id = p.id and r.reason is not null", ct);
        await db.Execute($"update payments.webhook_events e set body = null from payments.payments p where p.payer_id = {personId} and e.payment_id = p.id and e.body is not null", ct);
    }
}
