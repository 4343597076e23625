using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace Quitanda.Platform;

/// <summary>An amount in the minor units of its currency (cents), never a fraction of one.</summary>
/// <param name="Amount">Minor units, 0 to 1,000,000,000,000. Negative amounts are not money but corrections, and live in the ledger.</param>
/// <param name="Currency">ISO 4217, three capital letters, one of <see cref="Currencies"/>.</param>
public sealed record Money(
    [property: JsonRequired, Range(0, Money.Most)] long Amount,
    [property: JsonRequired, Currency] string Currency)
{
    /// <summary>The largest amount the API takes: far above any price, far below where sums of lines could overflow.</summary>
    public const long Most = 1_000_000_000_000;

    /// <summary>Nothing, in <paramref name="currency"/>.</summary>
    public static Money Zero(string currency) => new(0, currency);

    /// <summary>The sum of two amounts of one currency.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money operator +(Money left, Money right) => Add(left, right);

    /// <summary>The sum of two amounts of one currency.</summary>
    /// <exception cref="InvalidOperationException">The currencies differ.</exception>
    public static Money Add(Money left, Money right) => left.Currency == right.Currency
        ? left with { Amount = checked(left.Amount + right.Amount) }
        : throw new InvalidOperationException($"{left.Currency} and {right.Currency} cannot be added.");
}

/// <summary>Currencies in use, with the number of decimals of their minor unit (ISO 4217, list one).</summary>
public static class Currencies
{
    private static readonly Dictionary<string, int> Decimals = Build();

    /// <summary>Whether the code is a currency that money can be in.</summary>
    public static bool Exists(string code) => Decimals.ContainsKey(code);

    /// <summary>How many decimals the minor unit has: 2 for BRL, 0 for JPY, 3 for KWD.</summary>
    /// <exception cref="KeyNotFoundException">No such currency.</exception>
    public static int DecimalsOf(string code) => Decimals[code];

    private static Dictionary<string, int> Build()
    {
        var all = new Dictionary<string, int>(StringComparer.Ordinal);
        Add(0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF");
        Add(3, "BHD IQD JOD KWD LYD OMR TND");
        Add(2, """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD
            EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL
            MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
            SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW
            """);
        return all;

        void Add(int decimals, string codes)
        {
            foreach (var code in codes.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
                all.Add(code, decimals);
        }
    }
}

/// <summary>A code of <see cref="Currencies"/>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class CurrencyAttribute : ValidationAttribute
{
    /// <summary>Makes the rule with its message.</summary>
    public CurrencyAttribute() : base("{0} must be a currency code of ISO 4217, such as BRL.") { }

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || (value is string code && Currencies.Exists(code));
}
