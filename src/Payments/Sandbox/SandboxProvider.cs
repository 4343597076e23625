using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.Sandbox;

/// <summary>
/// A provider inside the house that behaves like one across a network: it remembers its own charges, on connections and in transactions of its own, so what it
/// has committed stays when our side dies before hearing of it. It takes no money.
/// </summary>
internal sealed class SandboxProvider(Database database, IOptions<PaymentSettings> settings, Simulation simulation, TimeProvider clock) : IPaymentProvider
{
    public const string ProviderName = "sandbox";

    private const string Columns = "reference, state, failure_code, amount, currency, refunded_amount, key, created_at";

    private const int PageSize = 100;

    public string Name => ProviderName;

    public string? WhyOff => settings.Value.SandboxEnabled ? null : "Payments:SandboxEnabled is false.";

    public IReadOnlyList<PaymentMethod> Methods { get; } = [PaymentMethod.Card, PaymentMethod.Pix, PaymentMethod.Upi];

    public async Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        await using var insert = new NpgsqlCommand("""
            insert into payments.sandbox_charges (reference, key, amount, currency, state, created_at) values ($1, $2, $3, $4, 'open', $5) on conflict (key) do nothing
            """, connection)
        {
            Parameters = { Value($"sandbox_{Guid.CreateVersion7():N}"), Value(key), Value(order.Amount.Amount), Value(order.Amount.Currency), Value(clock.GetUtcNow()) },
        };
        await insert.ExecuteNonQueryAsync(ct);

