using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Npgsql;
using Quitanda.Ordering.Pricing;
using Quitanda.Platform;

namespace Quitanda.Ordering.Coupons;

/// <summary>A code that takes something off an order's goods.</summary>
internal sealed record Coupon
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>ordering.coupons</c>.</summary>
    public static readonly Sql Columns = Sql.Raw(
        "id, code, description, percent, amount, currency, minimum_order, first_order_only, starts_at, ends_at, max_uses, max_uses_per_customer, is_active, uses, created_at, updated_at");

    public required Guid Id { get; init; }

    /// <summary>What customers type, in capitals: they may type it in any case.</summary>
    public required string Code { get; init; }

    /// <summary>What it is for, in the shop's own words.</summary>
    public required string? Description { get; init; }

    /// <summary>Percent of the goods; null where it is an amount.</summary>
    public required int? Percent { get; init; }

    /// <summary>What comes off, and never more than the goods come to; null where it is a percentage.</summary>
    public required Money? Amount { get; init; }

    /// <summary>What the goods must come to.</summary>
    public required Money? MinimumOrder { get; init; }

    /// <summary>Whether only a customer's first order may have it.</summary>
    public required bool FirstOrderOnly { get; init; }

    /// <summary>From when on; at once where it is null.</summary>
    public required DateTimeOffset? StartsAt { get; init; }

    /// <summary>Until when, that instant not included; for good where it is null.</summary>
    public required DateTimeOffset? EndsAt { get; init; }

    /// <summary>How often it may be used in all.</summary>
    public required int? MaxUses { get; init; }

    /// <summary>How often each customer may use it.</summary>
    public required int? MaxUsesPerCustomer { get; init; }

    /// <summary>Whether it may be used at all.</summary>
    public required bool IsActive { get; init; }

    /// <summary>How often it is used: by orders that are not cancelled.</summary>
    public required int Uses { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>A code as it is kept, whatever case it was typed in.</summary>
    public static string Kept(string code) => code.Trim().ToUpperInvariant();

    /// <summary>What it takes off.</summary>
    internal Discount Discount => new(Percent, Amount?.Amount);

    /// <summary>Whether a guest, of whom nobody knows what they had before, cannot have it.</summary>
    internal bool NeedsAccount => FirstOrderOnly || MaxUsesPerCustomer is not null;

    public static Coupon Read(NpgsqlDataReader row)
    {
        var currency = row.GetString(5);
        return new()
        {
            Id = row.GetGuid(0),
            Code = row.GetString(1),
            Description = row.IsDBNull(2) ? null : row.GetString(2),
            Percent = Number(3),
            Amount = Amount(4),
            MinimumOrder = Amount(6),
            FirstOrderOnly = row.GetBoolean(7),
            StartsAt = Time(8),
            EndsAt = Time(9),
            MaxUses = Number(10),
            MaxUsesPerCustomer = Number(11),
            IsActive = row.GetBoolean(12),
            Uses = row.GetInt32(13),
            CreatedAt = row.GetFieldValue<DateTimeOffset>(14),
            UpdatedAt = row.GetFieldValue<DateTimeOffset>(15),
        };

        int? Number(int at) => row.IsDBNull(at) ? null : row.GetInt32(at);
        Money? Amount(int at) => row.IsDBNull(at) ? null : new(row.GetInt64(at), currency);
        DateTimeOffset? Time(int at) => row.IsDBNull(at) ? null : row.GetFieldValue<DateTimeOffset>(at);
    }

    /// <summary>What stands against it that its own row tells; null where nothing does.</summary>
    internal Refusal? WhyNot(long subtotal, string currency, bool isGuest, DateTimeOffset now)
    {
        if (!IsActive)
            return Refused(Code, "inactive", "is not in use.");
        if (StartsAt > now)
            return Refused(Code, "not_started", "does not count yet.", ("startsAt", StartsAt.Value));
        if (EndsAt <= now)
            return Refused(Code, "ended", "is over.", ("endsAt", EndsAt.Value));
        if ((Amount ?? MinimumOrder) is { } money && money.Currency != currency)
            return Refused(Code, "currency", $"is in {money.Currency}, and the store sells in {currency}.");
        if (MinimumOrder is { } minimum && subtotal < minimum.Amount)
            return Refused(Code, "minimum_order", "counts for larger orders.", ("minimumOrder", minimum), ("subtotal", new Money(subtotal, currency)));
        if (Uses >= MaxUses)
            return Refused(Code, "used_up", "has been used as often as it may be.");
        if (isGuest && NeedsAccount)
            return Refused(Code, "account_needed", "is for customers who are signed in.");
        return null;
    }

    /// <summary>A refusal of a coupon: always <c>coupon_refused</c>, with the rule's name.</summary>
    internal static Refusal Refused(string code, string rule, string why, params (string Name, object Value)[] facts)
    {
        var told = new Dictionary<string, object>(StringComparer.Ordinal) { ["rule"] = rule, ["couponCode"] = code };
        foreach (var (name, value) in facts)
            told.Add(name, value);
        return new("coupon_refused", $"The coupon {code} {why}", told);
    }
}

/// <summary>Holds a text to what a coupon's code looks like, in any case.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed partial class CouponCodeAttribute : ValidationAttribute
{
    public CouponCodeAttribute() : base("{0} must have 2 to 40 letters A-Z, digits, hyphens or underscores, and begin with a letter or a digit.") { }

    public override bool IsValid(object? value) => value is null || (value is string code && Code().IsMatch(Coupon.Kept(code)));

    [GeneratedRegex("^[A-Z0-9][A-Z0-9_-]{1,39}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
