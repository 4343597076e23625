using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class CategoryTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task A_category_is_added_at_the_end_and_found_in_its_place()
    {
        var staff = await app.Staff();
        var first = await staff.AddCategory("Pães & Salgados");
        Assert.Equal("paes-salgados", first.Text("slug"));
        Assert.Equal(JsonValueKind.Null, first.GetProperty("description").ValueKind);
        var second = await staff.AddCategory("Doces da Vó");
        Assert.True(second.GetProperty("position").GetInt32() > first.GetProperty("position").GetInt32());

        var response = await staff.Post("/api/v1/categories", new { name = "Antes de todas", description = "Para começar.", position = 0 });
        var between = await response.Body(HttpStatusCode.Created);
        Assert.Equal($"/api/v1/categories/{between.Id()}", response.Headers.Location!.OriginalString);
        Assert.Equal("Para começar.", between.Text("description"));

        var names = (await app.Guest.Page("categories?limit=100")).Names();
        Assert.True(names.IndexOf("Antes de todas") < names.IndexOf("Doces da Vó"));
        Assert.True(names.IndexOf("Pães & Salgados") < names.IndexOf("Doces da Vó"));
        Assert.Contains("position", (await (await app.Guest.Get("/api/v1/categories?sort=slug")).Body(HttpStatusCode.BadRequest)).GetProperty("errors").GetProperty("sort")[0].GetString());
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_leaves_the_slug()
    {
        var staff = await app.Staff();
        var category = await (await staff.Post("/api/v1/categories", new { name = "Sucos do dia", description = "Da fruta." })).Body(HttpStatusCode.Created);
        var path = $"/api/v1/categories/{category.Id()}";

        var renamed = await (await staff.Patch(path, new { name = "Sucos e vitaminas", position = 7 })).Body();
        Assert.Equal("Sucos e vitaminas", renamed.Text("name"));
        Assert.Equal("sucos-do-dia", renamed.Text("slug"));
        Assert.Equal("Da fruta.", renamed.Text("description"));
        Assert.Equal(7, renamed.GetProperty("position").GetInt32());

        var cleared = await (await staff.Patch(path, new { description = (string?)null })).Body();
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("description").ValueKind);
        Assert.Equal("Sucos e vitaminas", cleared.Text("name"));

        Assert.Equal("validation_failed", await (await staff.Patch(path, "{\"name\":null}")).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("validation_failed", await (await staff.Patch(path, new { name = "  " })).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("unknown_field", await (await staff.Patch(path, new { slug = "outro" })).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("not_found", await (await staff.Patch($"/api/v1/categories/{Guid.CreateVersion7()}", new { position = 1 })).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_category_with_products_stays_and_an_empty_one_goes_once()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var path = $"/api/v1/categories/{category.Id()}";
        var ordered = await staff.AddProduct(category.Id());
        await app.Take(new Quitanda.Catalog.WantedLine(ordered.Id(), 1));
        var product = await staff.AddProduct(category.Id());

        Assert.Equal("category_not_empty", await (await staff.Delete(path)).Refusal(HttpStatusCode.Conflict));
        Assert.Contains(category.Text("name"), (await app.Guest.Page("categories?limit=100")).Names(), StringComparer.Ordinal);

        await (await staff.Delete($"/api/v1/products/{product.Id()}")).Body(HttpStatusCode.NoContent);
        Assert.Equal("category_not_empty", await (await staff.Delete(path)).Refusal(HttpStatusCode.Conflict));
        await (await staff.Delete($"/api/v1/products/{ordered.Id()}")).Body(HttpStatusCode.NoContent);
        await (await staff.Delete(path)).Body(HttpStatusCode.NoContent);
        await (await staff.Delete(path)).Body(HttpStatusCode.NotFound);
        Assert.DoesNotContain(category.Text("name"), (await app.Guest.Page("categories?limit=100")).Names(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Products_never_end_up_in_a_category_that_is_deleted_meanwhile()
    {
        var staff = await app.Staff();
        for (var round = 0; round < Size.Of(5, 40); round++)
        {
            var category = await staff.AddCategory();
            var adding = staff.Post("/api/v1/products", new { name = Shop.NewName(), description = "", price = Shop.Price(100), categoryId = category.Id() });
            var deleting = staff.Delete($"/api/v1/categories/{category.Id()}");
            var (added, deleted) = (await adding, await deleting);
            Assert.True(
                (added.StatusCode, deleted.StatusCode) is (HttpStatusCode.Created, HttpStatusCode.Conflict) or (HttpStatusCode.BadRequest, HttpStatusCode.NoContent),
                $"{added.StatusCode} and {deleted.StatusCode}");
        }
    }

    [Fact]
    public async Task Only_staff_may_change_categories()
    {
        var customer = await app.Customer();
        var category = await (await app.Staff()).AddCategory();
        var path = $"/api/v1/categories/{category.Id()}";
        foreach (var (client, status) in new[] { (app.Guest, HttpStatusCode.Unauthorized), (customer, HttpStatusCode.Forbidden) })
        {
            await (await client.Post("/api/v1/categories", new { name = "Minha" })).Body(status);
            await (await client.Patch(path, new { name = "Minha" })).Body(status);
            await (await client.Delete(path)).Body(status);
        }

        var names = (await customer.Page("categories?limit=100")).Names();
        Assert.Contains(category.Text("name"), names, StringComparer.Ordinal);
        Assert.DoesNotContain("Minha", names, StringComparer.Ordinal);
    }
}
