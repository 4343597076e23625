using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>Where a payment stands, in the order it can move: never to an earlier one.</summary>
internal enum PaymentStatus
{
    Processing,
    Pending,
    Failed,
    Cancelled,
    Succeeded,
    Disputed,
    PartiallyRefunded,
    Refunded,
}

internal enum PaymentMethod
{
    Card,
    Pix,
}

/// <summary>One attempt to pay a payable. Its verbs say whether they changed anything: an event that comes again, or late, does not.</summary>
internal sealed class Payment
{
    public Guid Id { get; private init; } = Guid.CreateVersion7();
    public required string Kind { get; init; }
    public required Guid PayableId { get; init; }
    public required Guid PayerId { get; init; }
    public required string Provider { get; init; }
    public string? ProviderReference { get; private set; }
    public PaymentStatus Status { get; private set; }
    public PaymentMethod? Method { get; init; }
    public int? Installments { get; init; }
    public string? ReturnUrl { get; init; }
    public required long Amount { get; init; }
    public required string Currency { get; init; }
    public required IReadOnlyDictionary<string, long> Split { get; init; }
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
    public long RefundAskedAmount { get; private set; }
    public long RefundedAmount { get; private set; }
    public bool IsSurplus { get; private set; }
    public string? CheckoutUrl { get; private set; }
    public string? FailureCode { get; private set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The key of this payment's charge at its provider: however often it is asked for, it is one charge.</summary>
    public string Key => $"payment-{Id:N}";

    public Money Money => new(Amount, Currency);

    /// <summary>What could still be asked back: nothing before the money came in, nor while a bank holds it.</summary>
    public long Refundable => Status is PaymentStatus.Succeeded or PaymentStatus.PartiallyRefunded ? Amount - RefundAskedAmount : 0;

    /// <summary>What a payer asks for beside the amount, checked already.</summary>
    internal sealed record Wishes(PaymentMethod? Method, int? Installments, string? ReturnUrl, IReadOnlyDictionary<string, string>? Metadata);

    /// <summary>The intention, before the provider knows of it.</summary>
    public static Payment Intend(string kind, Guid payableId, Due due, string provider, Wishes wishes, DateTimeOffset now) => new()
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
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>The provider knows it. Also learnt of a payment that was cancelled or paid before this answer came.</summary>
    public bool Opened(string reference, string? checkoutUrl, DateTimeOffset now)
    {
        if (Status is not PaymentStatus.Processing && ProviderReference is not null)
            return false;

        ProviderReference ??= reference;
        CheckoutUrl = checkoutUrl;
        return Move(Status is PaymentStatus.Processing ? PaymentStatus.Pending : Status, now);
    }

    /// <summary>The money is at the provider. Also after a failure or a cancellation: what the provider holds is money and must not be lost.</summary>
    public bool Succeed(string reference, DateTimeOffset now)
    {
        if (Status >= PaymentStatus.Succeeded)
            return false;

        ProviderReference ??= reference;
        FailureCode = null;
        return Move(PaymentStatus.Succeeded, now);
    }

    public bool Fail(string reference, string? code, DateTimeOffset now)
    {
        if (Status >= PaymentStatus.Failed)
            return false;

        ProviderReference ??= reference;
        FailureCode = code ?? "unknown";
        return Move(PaymentStatus.Failed, now);
    }

    public bool Cancel(DateTimeOffset now) => Status < PaymentStatus.Failed && Move(PaymentStatus.Cancelled, now);

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

    /// <summary>Money that was set aside has gone back.</summary>
    public void GoneBack(long amount, DateTimeOffset now)
    {
        RefundedAmount += amount;
        Move(RefundedAmount == Amount ? PaymentStatus.Refunded : PaymentStatus.PartiallyRefunded, now);
    }

    public static void Map(ModelBuilder model) => model.Entity<Payment>(payment =>
    {
        payment.ToTable("payments", "payments");
        payment.Property(p => p.Status).HasConversion(status => status.Name(), name => Wire.Parse<PaymentStatus>(name));
        payment.Property(p => p.Method).HasConversion(method => method!.Value.Name(), name => Wire.Parse<PaymentMethod>(name));
        IsJson(payment.Property(p => p.Split));
        IsJson(payment.Property(p => p.Metadata));
        payment.Ignore(p => p.Key).Ignore(p => p.Money).Ignore(p => p.Refundable);
    });

    /// <summary>Stored as <c>jsonb</c>, and never changed.</summary>
    private static void IsJson<T>(PropertyBuilder<T> property) => property.HasColumnType("jsonb").HasConversion(
        value => JsonSerializer.Serialize(value, Wire.Json),
        text => JsonSerializer.Deserialize<T>(text, Wire.Json)!,
        new ValueComparer<T>((left, right) => ReferenceEquals(left, right), value => value == null ? 0 : value.GetHashCode()));

    private bool Move(PaymentStatus to, DateTimeOffset now)
    {
        (Status, UpdatedAt) = (to, now);
        return true;
    }
}

/// <summary>A payment as its payer and staff see it.</summary>
/// <param name="Id">The payment.</param>
/// <param name="OrderId">The order it pays, where it pays one.</param>
/// <param name="PayerId">Whose payment it is.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Provider">Who takes the money.</param>
/// <param name="Method">How the payer meant to pay; null where the provider asks.</param>
/// <param name="Installments">In how many parts a card pays.</param>
/// <param name="Amount">What it pays.</param>
/// <param name="RefundedAmount">What has gone back.</param>
/// <param name="CheckoutUrl">Where the payer goes to pay.</param>
/// <param name="FailureCode">Why the last attempt failed.</param>
/// <param name="Metadata">The client's own notes.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="UpdatedAt">When it last changed.</param>
internal sealed record PaymentDetails(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? OrderId,
    [Person] Guid PayerId,
    PaymentStatus Status,
    [Impersonal] string Provider,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PaymentMethod? Method,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Installments,
    Money Amount,
    Money RefundedAmount,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)][Personal] string? CheckoutUrl,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)][Impersonal] string? FailureCode,
    [Personal] IReadOnlyDictionary<string, string> Metadata,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt)
{
    public static PaymentDetails Of(Payment payment) => new(
        payment.Id, payment.Kind == CreatePayment.Order ? payment.PayableId : null, payment.PayerId, payment.Status, payment.Provider, payment.Method, payment.Installments, payment.Money,
        payment.Money with { Amount = payment.RefundedAmount }, payment.CheckoutUrl, payment.FailureCode, payment.Metadata, payment.CreatedAt, payment.UpdatedAt);
}
