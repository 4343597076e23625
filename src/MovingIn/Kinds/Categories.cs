using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>The shelves of a shop.</summary>
internal sealed class Categories : Kind<IncomingCategory>
{
    public const string KindName = "categories";

    public static readonly string[] Tables = ["categories", "product_categories", "categorias"];

    public override string Name => KindName;

    public override Layout Layout { get; } = new(
        Tables,
        [
            new("id", "id", "category_id"), new("name", "name", "title", "nome"), new("slug", "slug"), new("description", "description", "descricao"), new("createdAt", "created_at", "created"),
        ]);

    protected override IncomingCategory? Map(SourceRow row, string oldId, Reading reading)
    {
        var created = row.Past("createdAt");
        return new(reading.IdOf(KindName, oldId, created), row.Text("name"), row.Text("slug"), row.Text("description"), created);
    }

    protected override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IncomingCategory[] incoming, CancellationToken ct) => services.GetRequiredService<ICatalogIntake>().TakeCategories(incoming, ct);
}
