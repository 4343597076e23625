using System.Globalization;
using Quitanda.Payments.Ledger;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>
/// Compares what modules themselves know of accounts with the books. Each side is a look of its own, and between the two something may happen: so the books are looked at before and
/// after, and an account that got another line meanwhile is looked at again. Whatever moves it is written with it in one commit, so one without another line is as the module saw it.
/// </summary>
internal sealed class CompareSubledgers(Db db, IEnumerable<ISubledger> subledgers, Drift drift)
{
    /// <summary>What moves each time is left to the next report.</summary>
    private const int LooksAtMost = 5;

    private const int NamedAtMost = 1000;

    /// <summary>Of an account, whom it is owed to, and in what.</summary>
    private sealed record Place(string Account, Guid? PartyId, string Currency);

    /// <summary>What stands there, in how many lines. Lines are only ever added.</summary>
    private sealed record Stand(Int128 Sum, long Lines);

    /// <summary>Names what differs.</summary>
    public async Task Compare(DriftRun run, CancellationToken ct)
    {
        var modules = subledgers.OrderBy(subledger => subledger.Name, StringComparer.Ordinal).ToList();
        string[] accounts = [.. modules.SelectMany(subledger => subledger.Accounts).Distinct(StringComparer.Ordinal)];
        if (accounts.Except(LedgerAccounts.All, StringComparer.Ordinal).FirstOrDefault() is { } unknown)
            throw new InvalidOperationException($"A subledger knows of {unknown}, which is no account of the ledger.");
        HashSet<Place> settled = [];
        var named = 0;
        for (var look = 0; look < LooksAtMost && accounts.Length > 0; look++)
        {
            var before = await Booked(accounts, ct);
            var told = await Told(modules, ct);
            var after = await Booked(accounts, ct);
            var moved = false;
            foreach (var place in told.Keys.Union(after.Keys).Except(settled).ToList())
            {
                if (before.GetValueOrDefault(place) != after.GetValueOrDefault(place))
                {
                    moved = true;
                    continue;
                }

                settled.Add(place);
                var (wanted, booked) = (told.GetValueOrDefault(place), after.GetValueOrDefault(place)?.Sum ?? 0);
                if (wanted != booked && named++ < NamedAtMost)
                    drift.Name(run, Of(place, wanted, booked, modules));
            }

            if (!moved)
                return;
        }
    }

    private static Found Of(Place place, Int128 wanted, Int128 booked, List<ISubledger> modules) =>
        new(DriftKind.SubledgerDiffers, $"{place.Account}:{place.PartyId}:{place.Currency}")
        {
            PartyId = place.PartyId,
            Expected = $"{wanted} {place.Currency} in {place.Account}",
            Is = $"{booked} {place.Currency} in {place.Account}",
            Fix = $"Compare GET /api/v1/ledger/entries?account={place.Account}{(place.PartyId is { } party ? $"&partyId={party}" : "")} with what these say: "
                + $"{string.Join(", ", modules.Where(subledger => subledger.Accounts.Contains(place.Account, StringComparer.Ordinal)).Select(subledger => subledger.Name))}; this is a fault of the program.",
        };

    private static async Task<Dictionary<Place, Int128>> Told(List<ISubledger> modules, CancellationToken ct)
    {
        Dictionary<Place, Int128> told = [];
        foreach (var subledger in modules)
            foreach (var balance in await subledger.Balances(ct))
            {
                if (!subledger.Accounts.Contains(balance.Account, StringComparer.Ordinal))
                    throw new InvalidOperationException($"{subledger.Name} says something of {balance.Account}, which it does not know of.");
                Place place = new(balance.Account, balance.PartyId, balance.Currency);
                told[place] = told.GetValueOrDefault(place) + balance.Amount;
            }

        return told;
    }

    private async Task<Dictionary<Place, Stand>> Booked(string[] accounts, CancellationToken ct) => (await db.Read(
        $"select account, party_id, currency, sum(amount)::text, count(*) from payments.ledger_entries where account = any({accounts}) group by account, party_id, currency",
        row => (Place: new Place(row.GetString(0), row.IsDBNull(1) ? null : row.GetGuid(1), row.GetString(2)), Stand: new Stand(Int128.Parse(row.GetString(3), CultureInfo.InvariantCulture), row.GetInt64(4))), ct))
        .ToDictionary(one => one.Place, one => one.Stand);
}
