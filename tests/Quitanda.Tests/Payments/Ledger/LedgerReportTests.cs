using System.Globalization;
using System.Net;
using Quitanda.Payments.Ledger;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>What the books look like from outside.</summary>
public sealed class LedgerReportTests(LedgerApp app) : IClassFixture<LedgerApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_trial_balance_is_even_now_and_at_any_moment()
    {
        var (ana, admin) = (await app.Somebody(), await app.Somebody(Roles.Admin));
        var before = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var (_, payment) = await app.Paid(ana, total: 1000);
        await app.Says(ana, payment, news => news with { Fee = new(7, "KWD") });
        var paid = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.Refund(admin, payment, 400);

        Assert.Equal((0, 1000), await Added("sales", paid));
        Assert.Equal((0, 0), await Added("refunds", paid));
        Assert.Equal((1000, 0), await Added("provider_clearing", paid));
        Assert.Equal((1000, 400), await Added("provider_clearing", until: null));
        Assert.Equal((400, 0), await Added("refunds", until: null));
        var all = await admin.Get("/api/v1/ledger/accounts");
        Assert.Equal(LedgerAccounts.All, all.GetProperty("data").EnumerateArray().Select(account => account.GetProperty("code").GetString()!), StringComparer.Ordinal);
        Assert.Equal(["BRL", "KWD"], all.GetProperty("totals").EnumerateArray().Select(total => total.GetProperty("currency").GetString()!), StringComparer.Ordinal);
        Assert.All(all.GetProperty("totals").EnumerateArray(), total =>
        {
            Assert.Equal(0, total.GetProperty("amount").GetInt64());
            Assert.True(total.GetProperty("debit").GetInt64() > 0);
        });

        async Task<(long, long)> Added(string code, DateTimeOffset? until)
        {
            var (first, last) = (await Account(code, before), await Account(code, until));
            return (last.Debit - first.Debit, last.Credit - first.Credit);
        }

        async Task<(long Debit, long Credit)> Account(string code, DateTimeOffset? at)
        {
            var account = (await admin.Get($"/api/v1/ledger/accounts{(at is { } when ? $"?at={Uri.EscapeDataString(when.ToString("O", CultureInfo.InvariantCulture))}" : "")}"))
                .GetProperty("data").EnumerateArray().Single(account => account.GetProperty("code").GetString() == code);
            var balance = account.GetProperty("balances").EnumerateArray().SingleOrDefault(balance => balance.GetProperty("currency").GetString() == "BRL");
            return balance.ValueKind == System.Text.Json.JsonValueKind.Undefined ? (0, 0) : (balance.GetProperty("debit").GetInt64(), balance.GetProperty("credit").GetInt64());
        }
    }

    [Fact]
    public async Task Entries_are_found_by_account_currency_and_time_and_read_to_the_end_by_cursor()
    {
        var (ana, admin) = (await app.Somebody(), await app.Somebody(Roles.Admin));
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var from = Uri.EscapeDataString(app.Clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        foreach (var total in (long[])[100, 200, 300])
            await app.Paid(ana, total);
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var to = Uri.EscapeDataString(app.Clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        await app.Paid(ana, 400);

        HashSet<Guid> seen = [];
        string? next = null;
        do
        {
            var page = await admin.Get($"/api/v1/ledger/entries?from={from}&to={to}&limit=5{(next is null ? "" : $"&after={next}")}");
            Assert.All(page.GetProperty("data").EnumerateArray(), entry => Assert.True(seen.Add(entry.GetProperty("id").GetGuid())));
            next = page.GetProperty("meta").GetProperty("next").GetString();
        }
        while (next is not null);
        Assert.Equal(12, seen.Count);

        Assert.Equal([-300, -200, -100], (await admin.Get($"/api/v1/ledger/entries?from={from}&to={to}&account=sales&currency=BRL")).GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("amount").GetInt64()).Order());
        Assert.Empty((await admin.Get($"/api/v1/ledger/entries?from={from}&currency=KRW")).GetProperty("data").EnumerateArray());
        await admin.Client.GetAsync("/api/v1/ledger/entries?account=pocket", _ct).IsRefused(HttpStatusCode.BadRequest, "validation_failed");
        await admin.Client.GetAsync("/api/v1/ledger/entries?currency=XYZ", _ct).IsRefused(HttpStatusCode.BadRequest, "validation_failed");
    }

    [Fact]
    public async Task The_export_is_whole_over_several_pages_and_balances()
    {
        var (ana, admin) = (await app.Somebody(), await app.Somebody(Roles.Admin));
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var from = app.Clock.GetUtcNow();
        await app.Paid(ana, 100);
        // More than two pages, all at the same instant.
        const int Many = 1300;
        await app.WithDb(db => db.Execute($"""
            with t as (
                insert into payments.ledger_transactions (id, key, kind, provider, at) select gen_random_uuid(), 'test:' || n, 'fee', '=cmd,"x"', {from} from generate_series(1, {Many}) n returning id, at
            )
            insert into payments.ledger_entries (id, transaction_id, position, account, amount, currency, at)
            select gen_random_uuid(), t.id, l.position, l.account, l.amount, 'KWD', t.at from t cross join (values (1, 'fees', 5), (2, 'provider_clearing', -5)) l (position, account, amount)
            """, _ct));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var to = app.Clock.GetUtcNow();
        await app.Paid(ana, 100);
        app.Clock.Advance(TimeSpan.FromMinutes(2));

        var response = await admin.Client.GetAsync($"/api/v1/ledger/export?from={Text(from)}&to={Text(to)}", _ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("ledger.csv", response.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
        var lines = (await response.Content.ReadAsStringAsync(_ct)).Split("\r\n");
        Assert.Equal("at,transactionId,key,kind,provider,paymentId,refundId,position,account,partyId,debit,credit,currency,decimals", lines[0]);
        Assert.Equal("", lines[^1]);
        var rows = lines[1..^1];
        Assert.Equal(4 + 2 * Many, rows.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(4 + 2 * Many, rows.Length);
        var foreign = rows.Where(row => row.EndsWith(",KWD,3", StringComparison.Ordinal)).ToList();
        Assert.Equal(2 * Many, foreign.Count);
        Assert.All(foreign, row => Assert.Contains(",fee,\"'=cmd,\"\"x\"\"\",,,", row, StringComparison.Ordinal));
        Assert.Equal(100L, rows.Where(row => row.Contains(",sales,", StringComparison.Ordinal)).Sum(row => long.Parse(row.Split(',')[11], CultureInfo.InvariantCulture)));
        Assert.Contains(rows, row => row.EndsWith(",receivable,,100,,BRL,2", StringComparison.Ordinal));

        // Until a minute ago, where nothing else is said.
        var all = (await (await admin.Client.GetAsync($"/api/v1/ledger/export?from={Text(to)}", _ct)).Content.ReadAsStringAsync(_ct)).Split("\r\n");
        Assert.Equal(1 + 4 + 1, all.Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(60)]
    public async Task A_line_that_commits_while_the_file_is_read_is_in_the_next_one(int? untilInMinutes)
    {
        var (ana, admin) = (await app.Somebody(), await app.Somebody(Roles.Admin));
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var from = app.Clock.GetUtcNow();
        await app.Paid(ana, 100);
        app.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await Lines());
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(4, await Lines());

        async Task<int> Lines()
        {
            var to = untilInMinutes is { } minutes ? $"&to={Text(app.Clock.GetUtcNow().AddMinutes(minutes))}" : "";
            return (await (await admin.Client.GetAsync($"/api/v1/ledger/export?from={Text(from)}{to}", _ct)).Content.ReadAsStringAsync(_ct)).Split("\r\n").Length - 2;
        }
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\r\nb", "\"a\r\nb\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    public void A_cell_is_no_formula_and_does_not_end_early(string? text, string cell) => Assert.Equal(cell, Csv.Cell(text));

    [Theory]
    [InlineData("/api/v1/ledger/accounts")]
    [InlineData("/api/v1/ledger/entries")]
    [InlineData("/api/v1/ledger/export")]
    public async Task Only_administrators_read_the_books(string path)
    {
        await app.Guest.GetAsync(path, _ct).IsRefused(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await app.Somebody()).Client.GetAsync(path, _ct).IsRefused(HttpStatusCode.Forbidden, "forbidden");
        await (await app.Somebody(Roles.Staff)).Client.GetAsync(path, _ct).IsRefused(HttpStatusCode.Forbidden, "forbidden");
    }

    private static string Text(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("O", CultureInfo.InvariantCulture));
}
