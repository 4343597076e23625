using Microsoft.EntityFrameworkCore;
using Quitanda.Payments.Ledger;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>Where a payment stands.</summary>
internal enum PaymentStatus
{
    /// <summary>The provider may not know of it yet.</summary>
    Processing,

    /// <summary>It waits for its payer.</summary>
    Pending,
    Failed,
    Cancelled,
    Succeeded,

    /// <summary>The payer's bank asks for the money back, and nobody has decided yet.</summary>
    Disputed,
    PartiallyRefunded,
    Refunded,
}

internal enum PaymentMethod
{
    Card,
    Pix,
    Upi,
    Cash,
}

/// <summary>
/// One attempt to pay a payable. What is known of it only ever grows: that money came in, how much of it went back, that it was disputed and how that ended; its status
/// follows from that. Only a refund that did not arrive takes back what was known, and a dispute that is decided anew, which counts another round. Its verbs say whether they
/// changed anything: an event that comes again, or late, does not.
/// </summary>
internal sealed class Payment
{
    public Guid Id { get; private init; } = Guid.CreateVersion7();
    public required string Kind { get; init; }
    public required Guid PayableId { get; init; }
    public required Guid PayerId { get; init; }
    public required string Provider { get; init; }
    public string? ProviderReference { get; private set; }

