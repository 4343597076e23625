using Quitanda.Platform;

namespace Quitanda.Ordering.Orders;

/// <summary>What the realtime hub tells of an order: to its customer, and of every order to staff.</summary>
internal sealed class OrderNews : IRealtimeSource
{
    /// <summary>How an order stands now.</summary>
    internal sealed record OrderChanged(Guid Id, long Number, OrderStatus Status, PaymentStatus PaymentStatus, DateTimeOffset At);

    public string Kind => OrderEvents.OrderKind;

    public string Message => "orderChanged";

    public Roles? ForAllOf => Roles.Staff;

    public Task<List<RealtimeNews>> Read(Db db, Guid[] ids, CancellationToken ct) => db.Read(
        $"select customer_id, id, number, status, payment_status, updated_at from ordering.orders where id = any({ids})",
        row => new RealtimeNews(row.GetGuid(0), new OrderChanged(
            row.GetGuid(1), row.GetInt64(2), Wire.Parse<OrderStatus>(row.GetString(3)), Wire.Parse<PaymentStatus>(row.GetString(4)), row.GetFieldValue<DateTimeOffset>(5))), ct);
}
