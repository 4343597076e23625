using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Sandbox;

/// <summary>
/// A provider inside the house that behaves like one across a network: it remembers its own charges, on connections and in transactions of its own, so what it
/// has committed stays when our side dies before hearing of it. It takes no money.
/// </summary>
internal sealed class SandboxProvider(Database database, IOptions<PaymentSettings> settings, TimeProvider clock) : IPaymentProvider
{
    public const string ProviderName = "sandbox";

    public string Name => ProviderName;

    public bool IsOn => settings.Value.SandboxEnabled;

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
        return new(reader.GetString(0), settings.Value.SandboxCheckoutUrl is { } page ? $"{page.TrimEnd('/')}/{order.PaymentId}" : null);
    }

    public async Task<ChargeNews> Cancel(string reference, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        await using var cancel = new NpgsqlCommand("update payments.sandbox_charges set state = 'cancelled' where reference = $1 and state in ('open', 'failed')", connection) { Parameters = { Value(reference) } };
        await cancel.ExecuteNonQueryAsync(ct);
        return await Read(connection, "reference", reference, ct);
    }

    public async Task Refund(string reference, Money amount, string key, CancellationToken ct)
    {
        await using var connection = await database.Hot.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var insert = new NpgsqlCommand("insert into payments.sandbox_refunds (key, reference, amount, created_at) values ($1, $2, $3, $4) on conflict (key) do nothing", connection, transaction)
        {
            Parameters = { Value(key), Value(reference), Value(amount.Amount), Value(clock.GetUtcNow()) },
        };
        if (await insert.ExecuteNonQueryAsync(ct) == 0)
            return;

        await using var update = new NpgsqlCommand("""
            update payments.sandbox_charges set refunded_amount = refunded_amount + $2
            where reference = $1 and currency = $3 and state = 'succeeded' and refunded_amount + $2 <= amount
            """, connection, transaction)
        {
            Parameters = { Value(reference), Value(amount.Amount), Value(amount.Currency) },
        };
        if (await update.ExecuteNonQueryAsync(ct) == 0)
            throw new InvalidOperationException("The sandbox holds no such money of this charge.");
        await transaction.CommitAsync(ct);
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
            ? "select reference, state, failure_code from payments.sandbox_charges where key = $1"
            : "select reference, state, failure_code from payments.sandbox_charges where reference = $1", connection)
        { Parameters = { Value(value) } };
        await using var reader = await select.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct)
            ? new(reader.GetString(0), Wire.Parse<ChargeState>(reader.GetString(1)), reader.IsDBNull(2) ? null : reader.GetString(2))
            : throw new InvalidOperationException("The sandbox knows no such charge.");
    }

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
            charge.Property(c => c.State).HasConversion(state => state.Name(), name => Wire.Parse<ChargeState>(name));
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
    public DateTimeOffset CreatedAt { get; init; }
}
