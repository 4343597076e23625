using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog.Csv;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Catalog;

/// <summary>What of several files, and of a file and the shop, has the last word; and what is no good row.</summary>
public sealed class CsvOrderTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Files_are_taken_over_in_the_order_they_came_whichever_job_is_first()
    {
        var (staff, product) = await Product();
        var mistaken = await Send(staff, $"id,price\n{product},99\n");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var mended = await Send(staff, $"id,price\n{product},990\n");

        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<ApplyImport>().Handle(new(mended), CancellationToken.None);
            return true;
        });
        Assert.Equal("waiting waiting", $"{(await Shown(staff, mistaken)).Text("state")} {(await Shown(staff, mended)).Text("state")}");
        await app.RunJobs();

        Assert.Equal("done done", $"{(await Shown(staff, mistaken)).Text("state")} {(await Shown(staff, mended)).Text("state")}");
        Assert.Equal(990, (await staff.Product(product)).GetProperty("price").GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task A_file_that_waited_too_long_is_refused_and_stands_in_nobodys_way()
    {
        var (staff, product) = await Product();
        var old = await Send(staff, $"id,price\n{product},99\n");
        app.Clock.Advance(TimeSpan.FromMinutes(16));
        staff = await app.Staff();
        var mended = await Send(staff, $"id,price\n{product},990\n");

        await app.RunJobs();

        var refused = await Shown(staff, old);
        Assert.Equal(("refused", 0, "done"), (refused.Text("state"), refused.GetProperty("errors")[0].GetProperty("row").GetInt32(), (await Shown(staff, mended)).Text("state")));
        Assert.Equal(990, (await staff.Product(product)).GetProperty("price").GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task One_that_fails_holds_up_those_behind_it_no_longer_than_it_may_wait()
    {
        var (staff, product) = await Product();
        var bad = await Send(staff, $"id,price\n{product},99\n");
        // No cell that is taken in reads so; it stands for whatever makes a statement fail each time.
        await app.Execute($"""update catalog.import_rows set cells = jsonb_set(cells, array['price'], '"many"') where import_id = {bad}""");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var good = await Send(staff, $"id,price\n{product},990\n");
        await app.RunJobs();
        app.Clock.Advance(TimeSpan.FromMinutes(9));
        await app.RunJobs();
        staff = await app.Staff();
        Assert.Equal("waiting waiting", $"{(await Shown(staff, bad)).Text("state")} {(await Shown(staff, good)).Text("state")}");

        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await app.RunJobs();

        Assert.Equal("refused done", $"{(await Shown(staff, bad)).Text("state")} {(await Shown(staff, good)).Text("state")}");
        Assert.Equal(990, (await staff.Product(product)).GetProperty("price").GetProperty("amount").GetInt64());
    }

    [Fact]
    public async Task Another_category_can_be_changed_while_a_file_is_taken_over()
    {
        var staff = await app.Staff();
        var (one, another) = (await staff.AddCategory(), await staff.AddCategory());
        var import = await Send(staff, $"name,price,category\nCuscuz,700,{one.Text("slug")}\n");
        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<ApplyImport>().Handle(new(import), CancellationToken.None);
            return await (await staff.Patch($"/api/v1/categories/{another.Id()}", new { name = "Do milho", position = 3 })).Body();
        });
        Assert.Equal("done", (await Shown(staff, import)).Text("state"));
    }

    [Fact]
    public async Task An_amount_keeps_its_currency_until_a_file_says_the_price()
    {
        var (staff, product) = await Product();
        await app.Execute($"update catalog.products set currency = 'USD' where id = {product}");

        await Import(staff, $"id,stock\n{product},7\n");
        Assert.Equal("USD", await app.Scalar<string>($"select currency from catalog.products where id = {product}"));
        await Import(staff, $"id,price\n{product},500\n");
        Assert.Equal("BRL", await app.Scalar<string>($"select currency from catalog.products where id = {product}"));
    }

    [Theory]
    [InlineData("slug", "\"linha-nova\n\"", "slug")]
    [InlineData("metadata", "\"{\"\"a\"\":\"\"\\u0000\"\"}\"", "metadata")]
    [InlineData("metadata", "\"{\"\"\\u0000\"\":\"\"a\"\"}\"", "metadata")]
    public async Task What_the_database_would_not_take_is_a_bad_row(string column, string cell, string bad)
    {
        var staff = await app.Staff();
        var category = (await staff.AddCategory()).Text("slug");

        var refused = await Import(staff, $"name,price,category,{column}\nCoxinha,900,{category},{cell}\n");

        Assert.Equal(("refused", 2, bad), (refused.Text("state"), refused.GetProperty("errors")[0].GetProperty("row").GetInt32(), refused.GetProperty("errors")[0].Text("column")));
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_is_named_by_the_row_a_spreadsheet_shows()
    {
        var staff = await app.Staff();
        var refused = await (await Post(staff, string.Create(CultureInfo.InvariantCulture, $"name,price\n\n\n\nBoa,1\n\"{new string('x', 600_000)}"))).Body(HttpStatusCode.BadRequest);
        Assert.Equal("malformed_csv", refused.Text("code"));
        Assert.Contains("row 6 ", refused.Text("detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prices_that_a_file_changes_are_in_the_audit_log_of_their_products_and_others_are_not()
    {
        var (staff, product) = await Product();
        var same = (await staff.AddProduct((await staff.AddCategory()).Id(), "Empada", 700)).Id();

        var foreign = (await staff.AddProduct((await staff.AddCategory()).Id(), "Esfirra", 800)).Id();
        await app.Execute($"update catalog.products set currency = 'USD' where id = {foreign}");

        var import = await Import(staff, $"id,price,description\n{product},650,Novo\n{same},700,Novo\n{foreign},800,Novo\n");

        Assert.Equal(3, import.GetProperty("rowsChanged").GetInt32());
        var admin = app.As(await app.Insert(Roles.Admin));
        var noted = Assert.Single((await admin.Page($"audit-log?action=PriceChanged&resource=products/{product}")).GetProperty("data").EnumerateArray());
        var details = noted.GetProperty("details");
        Assert.Equal(("500", "650", "BRL", import.Id().ToString()), (details.Text("before"), details.Text("after"), details.Text("currency"), details.Text("importId")));
        Assert.NotEqual(JsonValueKind.Null, noted.GetProperty("actor").ValueKind);
        var exchanged = Assert.Single((await admin.Page($"audit-log?action=PriceChanged&resource=products/{foreign}")).GetProperty("data").EnumerateArray()).GetProperty("details");
        Assert.Equal(("800", "USD", "BRL"), (exchanged.Text("before"), exchanged.Text("currencyBefore"), exchanged.Text("currency")));
        Assert.Empty((await admin.Page($"audit-log?action=PriceChanged&resource=products/{same}")).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task What_is_imported_while_its_category_is_renamed_under_a_condition_is_found_by_the_new_name()
    {
        var staff = await app.Staff();
        var category = await staff.AddCategory("Serestas");
        var path = $"/api/v1/categories/{category.Id()}";
        var (import, tag) = (await Send(staff, $"name,price,category\nBandolim,900,{category.Text("slug")}\n"), await staff.TagOf(path));

        var renaming = await app.InScope(async provider =>
        {
            await provider.GetRequiredService<ApplyImport>().Handle(new(import), CancellationToken.None);
            var asked = staff.SendIf(HttpMethod.Patch, path, tag, new { name = "Rodas" });
            await app.UntilOneWaits();
            return asked;
        });

        await (await renaming).Body();
        Assert.Equal(["Bandolim"], (await staff.Page("products/search?q=rodas bandolim")).Names(), StringComparer.Ordinal);
        Assert.Empty((await staff.Page("products/search?q=serestas")).Names());
    }

    [Fact]
    public async Task A_file_is_taken_over_by_statements_that_are_planned_for_it_and_not_by_what_a_connection_has_planned_before()
    {
        var (staff, product) = await Product();
        var import = await Send(staff, $"id,stock\n{product},9\n");
        Assert.Equal("force_custom_plan", await app.InScope(async provider =>
        {
            await provider.GetRequiredService<ApplyImport>().Handle(new(import), CancellationToken.None);
            return await provider.GetRequiredService<Db>().ReadFirst($"select current_setting('plan_cache_mode')", row => row.GetString(0), CancellationToken.None);
        }));
    }

    private async Task<(HttpClient Staff, Guid Product)> Product()
    {
        var staff = await app.Staff();
        return (staff, (await staff.AddProduct((await staff.AddCategory()).Id(), "Pastel", 500, stock: 3)).Id());
    }

    private static async Task<Guid> Send(HttpClient staff, string file) => (await (await Post(staff, file)).Body(HttpStatusCode.Accepted)).Id();

    private async Task<JsonElement> Import(HttpClient staff, string file)
    {
        var id = await Send(staff, file);
        await app.RunJobs();
        return await Shown(staff, id);
    }

    private static async Task<JsonElement> Shown(HttpClient staff, Guid import) => await (await staff.Get($"/api/v1/products/imports/{import}")).Body();

    private static Task<HttpResponseMessage> Post(HttpClient staff, string file)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return staff.PostAsync(new Uri("/api/v1/products/import", UriKind.Relative), content, TestContext.Current.CancellationToken);
    }
}
