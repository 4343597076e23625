using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>The simulator's tables as the EF model knows them; they are written by its own statements.</summary>
internal static class SimulatedTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<Thing>(thing =>
        {
            thing.ToTable("simulated_things", "payments").HasKey(t => new { t.Provider, t.Kind, t.Id });
            thing.Property(t => t.Body).HasColumnType("jsonb");
        });
        model.Entity<Answered>(answered =>
        {
            answered.ToTable("simulated_answers", "payments").HasKey(a => new { a.Provider, a.Key });
            answered.Property(a => a.Body).HasColumnType("jsonb");
        });
        model.Entity<Told>(told =>
        {
            told.ToTable("simulated_events", "payments");
            told.Property(t => t.Query).HasColumnType("jsonb");
        });
        model.Entity<Fault>(fault =>
        {
            fault.ToTable("simulated_faults", "payments").HasKey(f => f.Provider);
            fault.Property(f => f.Delivery).IsNamed();
        });
    }

    internal sealed class Thing
    {
        public required string Provider { get; init; }
        public required string Kind { get; init; }
        public required string Id { get; init; }
        public string? Parent { get; init; }
        public required string Body { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
    }

    internal sealed class Answered
    {
        public required string Provider { get; init; }
        public required string Key { get; init; }
        public required byte[] Question { get; init; }
        public int Status { get; init; }
        public required string Body { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
    }

    internal sealed class Told
    {
        public Guid Id { get; init; }
        public required string Provider { get; init; }
        public required string Type { get; init; }
        public required string Thing { get; init; }
        public required byte[] Body { get; init; }
        public required string Query { get; init; }
        public int Sends { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? SentAt { get; init; }
        public int? Status { get; init; }
    }

    internal sealed class Fault
    {
        public required string Provider { get; init; }
        public int LostAnswers { get; init; }
        public int FailedCalls { get; init; }
        public int DelayMs { get; init; }
        public int FailedRefunds { get; init; }
        public SimulatedDelivery Delivery { get; init; }
        public DateTimeOffset UpdatedAt { get; init; }
    }
}