    /// <summary>The money's own name at the provider, where it is another.</summary>
    public string? ChargeReference { get; private set; }
    public PaymentStatus Status { get; private set; }
    public PaymentMethod? Method { get; init; }
    public int? Installments { get; init; }
    public string? ReturnUrl { get; init; }
    public required long Amount { get; init; }
    public required string Currency { get; init; }
    public required IReadOnlyDictionary<string, long> Split { get; init; }
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>What the provider is asked with besides; forgotten once it knows the charge.</summary>
    public PaymentInput? Input { get; private set; }
    public long RefundAskedAmount { get; private set; }
    public long RefundedAmount { get; private set; }
    public bool IsSurplus { get; private set; }
    public string? CheckoutUrl { get; private set; }
    public string? ClientSecret { get; private set; }
    public string? PixCode { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    public string? FailureCode { get; private set; }
    public DateTimeOffset? PaidAt { get; private set; }
    public long? FeeAmount { get; private set; }
    public string? FeeCurrency { get; private set; }
    public DisputeState? Dispute { get; private set; }
    public long? DisputedAmount { get; private set; }

    /// <summary>How often what was known of its dispute was turned, and one more: decided otherwise, opened again, about another amount.</summary>
    public int DisputeRound { get; private set; } = 1;

    /// <summary>What the payer hands over in cash, of which change is given.</summary>
    public long? TenderedAmount { get; private set; }
    public DateTimeOffset? AskedAt { get; private set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The key of this payment's charge at its provider: however often it is asked for, it is one charge.</summary>
    public string Key => $"payment-{Id:N}";

    public Money Money => new(Amount, Currency);

    /// <summary>What of it has gone back until now.</summary>
    public Money Refunded => new(RefundedAmount, Currency);

    /// <summary>Whether the money came in, whatever became of it since.</summary>
    public bool HasComeIn => Status >= PaymentStatus.Succeeded;

    /// <summary>What could still be asked back: nothing before the money came in, nor while a bank holds it.</summary>
    public long Refundable => Status is PaymentStatus.Succeeded or PaymentStatus.PartiallyRefunded ? Amount - RefundAskedAmount : 0;

    /// <summary>What a payer asks for beside the amount, checked already.</summary>
    internal sealed record Wishes(PaymentMethod? Method, int? Installments, string? ReturnUrl, IReadOnlyDictionary<string, string>? Metadata)
    {
        public PaymentInput? Input { get; init; }
        public long? Tendered { get; init; }
    }

    /// <summary>The intention, before the provider knows of it.</summary>
    public static Payment Intend(string kind, Guid payableId, Due due, string provider, Wishes wishes, DateTimeOffset now)
    {
        if (!Postings.IsWhole(due.Split, due.Amount))
            throw new InvalidOperationException($"What is due for a {kind} cannot be written into the books: {string.Join(", ", due.Split.Select(part => $"{part.Key} {part.Value}"))} of {due.Amount.Amount}.");
        return new()
        {
            Kind = kind,
            PayableId = payableId,
            PayerId = due.OwnerId,
            Provider = provider,
            Method = wishes.Method,
            Installments = wishes.Installments,
            ReturnUrl = wishes.ReturnUrl,
            Amount = due.Amount.Amount,
            Currency = due.Amount.Currency,
            Split = due.Split,
            Metadata = MetadataAttribute.Kept(wishes.Metadata),
            Input = wishes.Input,
            TenderedAmount = wishes.Tendered,
            ExpiresAt = due.ExpiresAt,
            CreatedAt = now,
            UpdatedAt = now,
        };
    }

    /// <summary>The provider knows it. Also learnt of a payment that was cancelled or paid before this answer came.</summary>
    public bool Opened(OpenedCharge opened, DateTimeOffset now)
    {
        if (opened.Reference is not { } reference || (Status is not PaymentStatus.Processing && ProviderReference is not null))
            return false;

        ProviderReference ??= reference;
        (CheckoutUrl, ClientSecret, PixCode, ExpiresAt, Input) = (opened.CheckoutUrl, opened.ClientSecret, opened.PixCode, opened.ExpiresAt ?? ExpiresAt, null);
        return Move(Status is PaymentStatus.Processing ? PaymentStatus.Pending : Status, now);
    }

    /// <summary>The money is at the provider. Also after a failure or a cancellation: what the provider holds is money and must not be lost.</summary>
    public bool Succeed(ChargeNews news, DateTimeOffset now)
    {
        if (HasComeIn)
            return false;

        ProviderReference ??= news.Reference;
        ChargeReference = news.ChargeReference ?? ChargeReference;
        (FailureCode, PaidAt, AskedAt, Input) = (null, now, now, null);
        return Move(PaymentStatus.Succeeded, now);
    }

    public bool Fail(string? reference, string? code, DateTimeOffset now)
    {
        if (Status >= PaymentStatus.Failed)
            return false;

        ProviderReference ??= reference;
        (FailureCode, Input) = (code ?? "unknown", null);
        return Move(PaymentStatus.Failed, now);
    }

    public bool Cancel(DateTimeOffset now) => Status < PaymentStatus.Failed && Move(PaymentStatus.Cancelled, now);

    /// <summary>The provider was asked how the charge stands.</summary>
    public void Asked(DateTimeOffset now) => AskedAt = now;

    /// <summary>What the provider keeps of it. Said once; what is said later is for the report of drift.</summary>
    public bool NoteFee(Money fee, DateTimeOffset now)
    {
        if (FeeAmount is not null || !HasComeIn)
            return false;
        (FeeAmount, FeeCurrency, UpdatedAt) = (fee.Amount, fee.Currency, now);
        return true;
    }

    /// <summary>The money came in and its payable did not take it: it goes back whole.</summary>
    public void TurnAway() => IsSurplus = true;

    /// <summary>Sets money aside to go back, so that no other refund can promise it too.</summary>
    /// <exception cref="RefusedException"><c>refund_exceeds_payment</c> (409).</exception>
    public void SetAside(long amount, DateTimeOffset now)
    {
        if (amount < 1 || amount > Refundable)
            throw new RefusedException("refund_exceeds_payment", $"Of this payment {Refundable} can still go back.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["refundable"] = new Money(Refundable, Currency) } };

        RefundAskedAmount += amount;
        UpdatedAt = now;
    }

    /// <summary>Money that was set aside stays: the provider did not give it back.</summary>
    public void Keep(long amount, DateTimeOffset now) => (RefundAskedAmount, UpdatedAt) = (RefundAskedAmount - amount, now);

    /// <summary>Money that was set aside has gone back.</summary>
    public void GoneBack(long amount, DateTimeOffset now)
    {
        RefundedAmount += amount;
        Settle(now);
    }

    /// <summary>Money that had gone back did not arrive, and is with the provider again.</summary>
    public void CameBack(long amount, DateTimeOffset now)
    {
        (RefundAskedAmount, RefundedAmount) = (RefundAskedAmount - amount, RefundedAmount - amount);
        Settle(now);
    }

    /// <summary>Money went back that nobody here had set aside: at the provider, or by a bank's decision. No more of it counts than there was.</summary>
    /// <returns>How much of it is news.</returns>
    public long WentBack(long amount, DateTimeOffset now)
    {
        var counted = Math.Min(amount, Amount - RefundAskedAmount);
        RefundAskedAmount += counted;
        GoneBack(counted, now);
        return counted;
    }

    /// <summary>How its dispute stands here.</summary>
    public DisputeMark DisputeMark => new(DisputeRound, Dispute, DisputedAmount);

    /// <summary>Whether a word of its dispute takes back what is known, and so begins another round: within one it is open, then won or lost, about one amount.</summary>
    public bool IsTurnedBy(DisputeNews news) =>
        Dispute is { } known && !Says(news) && (known is not DisputeState.Open || (news.State is not DisputeState.Won && news.Amount.Amount != DisputedAmount));

    /// <summary>A dispute began or ended, or was turned: what a lost one had taken is the caller's to <see cref="Regain"/> then.</summary>
    public bool Disputes(DisputeNews news, DateTimeOffset now)
    {
        if (!HasComeIn || news.Amount.Currency != Currency || Says(news))
            return false;
        if (IsTurnedBy(news))
            (DisputeRound, DisputedAmount) = (DisputeRound + 1, null);
        (Dispute, DisputedAmount) = (news.State, DisputedAmount ?? news.Amount.Amount);
        Settle(now);
        return true;
    }

    /// <summary>What a lost dispute had taken is not taken any more.</summary>
    public void Regain(long amount, DateTimeOffset now) => CameBack(amount, now);

    public static void Map(ModelBuilder model) => model.Entity<Payment>(payment =>
    {
        payment.ToTable("payments", "payments");
        payment.Property(p => p.Status).IsNamed();
        payment.Property(p => p.Method).IsNamed();
        payment.Property(p => p.Dispute).IsNamed();
        payment.Property(p => p.Split).IsJson();
        payment.Property(p => p.Metadata).IsJson();
        payment.Property(p => p.Input).IsJson();
        payment.Ignore(p => p.Key).Ignore(p => p.Money).Ignore(p => p.Refunded).Ignore(p => p.Refundable).Ignore(p => p.HasComeIn).Ignore(p => p.DisputeMark);
    });

    /// <summary>Whether that is what is known. About how much one was won is nothing to anybody.</summary>
    private bool Says(DisputeNews news) => Dispute == news.State && (news.State is DisputeState.Won || news.Amount.Amount == DisputedAmount);

    /// <summary>Where a payment stands whose money came in: what is open comes before what is done.</summary>
    private void Settle(DateTimeOffset now) => Move(
        Dispute is DisputeState.Open ? PaymentStatus.Disputed
        : RefundedAmount == Amount ? PaymentStatus.Refunded
        : RefundedAmount > 0 ? PaymentStatus.PartiallyRefunded
        : PaymentStatus.Succeeded, now);

    private bool Move(PaymentStatus to, DateTimeOffset now)
    {
        (Status, UpdatedAt) = (to, now);
        return true;
    }
}
