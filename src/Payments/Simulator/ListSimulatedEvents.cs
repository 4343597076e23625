using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>Lists what a simulated provider has told us of a payment, and whether it arrived, the newest first. One's own payment, or any for staff. Only where the simulator is on.</summary>
[Refuses("not_found", 404)]
internal static class ListSimulatedEvents
{
    private static readonly SortField[] Sorts = [new("-createdAt", "e.created_at", "timestamptz")];

    internal sealed record Query : PageQuery;

    /// <param name="Id">Of the event, here.</param>
    /// <param name="Type">The provider's word for what happened.</param>
    /// <param name="Sends">How often it arrived: 0 where it was lost, or is still on its way.</param>
    /// <param name="Status">What it was answered last.</param>
    /// <param name="Body">As it is sent.</param>
    /// <param name="CreatedAt">When it happened.</param>
    /// <param name="SentAt">When it arrived last.</param>
    internal sealed record Told(Guid Id, [Impersonal] string Type, int Sends, int? Status, [Personal] JsonElement Body, DateTimeOffset CreatedAt, DateTimeOffset? SentAt);

    public static async Task<Ok<Page<Told>>> Handle(Guid id, [AsParameters] Query query, Caller caller, Db db, CancellationToken ct)
    {
        var payment = await SimulateDeed.Find(id, caller, db, ct);
        string?[] things = [payment.ProviderReference, payment.ChargeReference];
        return TypedResults.Ok(await db.List(query, $"id, type, sends, status, body, created_at, sent_at", $"payments.simulated_events e", $"provider = {payment.Provider} and thing = any({things})", "e.id", Sorts,
            row => new Told(row.GetGuid(0), row.GetString(1), row.GetInt32(2), row.IsDBNull(3) ? null : row.GetInt32(3), JsonSerializer.Deserialize<JsonElement>(Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(4))),
                row.GetFieldValue<DateTimeOffset>(5), row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6)), ct));
    }
}
