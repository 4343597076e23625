using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>The ledger's tables as the EF model knows them; they are written by <see cref="Books"/>' own statement, and only ever grow.</summary>
internal static class LedgerTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<LedgerAccount>(account =>
        {
            account.ToTable("ledger_accounts", "payments").HasKey(a => a.Code);
            account.Property(a => a.Kind).IsNamed();
        });
        model.Entity<Transaction>(transaction =>
        {
            transaction.ToTable("ledger_transactions", "payments").Property(t => t.Id).ValueGeneratedNever();
            transaction.Property(t => t.Kind).IsNamed();
        });
        model.Entity<Entry>().ToTable("ledger_entries", "payments").Property(entry => entry.Id).ValueGeneratedNever();
    }

    internal sealed class LedgerAccount
    {
        public required string Code { get; init; }
        public AccountKind Kind { get; init; }
        public int Position { get; init; }
    }

    internal sealed class Transaction
    {
        public Guid Id { get; init; }
        public required string Key { get; init; }
        public PostingKind Kind { get; init; }
        public Guid? PaymentId { get; init; }
        public Guid? RefundId { get; init; }
        public string? Provider { get; init; }
        public string? PayableKind { get; init; }
        public DateTimeOffset At { get; init; }
    }

    internal sealed class Entry
    {
        public Guid Id { get; init; }
        public Guid TransactionId { get; init; }
        public int Position { get; init; }
        public required string Account { get; init; }
        public Guid? PartyId { get; init; }
        public long Amount { get; init; }
        public required string Currency { get; init; }
        public DateTimeOffset At { get; init; }
    }
}
