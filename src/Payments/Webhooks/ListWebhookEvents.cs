using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Webhooks;

/// <summary>Lists what providers told us, newest first; those that are parked are about payments that nobody knows.</summary>
internal static class ListWebhookEvents
{
    private static readonly SortField[] Sorts = [new("-receivedAt", "e.received_at", "timestamptz")];

    internal sealed record Query : PageQuery
    {
        /// <summary>Only events that stand there: <c>received</c>, <c>handled</c>, <c>ignored</c> or <c>parked</c>.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? State { get; init; }

        /// <summary>Only events of this provider.</summary>
        [StringLength(50, MinimumLength = 1)]
        public string? Provider { get; init; }

        /// <summary>Only events about this payment.</summary>
        public Guid? PaymentId { get; init; }
    }

    public static async Task<Ok<Page<WebhookEventDetails>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        Sql where = $"true";
        if (query.State is { } state)
            where = Sql.Of($"{where} and state = {Wire.Asked<WebhookState>(state, "state")}");
        if (query.Provider is { } provider)
            where = Sql.Of($"{where} and provider = {provider}");
        if (query.PaymentId is { } payment)
            where = Sql.Of($"{where} and payment_id = {payment}");

        return TypedResults.Ok(await db.List(query, $"id, provider, event_id, type, subject, payment_id, state, tries, received_at, handled_at", $"payments.webhook_events e", where, "e.id", Sorts,
            row => new WebhookEventDetails(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4), row.IsDBNull(5) ? null : row.GetGuid(5),
                Wire.Parse<WebhookState>(row.GetString(6)), row.GetInt32(7), row.GetFieldValue<DateTimeOffset>(8), row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9)), ct));
    }
}
