using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Files;

namespace Quitanda.Tests.Catalog;

/// <summary>What of a product is more than a value, as it stands in the cells of a file: options, images and what a serving holds.</summary>
public sealed class CsvPartTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static readonly string[] Allergens = ["glúten", "leite|soja"];

    [Fact]
    public async Task Options_images_and_nutrition_are_exported_for_people_and_imported_again_change_nothing()
    {
        var staff = await app.Staff();
        var images = new[] { (await staff.Uploaded(Samples.Gif(), visibility: "public")).Id(), (await staff.Uploaded(Samples.Png(), visibility: "public")).Id() };
        var id = (await (await staff.Post("/api/v1/products", new
        {
            name = Shop.NewName("Pizza"),
            description = "",
            price = Shop.Price(3000),
            categoryId = (await staff.AddCategory()).Id(),
            imageFileIds = images,
            nutrition = Nutrition("1 fatia (120 g)", 271.5m),
            optionGroups = new[]
            {
                Group("Tamanho", 1, 1, [Option("Média", 0), Option("Grande", 1500, stock: 12)]),
                Group("=Extras: a|b\\c\nd", 0, 4, [Option("Queijo, muito: 5 | 6", 300, stock: 0), Option("Bacon, off", 700, isAvailable: false)], free: 1),
                Group("Tamanho", 0, 1, [Option("Média", 5)]),
            },
        })).Body(HttpStatusCode.Created)).Id();
        var plain = (await staff.AddProduct((await staff.AddCategory()).Id())).Id();
        var before = (await staff.Product(id)).GetRawText();
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        var file = await Export(staff);
        var row = Rows(file).Single(row => row["id"] == $"{id}");
        Assert.Equal("Tamanho: 1-1 | Média: 0 | Grande: 1500, stock 12", row["options"].Split('\n')[0].TrimStart('\''));
        Assert.Equal(("1 fatia (120 g)", "271.5", "glúten|leite\\|soja"), (row["servingSize"], row["calories"], row["allergens"]));
        Assert.Equal(string.Join('|', images), row["images"]);
        Assert.All((string[])["images", "options", "servingSize", "calories", "allergens"], column => Assert.Equal("", Rows(file).Single(other => other["id"] == $"{plain}")[column]));

        var done = await Import(staff, file);
        Assert.Equal(("done", 0, 0), (done.Text("state"), done.GetProperty("rowsAdded").GetInt32(), done.GetProperty("rowsChanged").GetInt32()));
        Assert.Equal(before, (await staff.Product(id)).GetRawText());
        Assert.Equal(file, await Export(staff));
    }

    [Fact]
    public async Task A_file_changes_options_by_name_keeps_their_ids_and_counts_and_lets_images_go()
    {
        var staff = await app.Staff();
        var (first, second) = (await staff.Uploaded(Samples.Png(), visibility: "public"), await staff.Uploaded(Samples.Gif(), visibility: "public"));
        var category = await staff.AddCategory();
        var product = await (await staff.Post("/api/v1/products", new
        {
            name = Shop.NewName("Pizza"),
            description = "",
            price = Shop.Price(3000),
            categoryId = category.Id(),
            imageFileIds = new[] { first.Id() },
            nutrition = Nutrition("1 fatia", 100),
            optionGroups = new[] { Group("Extras", 0, 4, [Option("Azeitona", 300, stock: 7), Option("Bacon", 700, stock: 3), Option("Some", 1)]) },
        })).Body(HttpStatusCode.Created);
        await app.Guest.Product(product.Id());

        var done = await Import(staff, $"""
            slug,options,images,servingSize,calories,protein,carbohydrates,fat,sodium,allergens
            {product.Text("slug")},"EXTRAS: 0-2, 1 free | bacon: 800, not counted, off | Azeitona: 300 | Novo: 5, stock 9",{second.Id()},,,,,,,
            """);
        Assert.Equal(("done", 1), (done.Text("state"), done.GetProperty("rowsChanged").GetInt32()));
        var changed = await staff.Product(product.Id());
        var (was, now) = (product.GetProperty("optionGroups")[0], changed.GetProperty("optionGroups")[0]);
        Assert.Equal((was.Id(), "EXTRAS", 2, 1), (now.Id(), now.Text("name"), now.GetProperty("max").GetInt32(), now.GetProperty("free").GetInt32()));
        var options = now.GetProperty("options").EnumerateArray().ToList();
        Assert.Equal(["bacon", "Azeitona", "Novo"], options.Select(option => option.Text("name")), StringComparer.Ordinal);
        Assert.Equal([was.GetProperty("options")[1].Id(), was.GetProperty("options")[0].Id()], options.Take(2).Select(option => option.Id()));
        Assert.Equal(["null", "7", "9"], options.Select(option => option.GetProperty("stock").GetRawText()), StringComparer.Ordinal);
        Assert.Equal([false, true, true], options.Select(option => option.GetProperty("isOffered").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("nutrition").ValueKind);
        Assert.Equal([second.Id()], (await app.Guest.Product(product.Id())).GetProperty("images").EnumerateArray().Select(image => image.Id()));
        Assert.Equal("file_in_use", await (await staff.Delete($"{Uploading.Path}/{second.Id()}")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.NoContent, (await staff.Delete($"{Uploading.Path}/{first.Id()}")).StatusCode);

        // New products have them as well, and an empty cell takes them away.
        done = await Import(staff, $"""
            name,slug,price,category,options,images,servingSize,calories,protein,carbohydrates,fat,sodium,allergens
            Com tudo,com-tudo,100,{category.Text("slug")},"Tamanho: 1-1 | P: 0 | G: 5, stock 2",{second.Id()},1 un,"10,5",1,2,3,4,
            Pizza,{product.Text("slug")},3000,{category.Text("slug")},,,,,,,,,
            """);
        Assert.Equal(("done", 1, 1), (done.Text("state"), done.GetProperty("rowsAdded").GetInt32(), done.GetProperty("rowsChanged").GetInt32()));
        var added = await staff.Product("com-tudo");
        Assert.Equal(2, added.GetProperty("optionGroups")[0].GetProperty("options")[1].GetProperty("stock").GetInt32());
        Assert.Equal((second.Id(), 10.5m), (added.GetProperty("images")[0].Id(), added.GetProperty("nutrition").GetProperty("calories").GetDecimal()));
        changed = await staff.Product(product.Id());
        Assert.Equal((0, 0), (changed.GetProperty("optionGroups").GetArrayLength(), changed.GetProperty("images").GetArrayLength()));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.option_stock where product_id = {product.Id()}"));
    }

    [Fact]
    public async Task What_is_wrong_with_a_part_is_named_by_its_column()
    {
        var (staff, customer) = (await app.Staff(), await app.Customer());
        var slug = (await staff.AddProduct((await staff.AddCategory()).Id())).Text("slug");
        var refused = await Import(staff, $"""
            slug,options,images,servingSize,calories,protein,carbohydrates,fat,sodium,allergens
            {slug},Tamanho: 1-1,x,1 un,muitas,,1,1,1,
            {slug},Tamanho: 2-1 | P: 0,,,5,1,1,1,1,
            {slug},Tamanho 1-1 | P: 0,,1 un,-1,1,1,1,1,
            {slug},Tamanho: 1-1 | P: zero,,,,,,,,
            {slug},Tamanho: 1-1 | P: 0 | p: 1,,,,,,,,
            """);
        Assert.Equal("refused", refused.Text("state"));
        Assert.Equal(
            ["2 calories", "2 images", "2 options", "2 protein", "3 options", "3 servingSize", "4 calories", "4 options", "5 options", "6 options"],
            refused.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("row").GetInt32()} {error.Text("column")}").Order(StringComparer.Ordinal), StringComparer.Ordinal);

        // What only the shop can say: no image of its own, and by whom.
        var theirs = (await customer.Uploaded(Samples.Png(), visibility: "public")).Id();
        refused = await Import(staff, $"slug,images\n{slug},{theirs}\n");
        Assert.Equal([(2, "images")], refused.GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("row").GetInt32(), error.Text("column"))));
        Assert.Equal("malformed_csv", await (await Send(staff, "slug,calories\na,1\n")).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Imports_are_listed_the_newest_first_for_staff()
    {
        // A second of its own.
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var staff = await app.Staff();
        var slug = (await staff.AddCategory()).Text("slug");
        var done = await Import(staff, $"name,price,category\nListado,1,{slug}\n");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var refused = await Import(staff, "name\nSem preço\n");
        var page = await staff.Page("products/imports?limit=2");
        Assert.Equal([(refused.Id(), "refused", 2), (done.Id(), "done", 0)], page.GetProperty("data").EnumerateArray().Select(row => (row.Id(), row.Text("state"), row.GetProperty("badRows").GetInt32())));
        Assert.Equal(done.Id(), (await staff.Page($"products/imports?limit=1&after={(await staff.Page("products/imports?limit=1")).GetProperty("meta").Text("next")}")).GetProperty("data")[0].Id());
        await (await app.Guest.Get("/api/v1/products/imports")).Body(HttpStatusCode.Unauthorized);
        await (await (await app.Customer()).Get("/api/v1/products/imports")).Body(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_product_that_is_being_sold_and_an_import_that_leaves_it_as_it_is_do_not_wait_for_each_other()
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Id();
        var (sold, other) = ((await staff.AddProduct(category, "Em venda", 100, stock: 5)).Id(), (await staff.AddProduct(category, "Outra", 100)).Id());
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var sale = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("update catalog.products set stock = stock - 1 where id = $1", connection, sale) { Parameters = { new() { Value = sold } } })
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var done = await Import(staff, $"id,name,price,stock\n{sold},Em venda,100,5\n{other},Outra,200,\n");
        Assert.Equal(("done", 1, 1), (done.Text("state"), done.GetProperty("rowsChanged").GetInt32(), done.GetProperty("rowsUnchanged").GetInt32()));
        await sale.CommitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(4, await staff.StockOf(sold));
    }

    private static object Group(string name, int min, int max, object[] options, int free = 0) => new { name, min, max, free, options };

    private static object Option(string name, long price, int? stock = null, bool isAvailable = true) => new { name, price = Shop.Price(price), stock, isAvailable };

    private static object Nutrition(string servingSize, decimal calories) => new { servingSize, calories, protein = 1.25m, carbohydrates = 30, fat = 0, sodium = 590.1m, allergens = Allergens };

    private static List<Dictionary<string, string>> Rows(string text)
    {
        using var csv = CsvHelper.CsvReader.Create(new StringReader(text.TrimStart('\uFEFF')), CsvHelper.CsvReaderOptions.Default with { HasHeader = false });
        List<Dictionary<string, string>> rows = [];
        string[]? header = null;
        while (csv.Read())
        {
            string[] cells = [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)];
            if (header is null)
                header = cells;
            else
                rows.Add(header.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal));
        }

        return rows;
    }

    private static async Task<string> Export(HttpClient staff) => await (await staff.Get("/api/v1/products/export")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    /// <summary>Sends a file, runs its job, and says what came of it.</summary>
    private async Task<JsonElement> Import(HttpClient staff, string file)
    {
        var response = await Send(staff, file);
        await response.Body(HttpStatusCode.Accepted);
        await app.RunJobs();
        return await (await staff.Get(response.Headers.Location!.OriginalString)).Body();
    }

    private static Task<HttpResponseMessage> Send(HttpClient client, string file)
    {
        var content = new StringContent(file, Encoding.UTF8, "text/csv");
        return client.PostAsync("/api/v1/products/import", content, TestContext.Current.CancellationToken);
    }
}
