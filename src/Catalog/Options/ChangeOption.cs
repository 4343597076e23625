using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Catalog.Products;
using Quitanda.Platform;

namespace Quitanda.Catalog.Options;

/// <summary>Changes what changes during the day about one option: how many are left, and whether it is offered. Its name, price and place are written with the product.</summary>
internal static class ChangeOption
{
    /// <param name="Stock">How many there are now; null where they are not counted any more.</param>
    /// <param name="IsAvailable">Whether it is offered.</param>
    internal sealed record Request([Range(0, AddProduct.StockAtMost)] Patch<int?> Stock = default, Patch<bool> IsAvailable = default);

    public static async Task<Results<Ok<ShownOption>, NotFound>> Handle(Guid id, Guid optionId, Request request, Db db, TimeProvider clock, CancellationToken ct)
    {
        var groups = OptionGroup.Read(await db.ReadFirst(
            $"select option_groups from catalog.products where id = {id} and archived_at is null for no key update", row => row.IsDBNull(0) ? null : row.GetString(0), ct));
        if (!groups.Any(group => group.Options.Any(option => option.Id == optionId)))
            return TypedResults.NotFound();

        OptionGroup[] changed = [.. groups.Select(group => group with
        {
            Options = [.. group.Options.Select(option => option.Id != optionId ? option : option with
            {
                IsAvailable = request.IsAvailable.Or(option.IsAvailable),
                IsCounted = request.Stock.IsSet ? request.Stock.Value is not null : option.IsCounted,
            })],
        })];
        await db.Execute($"""
            update catalog.products set option_groups = {OptionGroup.Stored(changed)}, counts_options = {changed.Any(group => group.Options.Any(option => option.IsCounted))}, updated_at = {clock.GetUtcNow()}
            where id = {id}
            """, ct);
        if (request.Stock is { IsSet: true, Value: null })
            await db.Execute($"delete from catalog.option_stock where option_id = {optionId}", ct);
        else if (request.Stock is { IsSet: true, Value: { } count })
            await db.Execute($"insert into catalog.option_stock (option_id, product_id, stock) values ({optionId}, {id}, {count}) on conflict (option_id) do update set stock = excluded.stock", ct);
        await db.Execute(OptionStock.Judging([id]), ct);
        Product.Evict(db, id);
        return TypedResults.Ok(await ShowOption.Read(db, id, optionId, ct));
    }
}
