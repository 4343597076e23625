using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

public sealed class CsvTests(QuitandaApp app, ITestOutputHelper output) : IClassFixture<QuitandaApp>
{
    private const string Header = "id,slug,name,description,price,currency,category,stock,isAvailable,isFeatured,tags,metadata";

    /// <summary>Values that a spreadsheet, or the file itself, could take for something else.</summary>
    private static readonly string[] Strange = ["=1+1", "'=1+1", "''x", "+55 81", "-5", "@a", "\tx", "a,b;c|d\\e\"f", "linha\nde baixo\r\noutra", " em volta ", "'", "ｆｕｌｌ", "＝1", "não; é", "\"", "1e5"];

    private static readonly string[] StrangeTags = ["a|b", "a\\b", "=c", "d,e", "\"f\""];

    [Fact]
    public async Task What_is_exported_and_imported_again_changes_nothing_and_no_cell_is_a_formula()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var ids = new List<Guid>();
        foreach (var text in Strange)
            ids.Add((await (await staff.Post("/api/v1/products", new
            {
                name = text,
                description = text,
                price = Shop.Price(123),
                categoryId = category.Id(),
                stock = (int?)7,
                isAvailable = false,
                isFeatured = true,
                tags = StrangeTags,
                metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["=k"] = "=v", ["b"] = "\n\"" },
            })).Body(HttpStatusCode.Created)).Id());
        var before = await Shown(staff, ids);
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        var response = await staff.Get("/api/v1/products/export");
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        var file = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0xEF, 0xBB, 0xBF], file[..3]);
        var text1 = Encoding.UTF8.GetString(file[3..]);
        Assert.StartsWith(Header + ",images,options,servingSize,calories,protein,carbohydrates,fat,sodium,allergens\r\n", text1, StringComparison.Ordinal);
        foreach (var (_, cells) in Rows(text1))
            Assert.DoesNotContain(cells, cell => cell.Length > 0 && "=+-@\t\r".Contains(cell[0], StringComparison.Ordinal));

        var done = await Import(staff, file);
        Assert.Equal(("done", 0, 0), (done.Text("state"), done.GetProperty("rowsAdded").GetInt32(), done.GetProperty("rowsChanged").GetInt32()));
        Assert.True(done.GetProperty("rowsUnchanged").GetInt32() >= Strange.Length);
        Assert.Equal(before, await Shown(staff, ids));
        var again = await staff.Get("/api/v1/products/export");
        Assert.Equal(file, await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_adds_and_changes_by_id_and_by_slug_and_only_in_its_columns()
    {
        var staff = await app.Staff();
        var (shelf, other) = (await staff.AddCategory("Importados"), await staff.AddCategory("Outros importados"));
        var byId = await staff.AddProduct(shelf.Id(), "Por id", 100, stock: 3, tags: ["fica"]);
        var bySlug = await staff.AddProduct(shelf.Id(), "Por slug", 100, stock: 4);
        foreach (var product in (Guid[])[byId.Id(), bySlug.Id()])
            await app.Guest.Product(product);
        await app.Guest.Page("products?category=importados");

        var done = await Import(staff, $"""
            id,slug,name,price,category
            {byId.Id()},,Novo nome,200,{other.Text("slug")}

            ,{bySlug.Text("slug")},Por slug,100,{shelf.Text("slug")}
            ,,"Caju, o novo",300,{shelf.Text("slug")}
            {Guid.CreateVersion7()},meu-proprio,De outra loja,400,{shelf.Text("slug")}
            """);
        Assert.Equal((4, 2, 1, 1), (done.GetProperty("rowsRead").GetInt32(), done.GetProperty("rowsAdded").GetInt32(), done.GetProperty("rowsChanged").GetInt32(), done.GetProperty("rowsUnchanged").GetInt32()));

        // Cached answers were forgotten, and what is searched in is as the file says.
        var changed = await app.Guest.Product(byId.Id());
        Assert.Equal(("Novo nome", 200, other.Id(), "por-id"), (changed.Text("name"), changed.GetProperty("price").GetProperty("amount").GetInt32(), changed.GetProperty("category").Id(), changed.Text("slug")));
        Assert.Equal("""["fica"]""", changed.GetProperty("tags").ToString());
        Assert.Equal(3, await staff.StockOf(byId.Id()));
        Assert.Equal(["Caju, o novo", "De outra loja", "Por slug"], (await app.Guest.Page("products?category=importados")).Names().Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal("Caju, o novo", (await app.Guest.Product("caju-o-novo")).Text("name"));
        Assert.Equal("De outra loja", (await app.Guest.Product("meu-proprio")).Text("name"));
        Assert.Equal(["Novo nome"], (await app.Guest.Page("products/search?q=novo%20nome%20outros")).Names());
        Assert.Equal(["Caju, o novo"], (await app.Guest.Page("products/search?q=caaju%20importados")).Names());

        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.audit_log where action = 'ProductsImported' and resource_id = {done.Text("id")}"));
    }

    [Fact]
    public async Task New_products_of_one_name_are_numbered_after_those_there_are()
    {
        var staff = await app.Staff();
        var slug = (await staff.AddCategory()).Text("slug");
        await staff.AddProduct((await staff.AddCategory()).Id(), "Nome comum");
        await staff.AddProduct((await staff.AddCategory()).Id(), "Nome comum");
        await Import(staff, $"name,price,category,slug\nNome comum,1,{slug},\nNome comum,1,{slug},\nNovo comum,1,{slug},\nNovo comum,1,{slug},\nNovo comum 2,1,{slug},\nDado,1,{slug},\nX,1,{slug},dado\nSearch,1,{slug},\n");
        Assert.Equal(
            ["dado", "dado-2", "nome-comum-3", "nome-comum-4", "novo-comum", "novo-comum-2", "novo-comum-3", "product-search"],
            (await app.Guest.Page($"products?category={slug}&limit=100")).GetProperty("data").EnumerateArray().Select(row => row.Text("slug")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task No_product_of_a_high_number_stops_a_name_whichever_way_it_comes()
    {
        var staff = await app.Staff();
        var shelf = await staff.AddCategory();
        foreach (var (name, number) in ((string, string)[])[("Numerado alto", "999999999"), ("Numerado meio", "9999"), ("Numerado mais", "99999")])
        {
            await staff.AddProduct(shelf.Id(), name);
            await staff.AddProduct(shelf.Id(), $"{name} {number}");
            for (var times = 0; times < 3; times++)
                await staff.AddProduct(shelf.Id(), name);
            for (var times = 0; times < 2; times++)
                await Import(staff, $"name,price,category\n{name},1,{shelf.Text("slug")}\n{name},1,{shelf.Text("slug")}\n");
        }
    }

    [Fact]
    public async Task Every_bad_row_is_named_and_nothing_of_the_file_is_kept()
    {
        var staff = await app.Staff();
        var (shelf, there) = (await staff.AddCategory(), await staff.AddProduct((await staff.AddCategory()).Id(), "Intocado", 100));
        var slug = shelf.Text("slug");
        var refused = await Import(staff, $"""
            {Header}
            ,,Bom,,100,,{slug},,true,false,,
            x,Não Slug,,,dez,USD,,1.5,sim,,"a|{new string('b', 51)}",[]
            ,,Curto
            ,,Preço,,-1,BRL,{slug},-1,true,false,,
            ,,Aspas "no meio",,1,,{slug},,true,false,,
            {there.Id()},,Mudado,,100,,{slug},,true,false,,
            """);
        Assert.Equal("refused", refused.Text("state"));
        Assert.Equal(6, refused.GetProperty("rowsRead").GetInt32());
        var errors = refused.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("row").GetInt32()} {error.GetProperty("column")}").ToList();
        Assert.Equal(
            ["3 category", "3 currency", "3 id", "3 isAvailable", "3 isFeatured", "3 metadata", "3 name", "3 price", "3 slug", "3 stock", "3 tags", "4 ", "5 price", "5 stock", "6 "], errors.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(errors.Count, refused.GetProperty("badRows").GetInt32());

        // What only the shop, or another row, can say.
        refused = await Import(staff, $"id,slug,name,price,category\n,,Bom,1,{slug}\n,,Sem prateleira,1,nenhuma\n{there.Id()},,A,1,{slug}\n,{there.Text("slug")},B,1,{slug}\n,novo,C,1,{slug}\n,novo,D,1,{slug}\n{there.Id()},outro,E,1,{slug}\n");
        Assert.Equal(
            ["3 category is no category of this shop.", "5 id is the same product as row 4.", "7 slug is that of row 6 as well.", "8 id is the same product as row 4.", "8 slug is not the slug of this product, which keeps its own."],
            refused.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("row").GetInt32()} {error.Text("column")} {error.Text("message")}"), StringComparer.Ordinal);
        refused = await Import(staff, "slug,stock\nnunca-visto,5\n");
        Assert.Equal(["category", "name", "price"], refused.GetProperty("errors").EnumerateArray().Select(error => error.Text("column")), StringComparer.Ordinal);

        Assert.Empty((await app.Guest.Page($"products?category={slug}")).Names());
        Assert.Equal("Intocado", (await staff.Product(there.Id())).Text("name"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.import_rows"));

        // As many as there may be, and how many there are.
        refused = await Import(staff, "name\n" + string.Concat(Enumerable.Repeat(new string('x', 201) + "\n", 150)));
        Assert.Equal((100, 150), (refused.GetProperty("errors").GetArrayLength(), refused.GetProperty("badRows").GetInt32()));
    }

    [Theory]
    [InlineData("", "malformed_csv")]
    [InlineData("nome,preço\nA,1\n", "malformed_csv")]
    [InlineData("name,name\nA,B\n", "malformed_csv")]
    [InlineData("price,stock\n1,1\n", "malformed_csv")]
    [InlineData("na\"me,price\nA,B\n", "malformed_csv")]
    [InlineData("name\n\xff\n", "malformed_csv")]
    public async Task What_is_no_such_file_is_refused_at_once(string file, string code)
    {
        var staff = await app.Staff();
        Assert.Equal(code, await (await Send(staff, Encoding.Latin1.GetBytes(file))).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.imports where state = 'receiving'"));
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_is_found_out()
    {
        var staff = await app.Staff();
        Assert.Equal("malformed_csv", await (await Send(staff, Encoding.UTF8.GetBytes("name\n\"" + new string('x', 1_000_000)))).Refusal(HttpStatusCode.BadRequest));
        var refused = await Import(staff, "name\nA\n\"B\nC\n");
        Assert.Equal(3, refused.GetProperty("errors")[0].GetProperty("row").GetInt32());
    }

    [Theory]
    [InlineData(";")]
    [InlineData("\t")]
    public async Task Spreadsheets_that_part_cells_otherwise_are_understood(string separator)
    {
        var staff = await app.Staff();
        var slug = (await staff.AddCategory()).Text("slug");
        var done = await Import(staff, $"Name;PRICE;category;isAvailable\r\nCoisa;5;{slug};FALSE\r\n".Replace(";", separator, StringComparison.Ordinal));
        Assert.Equal("done", done.Text("state"));
        Assert.Equal(["Coisa"], (await app.Guest.Page($"products?category={slug}&available=false")).Names());
    }

    [Fact]
    public async Task A_form_brings_a_file_as_well()
    {
        var staff = await app.Staff();
        var slug = (await staff.AddCategory()).Text("slug");
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes($"name,price,category\nDe formulário,5,{slug}\n")), "file", "produtos.csv" } };
        var taken = await (await staff.PostAsync("/api/v1/products/import", form, TestContext.Current.CancellationToken)).Body(HttpStatusCode.Accepted);
        Assert.Equal("waiting", taken.Text("state"));
        await app.RunJobs();
        Assert.Equal(["De formulário"], (await app.Guest.Page($"products?category={slug}")).Names());

        using var wrong = new MultipartFormDataContent { { new StringContent("x"), "datei", "x.csv" } };
        Assert.Equal("unknown_field", await (await staff.PostAsync("/api/v1/products/import", wrong, TestContext.Current.CancellationToken)).Refusal(HttpStatusCode.BadRequest));
        using var broken = new StringContent("--x\r\nnothing");
        broken.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        Assert.Equal("malformed_multipart", await (await staff.PostAsync("/api/v1/products/import", broken, TestContext.Current.CancellationToken)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("unsupported_media_type", await (await staff.Post("/api/v1/products/import", new { })).Refusal(HttpStatusCode.UnsupportedMediaType));
    }

    [Fact]
    public async Task Only_staff_import_and_export_and_a_key_imports_once()
    {
        foreach (var other in new[] { app.Guest, await app.Customer() })
        {
            var expected = other == app.Guest ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden;
            await (await Send(other, Encoding.UTF8.GetBytes("name\nA\n"))).Body(expected);
            await (await other.Get("/api/v1/products/export")).Body(expected);
            await (await other.Get($"/api/v1/products/imports/{Guid.CreateVersion7()}")).Body(expected);
        }

        var staff = await app.Staff();
        await (await staff.Get($"/api/v1/products/imports/{Guid.CreateVersion7()}")).Body(HttpStatusCode.NotFound);
        var file = Encoding.UTF8.GetBytes($"name,price,category\nUma vez,5,{(await staff.AddCategory()).Text("slug")}\n");
        var first = await (await Send(staff, file, "import-uma-vez-só")).Body(HttpStatusCode.Accepted);
        Assert.Equal(first.Id(), (await (await Send(staff, file, "import-uma-vez-só")).Body(HttpStatusCode.Accepted)).Id());
        await app.RunJobs();
        Assert.Single((await app.Guest.Page("products/search?q=uma%20vez")).Names());
    }

    /// <summary>Full size: 50,000 rows, in and out.</summary>
    [Fact]
    public async Task A_large_file_goes_in_and_out_in_seconds_of_one_transaction()
    {
        var rows = Size.Of(2_000, 50_000);
        var staff = await app.Staff();
        var slug = (await staff.AddCategory("Estoque grande")).Text("slug");
        var file = new StringBuilder("name,description,price,category,stock,tags\n");
        for (var at = 0; at < rows; at++)
            file.Append(CultureInfo.InvariantCulture, $"Peça avulsa {at} de {at * 7919 % 1000},\"Uma peça, a de número {at}, feita de material {at * 31 % 200} e guardada na caixa {at % 500}\",{at},{slug},{at % 50},peça|caixa-{at % 500}\n");

        var began = Stopwatch.GetTimestamp();
        var taken = await (await Send(staff, Encoding.UTF8.GetBytes(file.ToString()))).Body(HttpStatusCode.Accepted);
        output.WriteLine($"{rows} rows arrived within {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        began = Stopwatch.GetTimestamp();
        await app.RunJobs();
        output.WriteLine($"They were taken over within {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        var done = await (await staff.Get($"/api/v1/products/imports/{taken.Id()}")).Body();
        Assert.True(done.Text("state") == "done", await app.Scalar<string>($"select coalesce(max(last_error), 'no error') from platform.jobs where kind = 'catalog.apply-import'"));
        Assert.Equal(("done", rows), (done.Text("state"), done.GetProperty("rowsAdded").GetInt32()));
        // A tag for each product would be as many; there is one row of evictions with a few.
        Assert.True(await app.Scalar<int>($"select max(cardinality(tags)) from platform.evictions") < 200);

        began = Stopwatch.GetTimestamp();
        var export = await (await staff.Get("/api/v1/products/export")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        output.WriteLine($"They were exported within {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        began = Stopwatch.GetTimestamp();
        done = await Import(staff, export);
        output.WriteLine($"They were imported again within {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        Assert.Equal(0, done.GetProperty("rowsChanged").GetInt32());
        Assert.True(done.GetProperty("rowsUnchanged").GetInt32() >= rows);

        var ids = Rows(Encoding.UTF8.GetString(export[3..])).Where(row => row.Cells[6] == slug).Select(row => row.Cells[0]).ToList();
        began = Stopwatch.GetTimestamp();
        done = await Import(staff, string.Concat(ids.Select(id => $"{id},77\n").Prepend("id,price\n")));
        output.WriteLine($"All had another price within {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        Assert.Equal(rows - 1, done.GetProperty("rowsChanged").GetInt32());
        began = Stopwatch.GetTimestamp();
        done = await Import(staff, string.Concat(ids.Select((id, at) => $"{id},Outra peça {at},Descrita de outro modo e guardada em {at % 300},novas|caixa-{at % 70}\n").Prepend("id,name,description,tags\n")));
        output.WriteLine($"All read otherwise within {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s.");
        Assert.Equal(rows, done.GetProperty("rowsChanged").GetInt32());
    }

    private static IEnumerable<(long Number, string[] Cells)> Rows(string text)
    {
        using var csv = CsvHelper.CsvReader.Create(new StringReader(text));
        while (csv.Read())
            yield return (csv.RowNumber, [.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
    }

    private static async Task<List<string>> Shown(HttpClient staff, List<Guid> ids)
    {
        List<string> shown = [];
        foreach (var id in ids)
            shown.Add((await staff.Product(id)).ToString());
        return shown;
    }

    private Task<JsonElement> Import(HttpClient staff, string file) => Import(staff, Encoding.UTF8.GetBytes(file));

    /// <summary>Sends a file, runs its job, and says what came of it.</summary>
    private async Task<JsonElement> Import(HttpClient staff, byte[] file)
    {
        var response = await Send(staff, file);
        await response.Body(HttpStatusCode.Accepted);
        await app.RunJobs();
        return await (await staff.Get(response.Headers.Location!.OriginalString)).Body();
    }

    private static Task<HttpResponseMessage> Send(HttpClient client, byte[] file, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/products/import") { Content = new ByteArrayContent(file) };
        request.Content.Headers.ContentType = new("text/csv");
        if (key is not null)
            request.Headers.Add("Idempotency-Key", Convert.ToHexString(Encoding.UTF8.GetBytes(key))[..20]);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
