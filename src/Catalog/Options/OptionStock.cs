using Quitanda.Platform;

namespace Quitanda.Catalog.Options;

/// <summary>How many are left of the options that are counted. Whoever takes or returns holds their products' rows, so that nobody else is between two of these statements.</summary>
internal static class OptionStock
{
    /// <summary>An option that cannot be had that many times.</summary>
    public sealed record Shortage(Guid OptionId, long Requested, int Available);

    /// <summary>How many units of each option the lines want, those alone that are counted.</summary>
    public static Dictionary<Guid, long> Wanted(IEnumerable<WantedLine> lines, IReadOnlySet<Guid> counted)
    {
        Dictionary<Guid, long> sums = [];
        foreach (var line in lines)
            foreach (var option in line.Options ?? [])
                if (counted.Contains(option.OptionId))
                    sums[option.OptionId] = checked(sums.GetValueOrDefault(option.OptionId) + (long)line.Quantity * option.Quantity);
        return sums;
    }

    /// <summary>Takes all of them or none, and says which are too few.</summary>
    /// <returns>What is too few, and how many of each option that was taken are left now.</returns>
    public static async Task<(List<Shortage> TooFew, Dictionary<Guid, long> Left)> Take(Db db, Dictionary<Guid, long> wanted, CancellationToken ct)
    {
        if (wanted.Count == 0)
            return ([], []);
        var rows = await db.Read(
            $"""
            with locked as (
                select option_id, stock from catalog.option_stock where option_id = any({wanted.Keys.ToArray()}) order by option_id for no key update
            ), judged as (
                select locked.*, wanted.quantity, stock >= wanted.quantity as fits
                from locked join unnest({wanted.Keys.ToArray()}, {wanted.Values.ToArray()}) as wanted (option_id, quantity) using (option_id)
            ), taken as (
                update catalog.option_stock s set stock = judged.stock - judged.quantity from judged
                where s.option_id = judged.option_id and (select bool_and(fits) from judged)
            )
            select option_id, stock, quantity, fits from judged
            """,
            row => (Id: row.GetGuid(0), Stock: row.GetInt32(1), Quantity: row.GetInt64(2), Fits: row.GetBoolean(3)), ct);
        var tooFew = rows.Where(row => !row.Fits).Select(row => new Shortage(row.Id, row.Quantity, row.Stock)).ToList();
        return tooFew.Count > 0 ? (tooFew, []) : ([], rows.ToDictionary(row => row.Id, row => row.Stock - row.Quantity));
    }

    /// <summary>Puts them back, and names the products of options of which there were so few that they can perhaps be chosen again.</summary>
    public static async Task<List<Guid>> Return(Db db, Dictionary<Guid, long> given, CancellationToken ct)
    {
        if (given.Count == 0)
            return [];
        var rows = await db.Read(
            $"""
            with locked as (
                select option_id, stock from catalog.option_stock where option_id = any({given.Keys.ToArray()}) order by option_id for no key update
            )
            update catalog.option_stock s set stock = least(locked.stock + given.quantity, 2147483647)
            from locked join unnest({given.Keys.ToArray()}, {given.Values.ToArray()}) as given (option_id, quantity) using (option_id)
            where s.option_id = locked.option_id
            returning s.product_id, locked.stock < {WrittenGroups.ChosenAtMost}
            """, row => (Product: row.GetGuid(0), WereFew: row.GetBoolean(1)), ct);
        return [.. rows.Where(row => row.WereFew).Select(row => row.Product).Distinct()];
    }

    /// <summary>Judges anew whether as many options can be had as must be chosen, of products that this unit of work holds and whose options it has written.</summary>
    public static Sql Judging(Guid[] products) => Sql.Of($"""
        update catalog.products set is_choosable = not is_choosable where id = any({products}) and is_choosable <> catalog.is_choosable(option_groups)
        """);

    /// <summary>What is left of each, without a lock.</summary>
    public static async Task<Dictionary<Guid, int>> Left(Db db, Guid[] ids, CancellationToken ct) => ids.Length == 0 ? [] :
        (await db.Read($"select option_id, stock from catalog.option_stock where option_id = any({ids})", row => (row.GetGuid(0), row.GetInt32(1)), ct)).ToDictionary();
}
