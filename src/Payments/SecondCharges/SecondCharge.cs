using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Payments.SecondCharges;

internal enum SecondChargeStatus
{
    /// <summary>Its provider is asked to give it back, or is at it.</summary>
    Pending,
    Returned,

    /// <summary>Its provider refused. It is asked again daily, for a month.</summary>
    Refused,
}

/// <summary>Money that came in for a payment beside the one that paid it: given back whole by itself. The payment and the books know nothing of it.</summary>
internal sealed class SecondCharge
{
    public required string Provider { get; init; }

    /// <summary>The money's own name at its provider.</summary>
    public required string Reference { get; init; }
    public required Guid PaymentId { get; init; }
    public SecondChargeStatus Status { get; init; }
    public required long Amount { get; init; }
    public required string Currency { get; init; }
    public string? RefundReference { get; init; }
    public string? FailureCode { get; init; }
    public int Tries { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }

    public Money Money => new(Amount, Currency);

    /// <summary>The key of its return at the provider: a new one only after a refusal, which the old one would repeat.</summary>
    public string Key => Tries == 1 ? $"surplus-{Reference}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"surplus-{Reference}-{Tries}");

    public static void Map(ModelBuilder model) => model.Entity<SecondCharge>(second =>
    {
        second.ToTable("second_charges", "payments").HasKey(s => new { s.Provider, s.Reference });
        second.Property(s => s.Status).IsNamed();
        second.Ignore(s => s.Money).Ignore(s => s.Key);
    });
}

/// <summary>Where second charges are noted, and have their return begun.</summary>
internal sealed class SecondCharges(Db db)
{
    /// <summary>More in one look would be something else than payers who pay twice.</summary>
    private const int AtMost = 100;

    /// <summary>A job that no longer looks after one is made again.</summary>
    private static readonly TimeSpan JobPatience = TimeSpan.FromHours(1);

    private static readonly TimeSpan AgainEvery = TimeSpan.FromDays(1);

    private static readonly TimeSpan AgainFor = TimeSpan.FromDays(30);

    /// <summary>Has it given back. The same again is known. The payment came in, and by another money than this: its caller has looked.</summary>
    public async Task Note(Guid paymentId, string provider, string reference, Money amount, DateTimeOffset now, CancellationToken ct)
    {
        var isNew = await db.Execute(
            $"""
            insert into payments.second_charges (provider, reference, payment_id, status, amount, currency, created_at, updated_at)
            values ({provider}, {reference}, {paymentId}, 'pending', {amount.Amount}, {amount.Currency}, {now}, {now}) on conflict do nothing
            """, ct) > 0;
        if (isNew)
            db.Schedule(ReturnSecondCharge.Kind, new ReturnSecondCharge.Message(provider, reference), now);
    }

    /// <summary>Asks again what was refused a day ago, and what nobody looks after any more.</summary>
    public async Task AskAgain(DateTimeOffset now, CancellationToken ct)
    {
        var refused = await db.Read(
            $"""
            update payments.second_charges set status = 'pending', tries = tries + 1, updated_at = {now}
            where status = 'refused' and updated_at <= {now - AgainEvery} and created_at > {now - AgainFor} returning provider, reference
            """, row => new ReturnSecondCharge.Message(row.GetString(0), row.GetString(1)), ct);
        var left = await db.Read(
            $"select provider, reference from payments.second_charges where status = 'pending' and updated_at <= {now - JobPatience} order by updated_at limit {AtMost}",
            row => new ReturnSecondCharge.Message(row.GetString(0), row.GetString(1)), ct);
        foreach (var message in refused)
            db.Schedule(ReturnSecondCharge.Kind, message, now);
        foreach (var message in left)
            db.Schedule(ReturnSecondCharge.Kind, message, now, $"{ReturnSecondCharge.Kind}:{message.Provider}:{message.Reference}@{now:yyyyMMddHH}");
    }
}

internal static class SecondChargesSetup
{
    public static IServiceCollection AddSecondCharges(this IServiceCollection services) => services
        .AddScoped<SecondCharges>()
        .AddOutsideJob<ReturnSecondCharge.Message, ReturnSecondCharge.Outcome?, ReturnSecondCharge>(ReturnSecondCharge.Kind)
        .AddOutsideJob<CloseAtProvider.Message, bool, CloseAtProvider>(CloseAtProvider.Kind);
}