        await using var select = new NpgsqlCommand("select reference, amount, currency from payments.sandbox_charges where key = $1", connection) { Parameters = { Value(key) } };
        await using var reader = await select.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        if (new Money(reader.GetInt64(1), reader.GetString(2)) != order.Amount)
            throw new InvalidOperationException("The sandbox has another charge under this key.");
        return new(reader.GetString(0)) { CheckoutUrl = settings.Value.SandboxCheckoutUrl is { } page ? $"{page.TrimEnd('/')}/{order.PaymentId}" : null };
    }

    public async Task<ChargeNews> Fetch(Charge charge, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        return await Read(connection, "reference", charge.Reference, ct);
    }

    /// <summary>Nothing is ever only authorised here.</summary>
    public Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct) => Fetch(charge, ct);

    public async Task<ChargeNews> Cancel(Charge charge, CancellationToken ct)
    {
        var reference = charge.Reference;
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        await using var cancel = new NpgsqlCommand("update payments.sandbox_charges set state = 'cancelled' where reference = $1 and state in ('open', 'failed')", connection) { Parameters = { Value(reference) } };
        await cancel.ExecuteNonQueryAsync(ct);
        return await Read(connection, "reference", reference, ct);
    }

    public async Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var insert = new NpgsqlCommand("insert into payments.sandbox_refunds (key, reference, amount, created_at) values ($1, $2, $3, $4) on conflict (key) do nothing", connection, transaction)
        {
            Parameters = { Value(refund.Key), Value(charge.Reference), Value(refund.Amount.Amount), Value(clock.GetUtcNow()) },
        };
        if (await insert.ExecuteNonQueryAsync(ct) == 0)
        {
            await using var known = new NpgsqlCommand("select bounced from payments.sandbox_refunds where key = $1", connection, transaction) { Parameters = { Value(refund.Key) } };
            return await known.ExecuteScalarAsync(ct) is true ? new(RefundState.Failed, refund.Key, "returned") : new(RefundState.Succeeded, refund.Key);
        }

        await using var update = new NpgsqlCommand("""
            update payments.sandbox_charges set refunded_amount = refunded_amount + $2
            where reference = $1 and currency = $3 and state = 'succeeded' and refunded_amount + $2 <= amount
            """, connection, transaction)
        {
            Parameters = { Value(charge.Reference), Value(refund.Amount.Amount), Value(refund.Amount.Currency) },
        };
        // Rolled back with the key, which the refusal must not use up.
        if (await update.ExecuteNonQueryAsync(ct) == 0)
            return new(RefundState.Failed, FailureCode: "not_held");
        await transaction.CommitAsync(ct);
        return new(RefundState.Succeeded, refund.Key);
    }

    public WebhookNotice? Read(WebhookCall call, DateTimeOffset now) => SandboxSignature.IsGood(call, simulation.KeyOf(ProviderName), now) ? SandboxEvent.Read(call.Body.Span) : null;

    public async Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        await using var select = new NpgsqlCommand($"""
            select {Columns} from payments.sandbox_charges where created_at >= $1 and created_at < $2 and reference > $3 order by reference limit {PageSize + 1}
            """, connection)
        {
            Parameters = { Value(from), Value(until), Value(cursor ?? "") },
        };
        List<ChargeNews> charges = [];
        await using var reader = await select.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            charges.Add(Read(reader));
        return charges.Count > PageSize ? new(charges[..PageSize], charges[PageSize - 1].Reference) : new(charges, Next: null);
    }

    /// <summary>Lets a charge succeed or fail, as if its payer had paid or been refused, and says how it stands then. One that failed may still succeed; one that succeeded or was cancelled stays.</summary>
    public async Task<ChargeNews> Settle(string key, SandboxOutcome outcome, string? code, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        await using var settle = outcome is SandboxOutcome.Succeed
            ? new NpgsqlCommand("update payments.sandbox_charges set state = 'succeeded', failure_code = null where key = $1 and state in ('open', 'failed')", connection) { Parameters = { Value(key) } }
            : new NpgsqlCommand("update payments.sandbox_charges set state = 'failed', failure_code = $2 where key = $1 and state = 'open'", connection) { Parameters = { Value(key), Value(code ?? "card_declined") } };
        await settle.ExecuteNonQueryAsync(ct);
        return await Read(connection, "key", key, ct);
    }

    private static async Task<ChargeNews> Read(NpgsqlConnection connection, string column, string value, CancellationToken ct)
    {
        await using var select = new NpgsqlCommand(column == "key"
            ? $"select {Columns} from payments.sandbox_charges where key = $1"
            : $"select {Columns} from payments.sandbox_charges where reference = $1", connection)
        { Parameters = { Value(value) } };
        await using var reader = await select.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? Read(reader) : throw new InvalidOperationException("The sandbox knows no such charge.");
    }

    private static ChargeNews Read(NpgsqlDataReader row) => new(row.GetString(0), Wire.Parse<ChargeState>(row.GetString(1)), row.IsDBNull(2) ? null : row.GetString(2))
    {
        Amount = new(row.GetInt64(3), row.GetString(4)),
        RefundedAmount = row.GetInt64(5),
        PaymentId = Guid.TryParseExact(row.GetString(6).AsSpan("payment-".Length), "N", out var payment) ? payment : null,
        CreatedAt = row.GetFieldValue<DateTimeOffset>(7),
    };

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}

/// <summary>The sandbox's tables as the EF model knows them; they are written by the sandbox's own statements.</summary>
internal static class SandboxTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<SandboxCharge>(charge =>
        {
            charge.ToTable("sandbox_charges", "payments").HasKey(c => c.Reference);
            charge.Property(c => c.State).IsNamed();
        });
        model.Entity<SandboxRefund>().ToTable("sandbox_refunds", "payments").HasKey(refund => refund.Key);
    }
}

internal sealed class SandboxCharge
{
    public required string Reference { get; init; }
    public required string Key { get; init; }
    public long Amount { get; init; }
    public required string Currency { get; init; }
    public ChargeState State { get; init; }
    public string? FailureCode { get; init; }
    public long RefundedAmount { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class SandboxRefund
{
    public required string Key { get; init; }
    public required string Reference { get; init; }
    public long Amount { get; init; }

    /// <summary>It went, and the payer's bank sent it back.</summary>
    public bool Bounced { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}
