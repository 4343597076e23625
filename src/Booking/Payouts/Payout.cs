using System.ComponentModel.DataAnnotations;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Booking.Payouts;

/// <summary>Where a payout stands.</summary>
internal enum PayoutStatus
{
    /// <summary>To be paid.</summary>
    Pending,

    /// <summary>It has left the house's bank account.</summary>
    Paid,

    /// <summary>Called off before it was paid: what it was of waits for the next batch.</summary>
    Cancelled,
}

/// <summary>What one owner gets in one currency.</summary>
internal sealed record Payout
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>booking.payouts p</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("p.id, p.code, p.batch_id, p.owner_id, p.amount, p.currency, p.status, p.reference, p.paid_at, p.created_at, p.updated_at");

    public required Guid Id { get; init; }

    /// <summary>What people call it by: ten letters and digits.</summary>
    [Impersonal]
    public required string Code { get; init; }
    public required Guid BatchId { get; init; }
    [Person]
    public required Guid OwnerId { get; init; }

    /// <summary>What the owner is called; null where it has no name to show, or is gone.</summary>
    [Personal]
    public string? OwnerName { get; init; }
    public required Money Amount { get; init; }
    public required PayoutStatus Status { get; init; }

    /// <summary>What the bank calls the transfer.</summary>
    [Impersonal]
    public required string? Reference { get; init; }
    public required DateTimeOffset? PaidAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public static Payout Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Code = row.GetString(1),
        BatchId = row.GetGuid(2),
        OwnerId = row.GetGuid(3),
        Amount = new(row.GetInt64(4), row.GetString(5)),
        Status = Wire.Parse<PayoutStatus>(row.GetString(6)),
        Reference = row.IsDBNull(7) ? null : row.GetString(7),
        PaidAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(9),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(10),
    };
}

/// <summary>What is said of a payment that was made by hand.</summary>
/// <param name="Reference">What the bank calls the transfer.</param>
[SchemaId("PayoutPaid")]
internal sealed record PaidRequest([StringLength(100, MinimumLength = 1)] string? Reference = null);
