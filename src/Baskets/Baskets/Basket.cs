using Microsoft.EntityFrameworkCore;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Baskets.Baskets;

/// <summary>Where a basket stands.</summary>
internal enum BasketStatus
{
    /// <summary>Things are put in and taken out.</summary>
    Open,

    /// <summary>All of it is held, and to be paid.</summary>
    Held,

    /// <summary>It was not paid in time: nothing is held, and money that still comes takes all of it again or goes back.</summary>
    Lapsed,
    Paid,
}

/// <summary>Where the money for a basket stands.</summary>
[SchemaId("BasketPaymentStatus")]
internal enum PaymentStatus
{
    Pending,
    Paid,
    Failed,
    PartiallyRefunded,
    Refunded,
}

/// <summary>What somebody takes together. Amounts are minor units of <see cref="Currency"/>.</summary>
internal sealed class Basket
{
    public required Guid Id { get; init; }
    public required Guid OwnerId { get; init; }
    public BasketStatus Status { get; private set; }
    public PaymentStatus PaymentStatus { get; private set; }
    public required BasketWish Wanted { get; set; }
    public string? Currency { get; private set; }
    public long Total { get; private set; }
    public Guid? PaymentId { get; private set; }
    public long Refunded { get; private set; }
    public int Moves { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    public DateTimeOffset? PaidAt { get; private set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Finds a basket and keeps everybody else from changing it until the transaction ends. Locked before its parts and their payment, always.</summary>
    public static async Task<Basket?> Lock(Db db, Guid id, CancellationToken ct)
    {
        var found = await db.Set<Basket>().FromSql($"select * from baskets.baskets where id = {id} for no key update").ToListAsync(ct);
        return found is [var basket] ? basket : null;
    }

    /// <summary>Its parts, in the order in which they are locked.</summary>
    public Task<List<Part>> Parts(Db db, CancellationToken ct) => db.Set<Part>().Where(part => part.BasketId == Id).OrderBy(part => part.Position).ToListAsync(ct);

    /// <summary>Whether what it held until now was not paid in time.</summary>
    public bool IsOver(DateTimeOffset at) => Status == BasketStatus.Held && ExpiresAt <= at;

    /// <summary>All of it is held.</summary>
    public void Hold(string currency, long total, DateTimeOffset payBy, DateTimeOffset at)
    {
        (Status, Currency, Total, ExpiresAt, UpdatedAt, PaymentStatus) = (BasketStatus.Held, currency, total, payBy, at, PaymentStatus.Pending);
        // Nothing is due, and no provider would take it.
        if (total == 0)
            (Status, PaymentStatus, PaidAt, ExpiresAt) = (BasketStatus.Paid, PaymentStatus.Paid, at, null);
    }

    /// <summary>Nothing of it is held any more, and it may be changed again.</summary>
    public void Reopen(DateTimeOffset at) => (Status, ExpiresAt, UpdatedAt) = (BasketStatus.Open, null, at);

    /// <summary>It was not paid in time.</summary>
    public void Lapse(DateTimeOffset at) => (Status, ExpiresAt, UpdatedAt) = (BasketStatus.Lapsed, null, at);

    public void Pay(Guid paymentId, DateTimeOffset at) => (Status, PaymentStatus, PaymentId, PaidAt, ExpiresAt, UpdatedAt) = (BasketStatus.Paid, PaymentStatus.Paid, paymentId, at, null, at);

    public void NoteFailedPayment(DateTimeOffset at)
    {
        if (PaymentStatus == PaymentStatus.Pending)
            (PaymentStatus, UpdatedAt) = (PaymentStatus.Failed, at);
    }

    /// <summary>So much of its payment has gone back in all.</summary>
    /// <returns>How much more that is than before.</returns>
    public long NoteRefunded(long inAll, DateTimeOffset at)
    {
        var more = inAll - Refunded;
        (Refunded, UpdatedAt) = (inAll, at);
        PaymentStatus = inAll == 0 ? PaymentStatus.Paid : inAll >= Total ? PaymentStatus.Refunded : PaymentStatus.PartiallyRefunded;
        return more;
    }

    /// <summary>The name of the next move of its money in the books.</summary>
    public string NextMove() => $"basket:{Id}:{++Moves}";

    /// <summary>What is due for it.</summary>
    /// <param name="isWhole">Whether all parts are still held, or may be had again.</param>
    public Due Due(bool isWhole)
    {
        var whyNot = Status == BasketStatus.Paid ? "already_paid" : Status != BasketStatus.Held || !isWhole ? "basket_not_held" : null;
        return new(OwnerId, new(Total, Currency ?? "BRL"), new Dictionary<string, long>(StringComparer.Ordinal) { [BookAccounts.Held] = Total }, MayBePaid: whyNot is null, whyNot)
        {
            WhyNotText = whyNot switch { null => null, "already_paid" => "The basket is paid already.", _ => "The basket is not held: check it out, and pay what it then comes to." },
            ExpiresAt = ExpiresAt,
        };
    }
}

/// <summary>One of the things that a basket holds, under the name that its module knows it by.</summary>
internal sealed class Part
{
    public required Guid BasketId { get; init; }
    public required int Position { get; init; }
    public required string Kind { get; init; }
    public required Guid PartId { get; init; }

    /// <summary>Where it stands in what is wanted: <c>goods</c>, <c>rentals[0]</c>.</summary>
    public required string Field { get; init; }
    public required long Amount { get; init; }
    public long Refunded { get; set; }
}

/// <summary>Money that was asked to go back for a part.</summary>
internal sealed class PartRefund
{
    public required Guid Id { get; init; }
    public required Guid BasketId { get; init; }
    public required int Position { get; init; }
    public required long Amount { get; init; }
    public long Gone { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}
