namespace Quitanda.Payments.Ledger;

/// <summary>What an account is, and so on which side it grows.</summary>
internal enum AccountKind
{
    /// <summary>What we have: debits add to it.</summary>
    Asset,

    /// <summary>What we owe: credits add to it.</summary>
    Liability,

    /// <summary>What we earned: credits add to it.</summary>
    Income,

    /// <summary>What it cost: debits add to it.</summary>
    Expense,

    /// <summary>What lessens income: debits add to it.</summary>
    ContraIncome,
}

/// <summary>The accounts there are; a table holds them, too, and a test compares the two.</summary>
internal static class LedgerAccounts
{
    public const string Receivable = "receivable";
    public const string ProviderClearing = "provider_clearing";
    public const string Disputes = "disputes";
    public const string Sales = "sales";
    public const string Delivery = "delivery";
    public const string Tips = "tips";
    public const string PlatformCommission = "platform_commission";
    public const string Discounts = "discounts";
    public const string Refunds = "refunds";
    public const string Fees = "fees";
    public const string Tax = "tax";
    public const string OwnerPayable = "owner_payable";
    public const string Surplus = "surplus";
    public const string Held = "held";
    public const string Bank = "bank";

    public static readonly IReadOnlyList<string> All =
        [Receivable, ProviderClearing, Disputes, Sales, Delivery, Tips, PlatformCommission, Discounts, Refunds, Fees, Tax, OwnerPayable, Surplus, Held, Bank];

    /// <summary>What other modules may move money between. What providers hold is moved by their word alone.</summary>
    public static readonly IReadOnlySet<string> Movable = new HashSet<string>([Held, OwnerPayable, PlatformCommission, Sales, Delivery, Tips, Discounts, Tax, Refunds, Bank], StringComparer.Ordinal);

    /// <summary>What belongs to the shop itself, of a sale.</summary>
    public static readonly IReadOnlySet<string> Own = new HashSet<string>([Sales, Delivery, Tips, Discounts, Tax], StringComparer.Ordinal);
}

/// <summary>An account that a sale is written to, and to whom what stands there is owed.</summary>
internal sealed record Account(string Code, Guid? PartyId = null)
{
    /// <summary>Whether it is the shop's own.</summary>
    public bool IsOwn => LedgerAccounts.Own.Contains(Code);

    /// <summary>Reads a key of a split: an account's code, and for <c>owner_payable</c> after a colon whose it is, if that is known.</summary>
    public static bool TryParse(string key, out Account account)
    {
        account = new(key);
        if (account.IsOwn || key is LedgerAccounts.PlatformCommission or LedgerAccounts.OwnerPayable or LedgerAccounts.Held)
            return true;
        if (key.Split(':') is not [LedgerAccounts.OwnerPayable, var party] || !Guid.TryParseExact(party, "D", out var id))
            return false;
        account = new(LedgerAccounts.OwnerPayable, id);
        return true;
    }
}
