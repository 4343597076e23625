using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Catalog.Csv;

/// <summary>Shows how far an import has come, and what is wrong with its file.</summary>
internal static class ShowImport
{
    public static async Task<Results<Ok<Import>, NotFound>> Handle(Guid id, Db db, CancellationToken ct) =>
        await db.ReadFirst($"select {Import.Columns} from catalog.imports i where i.id = {id}", Import.Read, ct) is { } import ? TypedResults.Ok(import) : TypedResults.NotFound();
}
