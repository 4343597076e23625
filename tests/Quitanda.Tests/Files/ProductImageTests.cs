using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Files;

/// <summary>What shows a product.</summary>
public sealed class ProductImageTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task A_product_shows_its_images_in_the_shops_order_to_everyone_who_reads_it()
    {
        var staff = await app.Staff();
        var (first, second) = (await staff.Uploaded(Samples.Png(), visibility: "public"), await staff.Uploaded(Samples.Gif(), visibility: "public"));
        var product = await AddProduct(staff, [second.Id(), first.Id()]);

        var shown = Images(await app.Guest.Product(product.Id()));
        Assert.Equal([second.Id(), first.Id()], shown.Select(image => image.Id()));
        Assert.Equal(($"/api/v1/files/{second.Id()}/content", 12, 6), (shown[0].Text("url"), shown[0].GetProperty("width").GetInt32(), shown[0].GetProperty("height").GetInt32()));
        Assert.Equal(Samples.Gif(), await (await app.Guest.Fetch(shown[0].Text("url"))).Bytes());
        var listed = (await app.Guest.Page("products?limit=100")).GetProperty("data").EnumerateArray().Single(row => row.Id() == product.Id());
        Assert.Equal([second.Id(), first.Id()], Images(listed).Select(image => image.Id()));
        Assert.Equal([second.Id(), first.Id()], Images(product).Select(image => image.Id()));
    }

    [Fact]
    public async Task Changing_the_images_is_seen_at_once_and_what_is_not_shown_any_more_may_go()
    {
        var staff = await app.Staff();
        var (first, second) = (await staff.Uploaded(Samples.Png(), visibility: "public"), await staff.Uploaded(Samples.Gif(), visibility: "public"));
        var product = await AddProduct(staff, [first.Id()]);
        Assert.Single(Images(await app.Guest.Product(product.Id())));

        Assert.Equal("file_in_use", await (await staff.Delete($"{Uploading.Path}/{first.Id()}")).Refusal(HttpStatusCode.Conflict));
        var changed = await (await staff.Patch($"/api/v1/products/{product.Id()}", new { imageFileIds = new[] { second.Id() } })).Body();
        Assert.Equal([second.Id()], Images(changed).Select(image => image.Id()));
        Assert.Equal([second.Id()], Images(await app.Guest.Product(product.Id())).Select(image => image.Id()));
        Assert.Equal(HttpStatusCode.NoContent, (await staff.Delete($"{Uploading.Path}/{first.Id()}")).StatusCode);

        // What is not in the request stays; null takes them away.
        await (await staff.Patch($"/api/v1/products/{product.Id()}", new { description = "Crocante" })).Body();
        Assert.Single(Images(await app.Guest.Product(product.Id())));
        await (await staff.Patch($"/api/v1/products/{product.Id()}", """{"imageFileIds":null}""")).Body();
        Assert.Empty(Images(await app.Guest.Product(product.Id())));
        Assert.Equal(HttpStatusCode.NoContent, (await staff.Delete($"{Uploading.Path}/{second.Id()}")).StatusCode);
    }

    [Fact]
    public async Task Only_public_images_that_are_ready_and_of_staff_are_shown()
    {
        var (staff, customer) = (await app.Staff(), await app.Customer());
        var unfit = new[]
        {
            (await staff.Uploaded(Samples.Png())).Id(),
            (await staff.Uploaded(Samples.Pdf(), visibility: "public")).Id(),
            (await customer.Uploaded(Samples.Png(), visibility: "public")).Id(),
            (await (await staff.Post($"{Uploading.Path}/presign", new { name = "a.png", contentType = "image/png", size = 9, visibility = "public" })).Body(HttpStatusCode.Created)).GetProperty("file").Id(),
            Guid.CreateVersion7(),
        };
        var fit = (await staff.Uploaded(Samples.Png(), visibility: "public")).Id();
        var product = await AddProduct(staff, [fit]);

        foreach (var id in unfit)
        {
            var refused = await staff.Patch($"/api/v1/products/{product.Id()}", new { imageFileIds = new[] { fit, id } });
            var problem = await refused.Body(HttpStatusCode.Conflict);
            Assert.Equal(("unusable_file", id), (problem.Text("code"), Assert.Single(problem.GetProperty("fileIds").EnumerateArray()).GetGuid()));
        }

        Assert.Equal([fit], Images(await staff.Product(product.Id())).Select(image => image.Id()));
        Assert.Equal("validation_failed", await (await staff.Patch($"/api/v1/products/{product.Id()}", new { imageFileIds = Enumerable.Repeat(fit, 21) })).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_product_that_is_gone_shows_nothing_any_more()
    {
        var staff = await app.Staff();
        var image = await staff.Uploaded(Samples.Png(), visibility: "public");
        var product = await AddProduct(staff, [image.Id()]);

        Assert.Equal(HttpStatusCode.NoContent, (await staff.Delete($"/api/v1/products/{product.Id()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await staff.Delete($"{Uploading.Path}/{image.Id()}")).StatusCode);
    }

    [Fact]
    public async Task Of_showing_and_deleting_at_once_one_wins_and_no_product_shows_what_is_gone()
    {
        var staff = await app.Staff();
        var product = await AddProduct(staff, []);
        for (var round = 0; round < Size.Of(normal: 10, full: 200); round++)
        {
            var image = await staff.Uploaded(Samples.Png(), visibility: "public");
            var both = await Task.WhenAll(staff.Patch($"/api/v1/products/{product.Id()}", new { imageFileIds = new[] { image.Id() } }), staff.Delete($"{Uploading.Path}/{image.Id()}"));

            var isShown = Images(await staff.Product(product.Id())).Any(shown => shown.Id() == image.Id());
            Assert.Equal(isShown ? (HttpStatusCode.OK, HttpStatusCode.Conflict) : (HttpStatusCode.Conflict, HttpStatusCode.NoContent), (both[0].StatusCode, both[1].StatusCode));
            Assert.Equal(isShown ? HttpStatusCode.OK : HttpStatusCode.NotFound, (await app.Guest.Fetch(image.Text("url"))).StatusCode);
        }
    }

    private static JsonElement[] Images(JsonElement product) => [.. product.GetProperty("images").EnumerateArray()];

    internal static async Task<JsonElement> AddProduct(HttpClient staff, Guid[] imageFileIds)
    {
        var category = await staff.AddCategory();
        return await (await staff.Post("/api/v1/products", new { name = Shop.NewName(), description = "", price = Shop.Price(990), categoryId = category.Id(), imageFileIds })).Body(HttpStatusCode.Created);
    }
}
