using Microsoft.EntityFrameworkCore;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>The tables of the report of drift as the EF model knows them; they are written by its own statements.</summary>
internal static class DriftTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<Run>().ToTable("drift_runs", "payments").Property(run => run.Id).ValueGeneratedNever();
        model.Entity<Asked>().ToTable("drift_providers", "payments").HasKey(asked => new { asked.RunId, asked.Provider });
        model.Entity<Seen>().ToTable("drift_charges", "payments").HasKey(seen => new { seen.RunId, seen.Provider, seen.Reference });
        model.Entity<Named>(named =>
        {
            named.ToTable("drift_differences", "payments").Property(difference => difference.Id).ValueGeneratedNever();
            named.Property(difference => difference.Kind).IsNamed();
        });
    }

    internal sealed class Run
    {
        public Guid Id { get; init; }
        public DateOnly Day { get; init; }
        public DateTimeOffset WindowFrom { get; init; }
        public DateTimeOffset WindowUntil { get; init; }
        public DateTimeOffset StartedAt { get; init; }
        public DateTimeOffset? FinishedAt { get; init; }
        public long Payments { get; init; }
        public long Payables { get; init; }
        public bool IsPaymentsDone { get; init; }
    }

    internal sealed class Asked
    {
        public Guid RunId { get; init; }
        public required string Provider { get; init; }
        public long Charges { get; init; }
        public bool IsComplete { get; init; }
        public DateTimeOffset? EndedAt { get; init; }
    }

    internal sealed class Seen
    {
        public Guid RunId { get; init; }
        public required string Provider { get; init; }
        public required string Reference { get; init; }
        public Guid? PaymentId { get; init; }
        public bool IsPaid { get; init; }
    }

    internal sealed class Named
    {
        public Guid Id { get; init; }
        public Guid RunId { get; init; }
        public DriftKind Kind { get; init; }
        public required string Subject { get; init; }
        public string? Provider { get; init; }
        public Guid? PaymentId { get; init; }
        public string? PayableKind { get; init; }
        public Guid? PayableId { get; init; }
        public Guid? PartyId { get; init; }
        public string? ProviderReference { get; init; }
        public required string Expected { get; init; }
        public required string Found { get; init; }
        public required string ProposedFix { get; init; }
    }
}
