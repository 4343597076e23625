using Quitanda.Platform;

namespace Quitanda.Payments.Stripe;

/// <summary>
/// Amounts as Stripe writes them: in minor units like ours, but not always with as many decimals, and for some currencies in steps
/// (https://docs.stripe.com/currencies).
/// </summary>
internal static class StripeMoney
{
    /// <summary>An amount as Stripe writes it; null where Stripe cannot take it because it is too fine.</summary>
    public static long? Of(Money money)
    {
        var (theirs, ours) = (DecimalsOf(money.Currency), Currencies.DecimalsOf(money.Currency));
        if (theirs >= ours)
        {
            var amount = checked(money.Amount * Power(theirs - ours));
            return amount % StepOf(ours) == 0 ? amount : null;
        }

        var step = Power(ours - theirs);
        return money.Amount % step == 0 ? money.Amount / step : null;
    }

    /// <summary>An amount that Stripe wrote, as we count it; null where it is none, or of a currency that we do not know.</summary>
    public static Money? Read(long? amount, string? currency)
    {
        if (amount is not >= 0 || currency?.ToUpperInvariant() is not { } code || !Currencies.Exists(code))
            return null;
        var (theirs, ours) = (DecimalsOf(code), Currencies.DecimalsOf(code));
        if (theirs >= ours)
        {
            var step = Power(theirs - ours);
            return amount % step == 0 && amount / step <= Money.Most ? new(amount.Value / step, code) : null;
        }

        return amount <= Money.Most / Power(ours - theirs) ? new(amount.Value * Power(ours - theirs), code) : null;
    }

    /// <summary>Which amounts of a currency Stripe takes, for people.</summary>
    public static string Steps(string currency) => $"{currency} in steps of {(Currencies.DecimalsOf(currency) == 3 ? 10 : Power(Currencies.DecimalsOf(currency) - DecimalsOf(currency)))} minor units";

    private static int DecimalsOf(string currency) => currency switch
    {
        // They lost their decimals; Stripe still writes two, which are always 00, so that old programs stay right.
        "ISK" or "UGX" => 2,
        // Its fifth parts are in no use.
        "MGA" => 0,
        _ => Currencies.DecimalsOf(currency),
    };

    /// <summary>Of three decimals the last must be 0: the card networks know two.</summary>
    private static long StepOf(int decimals) => decimals == 3 ? 10 : 1;

    private static long Power(int exponent) => exponent switch { 0 => 1, 1 => 10, 2 => 100, _ => 1000 };
}
