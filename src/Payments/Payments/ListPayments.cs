using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>Lists all payments, newest first.</summary>
internal static class ListPayments
{
    private static readonly SortField[] Sorts = [new("-createdAt", "p.created_at", "timestamptz"), new("amount", "p.amount", "bigint")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only payments that stand there.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Status { get; init; }

        /// <summary>Only payments of this provider.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Provider { get; init; }

        /// <summary>Only payments of this order.</summary>
        public Guid? OrderId { get; init; }

        /// <summary>Only payments of this booking.</summary>
        public Guid? BookingId { get; init; }

        /// <summary>Only payments of this change of a booking.</summary>
        public Guid? BookingChangeId { get; init; }

        /// <summary>Only payments of this basket.</summary>
        public Guid? BasketId { get; init; }
    }

    public static async Task<Ok<Page<PaymentDetails>>> Handle([AsParameters] Query query, Caller caller, Db db, PaymentView view, CancellationToken ct)
    {
        Sql where = $"true";
        if (query.Status is { } status)
            where = Sql.Of($"{where} and status = {Wire.Asked<PaymentStatus>(status, "status")}");
        if (query.Provider is { } provider)
            where = Sql.Of($"{where} and provider = {provider}");
        foreach (var (kind, asked) in ((PayableKind, Guid?)[])[
            (PayableKind.Order, query.OrderId), (PayableKind.Booking, query.BookingId), (PayableKind.BookingChange, query.BookingChangeId), (PayableKind.Basket, query.BasketId)])
            if (asked is { } id)
                where = Sql.Of($"{where} and kind = {kind.Name} and payable_id = {id}");

        var page = await db.List(query, $"id, created_at, amount", $"payments.payments p", where, "p.id", Sorts, row => row.GetGuid(0), ct);
        var payments = await db.Set<Payment>().AsNoTracking().Where(payment => page.Data.Contains(payment.Id)).ToDictionaryAsync(payment => payment.Id, ct);
        return TypedResults.Ok(new Page<PaymentDetails>([.. page.Data.Where(payments.ContainsKey).Select(id => view.Of(payments[id], caller))], page.Meta));
    }
}
