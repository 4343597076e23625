using Quitanda.Catalog.Products;
using Quitanda.Platform;

namespace Quitanda.Catalog.Options;

/// <summary>
/// Looks through the products that have options, or had some, for those of which it is said wrongly whether what must be chosen can be had. A version of the program from before that was said, which runs beside this one
/// while it is replaced, writes options and does not say it.
/// </summary>
internal sealed class JudgeChoices(Db db) : IHandle<Tick>
{
    public const string Kind = "catalog.judge-choices";

    public static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Products that one statement looks at.</summary>
    private const int AtOnce = 1000;

    public async Task Handle(Tick message, CancellationToken ct)
    {
        for (var last = Guid.Empty; ;)
        {
            var seen = await db.Read(
                $"""
                select id, is_choosable <> catalog.is_choosable(option_groups) from catalog.products where (option_groups is not null or not is_choosable) and id > {last} order by id limit {AtOnce}
                """, row => (Id: row.GetGuid(0), IsWrong: row.GetBoolean(1)), ct);
            var wrong = seen.Where(product => product.IsWrong).Select(product => product.Id).ToArray();
            if (wrong.Length > 0)
            {
                // Held first, in the order in which everybody holds products: what is left of their options stays so until it is judged.
                await db.Execute($"select from catalog.products where id = any({wrong}) order by id for no key update", ct);
                await db.Execute(OptionStock.Judging(wrong), ct);
                foreach (var id in wrong)
                    Product.Evict(db, id);
            }

            if (seen.Count < AtOnce)
                return;
            last = seen[^1].Id;
        }
    }
}
