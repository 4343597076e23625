using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>What owners earn is paid out once, and what goes back afterwards comes off the next time.</summary>
public sealed class PayoutTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Batches = "/api/v1/payout-batches";

    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    [Fact]
    public async Task A_batch_takes_what_each_owner_earned_and_paying_it_is_written_once()
    {
        await NothingWaits();
        var (owner, other, admin) = (await app.Owner(), await app.Owner(), await app.Admin());
        await app.Execute($"update accounts.users set first_name = 'Rosa', last_name = '=Rocha, \"a\"' where id = {owner.Id}");
        var (first, second) = (await Earned(owner), await Earned(owner));
        await Earned(other, "USD");

        var made = await admin.Client.Post(Batches, new { currency = "BRL" });
        var batch = await made.Body(HttpStatusCode.Created);
        Assert.Equal($"{Batches}/{batch.Id()}", made.Headers.Location?.OriginalString);
        Assert.Equal(batch.GetRawText(), (await (await admin.Client.Get($"{Batches}/{batch.Id()}")).Body()).GetRawText());
        var payout = Assert.Single(batch.GetProperty("payouts").EnumerateArray());
        Assert.Equal((owner.Id, 17_500, "pending"), (payout.GetProperty("ownerId").GetGuid(), payout.Amount("amount"), payout.Text("status")));
        Assert.Equal(("BRL", 17_500, 1), (batch.Text("currency"), batch.GetProperty("totals")[0].GetProperty("amount").GetInt64(), batch.GetProperty("pendingCount").GetInt32()));
        Assert.Equal("nothing_to_pay_out", await (await admin.Client.Post(Batches, new { currency = "BRL" })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(["open 0", "inPayout 17500", "paid 0"], await Sums(owner), StringComparer.Ordinal);
        Assert.Equal(["open 8750", "inPayout 0", "paid 0"], await Sums(other), StringComparer.Ordinal);

        var file = await (await admin.Client.Get($"{Batches}/{batch.Id()}/export")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var codes = string.Join(' ', ((JsonElement[])[first, second]).Select(booking => booking.Text("code")).Order(StringComparer.Ordinal));
        Assert.Equal($"code,ownerId,name,email,amount,currency,decimals,status,bookings\r\n{payout.Text("code")},{owner.Id},\"Rosa =Rocha, \"\"a\"\"\",{owner.User.Email},17500,BRL,2,pending,{codes}\r\n", file);

        var owed = await app.Stands("owner_payable", owner.Id);
        var paid = await (await admin.Client.Post($"/api/v1/payouts/{payout.Id()}/paid", new { reference = "TED 77" })).Body();
        Assert.Equal(("paid", "TED 77", app.Clock.GetUtcNow()), (paid.Text("status"), paid.Text("reference"), paid.GetProperty("paidAt").GetDateTimeOffset()));
        foreach (var verb in (string[])["paid", "cancel"])
            Assert.Equal("invalid_transition", await (await admin.Client.Post($"/api/v1/payouts/{payout.Id()}/{verb}")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("nothing_to_pay_out", await (await admin.Client.Post($"{Batches}/{batch.Id()}/paid")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal((-17_500, 0), (owed, await app.Stands("owner_payable", owner.Id)));
        var key = $"payout:{payout.Id()}";
        Assert.Equal(["owner_payable 17500", "bank -17500"], await app.WithDb(db => db.Read(
            $"select e.account, e.amount from payments.ledger_entries e join payments.ledger_transactions t on t.id = e.transaction_id where t.key = {key} and t.kind = 'payout' order by e.position",
            row => $"{row.GetString(0)} {row.GetInt64(1)}", CancellationToken.None)), StringComparer.Ordinal);

        Assert.Equal(["open 0", "inPayout 0", "paid 17500"], await Sums(owner), StringComparer.Ordinal);
        Assert.Equal([payout.Id()], await Ids(owner.Client, "/api/v1/payouts/mine?status=paid"));
        Assert.Empty(await Ids(owner.Client, "/api/v1/payouts/mine?status=pending"));
        Assert.Empty(await Ids(other.Client, "/api/v1/payouts/mine"));
        var lines = (await (await owner.Client.Get($"/api/v1/earnings/mine?payoutId={payout.Id()}&status=paid&sort=createdAt")).Body()).GetProperty("data");
        Assert.Equal([$"{first.Id()} 8750 paid", $"{second.Id()} 8750 paid"], lines.EnumerateArray().Select(line => $"{line.GetProperty("bookingId").GetGuid()} {line.Amount("amount")} {line.Text("status")}"), StringComparer.Ordinal);
        foreach (var path in (string[])[Batches, $"{Batches}/{batch.Id()}", $"{Batches}/{batch.Id()}/export", $"/api/v1/payouts/{payout.Id()}"])
            await (await owner.Client.Get(path)).Refusal(HttpStatusCode.Forbidden);
        Assert.Empty(await app.Differences());
    }

    [Fact]
    public async Task A_refund_after_the_payout_comes_off_the_next_one()
    {
        await NothingWaits();
        var (owner, admin) = (await app.Owner(), await app.Admin());
        var booking = await Earned(owner);
        var batch = await Batch(admin, owner);
        await (await admin.Client.Post($"{Batches}/{batch.Batch}/paid", new { })).Body();

        // All of it goes back, long after.
        var payment = await app.Scalar<Guid>($"select payment_id from booking.bookings where id = {booking.Id()}");
        await (await admin.Client.Post($"/api/v1/payments/{payment}/refunds", new { amount = new { amount = 10_000, currency = "BRL" } })).Body(HttpStatusCode.Created);
        await app.RunJobs();
        Assert.Equal(["open -8750", "inPayout 0", "paid 8750"], await Sums(owner), StringComparer.Ordinal);
        Assert.Equal([-8_750L], (await (await owner.Client.Get("/api/v1/earnings/mine?status=open")).Body()).GetProperty("data").EnumerateArray().Select(line => line.Amount("amount")));
        Assert.Empty(await app.Differences());
        Assert.Equal(8_750, await app.Stands("owner_payable", owner.Id));

        // What is owed waits; it is nobody's payout.
        await (await admin.Client.Post(Batches, new { })).Refusal(HttpStatusCode.Conflict);
        await Earned(owner);
        await (await admin.Client.Post(Batches, new { })).Refusal(HttpStatusCode.Conflict);
        await Earned(owner);
        Assert.Equal(8_750, (await Batch(admin, owner)).Amount);
        Assert.Equal(["open 0", "inPayout 8750", "paid 8750"], await Sums(owner), StringComparer.Ordinal);
        Assert.Equal(-8_750, await app.Stands("owner_payable", owner.Id));
    }

    [Fact]
    public async Task A_minimum_leaves_the_small_for_later_and_a_payout_that_is_called_off_is_paid_another_time()
    {
        await NothingWaits();
        var (small, large, admin) = (await app.Owner(), await app.Owner(), await app.Admin());
        await Earned(small);
        await Earned(large);
        await Earned(large);
        Assert.Equal("validation_failed", await (await admin.Client.Post(Batches, new { currency = "USD", minimum = new { amount = 10_000, currency = "BRL" } })).Refusal(HttpStatusCode.BadRequest));
        var batch = await (await admin.Client.Post(Batches, new { minimum = new { amount = 10_000, currency = "BRL" } })).Body(HttpStatusCode.Created);
        var payout = Assert.Single(batch.GetProperty("payouts").EnumerateArray());
        Assert.Equal((large.Id, 17_500), (payout.GetProperty("ownerId").GetGuid(), payout.Amount("amount")));

        var cancelled = await (await admin.Client.Post($"/api/v1/payouts/{payout.Id()}/cancel")).Body();
        Assert.Equal("cancelled", cancelled.Text("status"));
        foreach (var verb in (string[])["paid", "cancel"])
            Assert.Equal("invalid_transition", await (await admin.Client.Post($"/api/v1/payouts/{payout.Id()}/{verb}")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(["open 17500", "inPayout 0", "paid 0"], await Sums(large), StringComparer.Ordinal);
        var empty = await (await admin.Client.Get($"{Batches}/{batch.Id()}")).Body();
        Assert.Equal((0, 1, 0), (empty.GetProperty("pendingCount").GetInt32(), empty.GetProperty("cancelledCount").GetInt32(), empty.GetProperty("totals").GetArrayLength()));

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var next = await (await admin.Client.Post(Batches, new { })).Body(HttpStatusCode.Created);
        Assert.Equal([small.Id, large.Id], next.GetProperty("payouts").EnumerateArray().Select(one => one.GetProperty("ownerId").GetGuid()).Order());
        Assert.Equal([next.Id(), batch.Id()], (await Ids(admin.Client, Batches))[..2]);
        Assert.Equal("not_found", await (await admin.Client.Post($"/api/v1/payouts/{Guid.CreateVersion7()}/paid")).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Whoever_asks_at_the_same_time_takes_nothing_twice_and_pays_nothing_twice()
    {
        await NothingWaits();
        var admin = await app.Admin();
        await using var other = await app.StartBeside();
        var owners = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => app.Owner()));
        foreach (var owner in owners)
            await Earned(owner);

        var (here, there) = (admin.Client, other.ClientFor(admin.Client));
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(at => (at % 2 == 0 ? here : there).Post(Batches, new { })));
        var batch = await Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created).Body(HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.Created), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        Assert.Superset(owners.Select(owner => owner.Id).ToHashSet(), batch.GetProperty("payouts").EnumerateArray().Select(one => one.GetProperty("ownerId").GetGuid()).ToHashSet());

        var payouts = batch.GetProperty("payouts").EnumerateArray().Select(one => one.Id()).ToList();
        var verbs = await Task.WhenAll(Enumerable.Range(0, 12).Select(at => (at % 2 == 0 ? here : there).Post(at % 4 < 2 ? $"/api/v1/payouts/{payouts[0]}/paid" : $"/api/v1/payouts/{payouts[0]}/cancel")));
        Assert.Single(verbs, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.All(verbs.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(at => (at % 2 == 0 ? here : there).Post($"{Batches}/{batch.Id()}/paid")));
        var (paid, booked) = (await app.Scalar<long>($"select sum(amount)::bigint from booking.payouts where status = 'paid'"), -await app.Stands("bank"));
        Assert.Equal(paid, booked);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.payouts p where p.status <> 'cancelled' and p.amount <> (select sum(e.amount) from booking.earnings e where e.payout_id = p.id)"));
        Assert.Empty(await app.Differences());
    }

    /// <summary>What tests before have left is in a payout.</summary>
    private async Task NothingWaits() => await (await app.Admin()).Client.Post(Batches, new { });

    /// <summary>A booking of a day, over and earned: 100.00 less 12.5 %.</summary>
    private async Task<JsonElement> Earned(Party owner, string currency = "BRL")
    {
        var renter = await app.Renter();
        var booking = await app.Confirmed(renter.Client, await app.Listing(owner.Id, currency: currency), Day(1), Day(1));
        await app.Later(TimeSpan.FromDays(3));
        Assert.Equal("completed", (await renter.Client.Booking(booking.Id())).Text("status"));
        return booking;
    }

    /// <summary>A batch of all that is owed, and what an owner gets of it.</summary>
    private static async Task<(Guid Batch, long Amount)> Batch(Party admin, Party owner)
    {
        var batch = await (await admin.Client.Post(Batches, new { })).Body(HttpStatusCode.Created);
        return (batch.Id(), batch.GetProperty("payouts").EnumerateArray().Single(one => one.GetProperty("ownerId").GetGuid() == owner.Id).Amount("amount"));
    }

    private static async Task<string[]> Sums(Party owner)
    {
        var sums = Assert.Single((await (await owner.Client.Get("/api/v1/earnings/mine/summary")).Body()).GetProperty("currencies").EnumerateArray());
        return [.. ((string[])["open", "inPayout", "paid"]).Select(name => $"{name} {sums.Amount(name)}")];
    }

    private static async Task<List<Guid>> Ids(HttpClient client, string path) => [.. (await (await client.Get(path)).Body()).GetProperty("data").EnumerateArray().Select(row => row.Id())];
}
