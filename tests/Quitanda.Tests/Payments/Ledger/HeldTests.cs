using Quitanda.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>What was paid for what is not done yet is held, given back in parts, and moved by its module when it is earned.</summary>
public sealed class HeldTests(HouseApp app) : IClassFixture<HouseApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_held_is_of_nobody_and_what_goes_back_is_taken_from_it_alone()
    {
        var (stay, payment) = await app.Booked(await app.Somebody());
        Assert.Equal(["receivable 1000", "held -1000"], await app.LinesOf($"payment:{payment}:sale"), StringComparer.Ordinal);

        Assert.Equal(new(300, "BRL"), await app.GiveBack(stay, 300));
        await app.RunJobs();
        Assert.Equal(-700, await Sum(payment, "held"));
        Assert.Equal(0, await Sum(payment, "refunds"));
        Assert.Equal(700, await Sum(payment, "provider_clearing"));
    }

    [Fact]
    public async Task What_is_earned_is_moved_once_however_often_it_is_asked_and_shown_to_administrators()
    {
        var owner = Guid.CreateVersion7();
        var (stay, payment) = await app.Booked(await app.Somebody());
        LedgerPost earned = new($"booking:{stay}:earned", LedgerPostKind.Transfer, [new("held", 1000, "BRL"), new("owner_payable", -880, "BRL", owner), new("platform_commission", -120, "BRL")], payment);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.Post(earned)));
        LedgerPost paid = new($"payout:{stay}", LedgerPostKind.Payout, [new("owner_payable", 880, "BRL", owner), new("bank", -880, "BRL")]);
        await app.Post(paid);
        await app.Post(paid);

        Assert.Equal(["held 1000", "owner_payable -880", "platform_commission -120"], await app.LinesOf(earned.Key), StringComparer.Ordinal);
        Assert.Equal(0, await Sum(payment, "held"));
        var admin = await app.Somebody(Roles.Admin);
        var owed = (await admin.Get($"/api/v1/ledger/entries?partyId={owner}")).GetProperty("data").EnumerateArray().Select(entry => $"{entry.GetProperty("kind").GetString()} {entry.GetProperty("amount").GetInt64()}");
        Assert.Equal(["payout 880", "transfer -880"], owed.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Contains(earned.Key, (await admin.Get($"/api/v1/ledger/entries?paymentId={payment}&account=held")).GetProperty("data").EnumerateArray().Select(entry => entry.GetProperty("key").GetString()!), StringComparer.Ordinal);

        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var file = await admin.Client.GetStringAsync("/api/v1/ledger/export", _ct);
        Assert.Equal(3, file.Split('\n').Count(line => line.Contains($"{earned.Key},transfer,,{payment},", StringComparison.Ordinal)));
        Assert.Equal(2, file.Split('\n').Count(line => line.Contains($"{paid.Key},payout,,,", StringComparison.Ordinal)));
        var accounts = (await admin.Get("/api/v1/ledger/accounts")).GetProperty("data").EnumerateArray().ToDictionary(account => account.GetProperty("code").GetString()!, account => account.GetProperty("kind").GetString(), StringComparer.Ordinal);
        Assert.Equal(("liability", "asset"), (accounts["held"], accounts["bank"]));
    }

    [Fact]
    public async Task Money_is_moved_with_its_modules_own_change_or_not_at_all()
    {
        LedgerPost post = new($"booking:{Guid.CreateVersion7()}:earned", LedgerPostKind.Transfer, [new("held", 5, "BRL"), new("sales", -5, "BRL")]);
        await Assert.ThrowsAsync<InvalidDataException>(() => app.InScope<bool>(async scope =>
        {
            scope.Get<IPayments>().Post(post);
            await scope.Get<Db>().Flush(_ct);
            throw new InvalidDataException("The module thought better of it.");
        }));
        Assert.Empty(await app.LinesOf(post.Key));
        await app.Post(post);
        Assert.Equal(["held 5", "sales -5"], await app.LinesOf(post.Key), StringComparer.Ordinal);
    }

    public static TheoryData<string, string[]> Wrong => new()
    {
        { "", ["held 1 BRL", "sales -1 BRL"] },
        { new('k', 201), ["held 1 BRL", "sales -1 BRL"] },
        { "payment:1:sale", ["held 1 BRL", "sales -1 BRL"] },
        { "refund:1:refund", ["held 1 BRL", "sales -1 BRL"] },
        { "empty", [] },
        { "one", ["held 1 BRL"] },
        { "cents", ["held 100 BRL", "sales -99 BRL"] },
        { "currencies", ["held 100 BRL", "sales -100 USD"] },
        { "nothing", ["held 0 BRL", "sales 0 BRL"] },
        { "no-currency", ["held 1 BRX", "sales -1 BRX"] },
        { "overflow", ["held 9223372036854775807 BRL", "sales 9223372036854775807 BRL", "tips 2 BRL"] },
        { "clearing", ["held 1 BRL", "provider_clearing -1 BRL"] },
        { "receivable", ["held 1 BRL", "receivable -1 BRL"] },
        { "pocket", ["held 1 BRL", "pocket -1 BRL"] },
        { "nobody", ["held 1 BRL", "owner_payable -1 BRL"] },
        { "somebody", ["held 1 BRL", "sales -1 BRL 0198a5b2-7c1e-7d3a-9f60-2b8e4c1d5a77"] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_could_not_be_written_is_refused_where_it_is_asked_for(string key, string[] lines)
    {
        var before = await app.Count($"select count(*) from payments.ledger_transactions");
        LedgerLine[] all = [.. lines.Select(line => line.Split(' ')).Select(part => new LedgerLine(
            part[0], long.Parse(part[1], System.Globalization.CultureInfo.InvariantCulture), part[2], part.Length > 3 ? Guid.Parse(part[3]) : null))];
        await Assert.ThrowsAsync<ArgumentException>(() => app.Post(new(key, LedgerPostKind.Transfer, all)));
        Assert.Equal(before, await app.Count($"select count(*) from payments.ledger_transactions"));
    }

    [Fact]
    public async Task A_part_is_given_back_and_never_more_than_came_in()
    {
        var ana = await app.Somebody();
        Assert.Equal(new(0, "BRL"), await app.GiveBack(app.Book(ana), 100));
        var (stay, payment) = await app.Booked(ana);
        await Assert.ThrowsAsync<ArgumentException>(() => app.GiveBack(stay, 100, "USD"));

        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.GiveBack(stay, 150)));
        Assert.Equal([150L, 150, 150, 150, 150, 150, 100], asked.Select(money => money.Amount).Where(amount => amount > 0).OrderDescending());
        await app.Later();
        Assert.Equal([("succeeded", 1000L, 1000L)], await app.Charges(payment));
        Assert.Equal(0, await Sum(payment, "held"));
        Assert.Equal(7, app.Stays[stay].Told.Count);
        Assert.Equal("gone 1000 refunded", app.Stays[stay].Told.Last());
    }

    [Fact]
    public async Task What_went_back_in_all_is_told_each_time_also_when_it_comes_back()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (stay, payment) = await app.Booked(ana);
        await app.Refund(staff, payment, 300);
        var second = await app.Refund(staff, payment, 200);
        await app.Says(ana, payment, news => news with { RefundedAmount = 600 });

        await app.WithDb(db => db.Execute($"update payments.sandbox_refunds set bounced = true where key = (select key from payments.refunds where id = {second})", _ct));
        await app.Says(ana, payment, news => news with { RefundedAmount = 400 });
        await app.RunJobs();
        Assert.Equal(["gone 300 partially_refunded", "gone 500 partially_refunded", "gone 600 partially_refunded", "back 400 partially_refunded"], app.Stays[stay].Told, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_lost_dispute_is_told_and_taken_from_what_is_held_and_told_again_when_it_is_turned()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Roles.Staff));
        var (stay, payment) = await app.Booked(ana);
        await app.Refund(staff, payment, 300);
        await Hears(DisputeState.Open);
        Assert.Equal(new(0, "BRL"), await app.GiveBack(stay, 100));
        await Hears(DisputeState.Lost);
        Assert.Equal(0, await Sum(payment, "held"));
        await Hears(DisputeState.Won);
        Assert.Equal(-700, await Sum(payment, "held"));

        Assert.Equal(["gone 300 partially_refunded", "gone 1000 refunded", "back 300 partially_refunded"], app.Stays[stay].Told, StringComparer.Ordinal);
        Assert.Equal(new(700, "BRL"), await app.GiveBack(stay, 5000));

        async Task Hears(DisputeState state)
        {
            await app.Says(ana, payment, news => news with { Dispute = new(state, new(700, "BRL")) });
            await app.RunJobs();
        }
    }

    private Task<long> Sum(Guid payment, string account) => app.Count(
        $"select coalesce(sum(e.amount), 0)::bigint from payments.ledger_entries e join payments.ledger_transactions t on t.id = e.transaction_id where t.payment_id = {payment} and e.account = {account}");
}
