using System.Globalization;
using System.Net;
using System.Text;
using Npgsql;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Host;

/// <summary>A process dies in the middle of an import, with another beside it.</summary>
public sealed class ImportCrashTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const int Rows = 300;

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_whose_process_is_killed_in_the_middle_left_nothing_and_is_taken_over_once_by_the_next()
    {
        // The import's lease is over soon, long before the import: whoever looks at the queue then may have it, unless it is held.
        await app.Execute($"create function probe.end_lease() returns trigger language plpgsql as 'begin new.leased_until := now() + interval ''2 seconds''; return new; end'");
        await app.Execute($"create trigger end_lease before update on platform.jobs for each row when (new.leased_until is not null and new.kind = 'catalog.apply-import') execute function probe.end_lease()");
        // The hosts go by the time of day, and one that came long ago is refused.
        app.Clock.Advance(TimeProvider.System.GetUtcNow() - app.Clock.GetUtcNow());
        var staff = await app.Staff();
        var category = await staff.AddCategory();
        var sold = (await staff.AddProduct(category.Id(), "Vendida agora", 100)).Id();
        var import = await Send(staff, sold, category.Text("slug")!);

        // Somebody sells the one product that is changed, so that there is a middle to be killed in.
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(_ct);
        await using var sale = await connection.BeginTransactionAsync(_ct);
        await using (var hold = new NpgsqlCommand("select 1 from catalog.products where id = $1 for update", connection, sale) { Parameters = { new() { Value = sold } } })
            await hold.ExecuteNonQueryAsync(_ct);
        using var killed = await Host();
        await app.UntilOneWaits();
        using var next = await Host();
        await Eventually.Happens(async () => await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'catalog.apply-import' and leased_until < now()") == 1, "The end of the lease");
        // The first has a place for one job alone, which it is at, and takes no more than a hundred beforehand: so the second looks at the queue, again and again, and leaves the import alone.
        await app.Execute($"insert into platform.jobs (kind, payload, run_at) select {RunErrand.Kind}, jsonb_build_object('name', 'beside ' || n), now() from generate_series(1, 300) n");
        await Eventually.Happens(async () => await app.Scalar<long>($"select count(*) from probe.effects where name like 'beside %'") >= 100, "A hundred jobs beside the import");
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"));

        await killed.Kill();
        Assert.Equal(["Vendida agora"], (await app.Guest.Page($"products?category={category.Text("slug")}")).Names());
        Assert.Equal("waiting", (await (await staff.Get(import)).Body()).Text("state"));
        await sale.RollbackAsync(_ct);
        await Eventually.Happens(async () => (await (await staff.Get(import)).Body()).Text("state") == "done");

        var done = await (await staff.Get(import)).Body();
        Assert.Equal((Rows, 1), (done.GetProperty("rowsAdded").GetInt32(), done.GetProperty("rowsChanged").GetInt32()));
        Assert.Equal(Rows + 1, await app.Scalar<long>($"select count(*) from catalog.products where category_id = {category.Id()}"));
        Assert.Equal(Rows + 1, await app.Scalar<long>($"select count(*) from catalog.product_search where category_id = {category.Id()}"));
        Assert.Equal(200, (await staff.Product(sold)).GetProperty("price").GetProperty("amount").GetInt32());
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.audit_log where action = 'ProductsImported'"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'catalog.apply-import'"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from catalog.import_rows"));
        Assert.Equal(0, await next.Interrupt());
    }

    private async Task<string> Send(HttpClient staff, Guid sold, string category)
    {
        var file = new StringBuilder("id,name,price,category\n").Append(CultureInfo.InvariantCulture, $"{sold},Vendida agora,200,{category}\n");
        for (var at = 0; at < Rows; at++)
            file.Append(CultureInfo.InvariantCulture, $",Peça {at},{at},{category}\n");
        using var content = new StringContent(file.ToString(), Encoding.UTF8, "text/csv");
        var response = await staff.PostAsync("/api/v1/products/import", content, _ct);
        await response.Body(HttpStatusCode.Accepted);
        return response.Headers.Location!.OriginalString;
    }

    /// <summary>With one place for jobs, and patience for locks beyond that of any machine.</summary>
    private Task<HostProcess> Host() => HostProcess.ServeOn(
        app.ConnectionString, HostProcess.FreePort(), withProbe: true, ("Jobs__Runners", "1"), ("Database__LockTimeoutSeconds", "300"), ("Database__StatementTimeoutSeconds", "300"));
}
