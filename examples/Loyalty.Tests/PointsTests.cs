using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering;
using Quitanda.Platform;
using Quitanda.Tests.Ordering;

namespace Loyalty.Tests;

public sealed class PointsTests(LoyaltyApp app) : IClassFixture<LoyaltyApp>
{
    private const string Mine = "/api/v1/loyalty/mine";

    [Fact]
    public async Task An_order_gives_a_point_for_each_whole_real_once_it_is_delivered_and_never_again()
    {
        var ana = await app.Customer();
        var order = await app.Place(ana, price: 1095);
        await app.RunJobs();
        Assert.Equal(0, await PointsOf(ana));

        await Deliver(order.Id());
        Assert.Equal(21, await PointsOf(ana));

        // The same fact again, and one that comes late.
        await Tell(new OrderStatusChanged(order.Id(), 1, ana.Id, "delivered"));
        await Tell(new OrderStatusChanged(order.Id(), 1, ana.Id, "preparing"));
        Assert.Equal(21, await PointsOf(ana));
        Assert.Equal([("earned", 21L)], await EntriesOf(ana));
    }

    [Fact]
    public async Task Points_are_taken_back_once_when_the_money_goes_back()
    {
        var ana = await app.Customer();
        var order = await app.Place(ana, price: 1000);
        await Deliver(order.Id());
        await Refund(order.Id());
        Assert.Equal(0, await PointsOf(ana));

        await Tell(new OrderPaymentChanged(order.Id(), ana.Id, "refunded"));
        await Tell(new OrderStatusChanged(order.Id(), 1, ana.Id, "delivered"));
        Assert.Equal([("taken_back", -20L), ("earned", 20L)], await EntriesOf(ana));
    }

    [Fact]
    public async Task An_order_that_is_called_off_gives_none()
    {
        var ana = await app.Customer();
        var order = await app.Place(ana);
        await (await ana.Client.Post($"/api/v1/orders/{order.Id()}/cancel")).Body();
        await app.RunJobs();
        Assert.Empty(await EntriesOf(ana));
    }

    [Fact]
    public async Task Points_expire_after_a_year_and_what_was_used_was_the_oldest()
    {
        var ana = await app.Customer();
        await Adjust(ana, 100);
        await Later(TimeSpan.FromDays(200));
        await Adjust(ana, 50);
        await Adjust(ana, -30);
        await Later(TimeSpan.FromDays(164));
        Assert.Equal(120, await PointsNow(ana));

        await Later(TimeSpan.FromDays(2));
        Assert.Equal(50, await PointsNow(ana));
        await Later(TimeSpan.FromDays(1));
        Assert.Equal(50, await PointsNow(ana));
        await Later(TimeSpan.FromDays(365));
        Assert.Equal(0, await PointsNow(ana));
    }

    [Fact]
    public async Task Points_that_were_taken_back_are_no_use_of_others()
    {
        var ana = await app.Customer();
        var (first, second) = (await app.Place(ana, price: 5000), await app.Place(ana, price: 2500));
        await Deliver(first.Id());
        await Later(TimeSpan.FromDays(300));
        await Deliver(second.Id());
        await Refund(second.Id());
        Assert.Equal(100, await PointsNow(ana));
        await Later(TimeSpan.FromDays(66));
        Assert.Equal(0, await PointsNow(ana));
    }

    [Fact]
    public async Task What_has_expired_is_not_taken_back_once_more_and_what_was_used_is()
    {
        var ana = await app.Customer();
        var order = await app.Place(ana, price: 1000);
        await Deliver(order.Id());
        await Adjust(ana, -5);
        await Later(TimeSpan.FromDays(366));
        Assert.Equal(0, await PointsNow(ana));
        await Refund(order.Id());
        Assert.Equal(-5, await PointsNow(ana));
        await Adjust(ana, 10);
        await Later(TimeSpan.FromDays(366));
        Assert.Equal(0, await PointsNow(ana));
    }

    [Fact]
    public async Task Nobody_who_is_erased_gets_points_again()
    {
        var ana = await app.Customer();
        var order = await app.Place(ana, price: 1000);
        await Deliver(order.Id());
        await Erase(ana);
        await Refund(order.Id(), amount: 100);
        Assert.Equal(0, await app.WithDb(db => db.ReadFirst($"select count(*) from loyalty.entries where person_id = {ana.Id}", row => row.GetInt64(0), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Of_two_admins_who_take_the_last_points_one_is_refused()
    {
        var ana = await app.Customer();
        await Adjust(ana, 10);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await (await app.Admin()).Post(AdjustmentsOf(ana), new { points = -10, reason = "Brinde" })));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK))
            await refused.Refusal(HttpStatusCode.Conflict, "not_enough_points");
        Assert.Equal(0, await PointsNow(ana));
    }

    [Fact]
    public async Task An_adjustment_is_for_admins_has_a_reason_and_is_in_the_audit_log()
    {
        var (ana, admin) = (await app.Customer(), await app.Admin());
        Assert.Equal(HttpStatusCode.Forbidden, (await ana.Client.Post(AdjustmentsOf(ana), new { points = 5, reason = "Para mim" })).StatusCode);
        Assert.Equal(["reason"], await (await admin.Post(AdjustmentsOf(ana), new { points = 5, reason = "" })).Wrong());
        Assert.Equal(["points"], await (await admin.Post(AdjustmentsOf(ana), new { points = 0, reason = "Nada" })).Wrong());
        Assert.Equal(HttpStatusCode.NotFound, (await admin.Post($"/api/v1/loyalty/people/{Guid.CreateVersion7()}/adjustments", new { points = 5, reason = "Ninguém" })).StatusCode);

        await Adjust(ana, 5);
        var row = (await (await admin.Get($"/api/v1/audit-log?person={ana.Id}&action=AdjustPoints")).Body()).GetProperty("data").EnumerateArray().Single();
        Assert.Equal((0, 5), (row.GetProperty("before").GetProperty("points").GetInt32(), row.GetProperty("after").GetProperty("points").GetInt32()));
    }

    [Fact]
    public async Task Points_are_given_out_to_their_person_alone_and_go_with_them()
    {
        var (ana, bia) = (await app.Customer(), await app.Customer());
        await Adjust(ana, 7);
        Assert.Equal((7, 0), (await PointsOf(ana), await PointsOf(bia)));
        Assert.Equal(7, (await (await ana.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("loyaltyPoints")[0].GetProperty("points").GetInt32());

        await Erase(ana);
        Assert.Equal(0, await app.WithDb(db => db.ReadFirst($"select count(*) from loyalty.entries where person_id = {ana.Id}", row => row.GetInt64(0), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public Task What_is_mapped_is_in_the_database() => app.WithDb(async db =>
    {
        foreach (var entity in db.Model.GetEntityTypes().Where(entity => entity.GetSchema() == "loyalty"))
            await db.Execute(Sql.Raw($"select {string.Join(", ", entity.GetProperties().Select(property => property.GetColumnName()))} from loyalty.{entity.GetTableName()}"), TestContext.Current.CancellationToken);
        return true;
    });

    private static string AdjustmentsOf(Shop.Person person) => $"/api/v1/loyalty/people/{person.Id}/adjustments";

    private static async Task<int> PointsOf(Shop.Person person) => (await (await person.Client.Get(Mine)).Body()).GetProperty("points").GetInt32();

    private static async Task<(string?, long)[]> EntriesOf(Shop.Person person) =>
        [.. (await (await person.Client.Get($"{Mine}/entries?limit=100")).Body()).GetProperty("data").EnumerateArray().Select(entry => (entry.Text("kind"), entry.GetProperty("points").GetInt64()))];

    /// <summary>As an admin of now sees them: tokens are short-lived, and tests move the clock.</summary>
    private async Task<int> PointsNow(Shop.Person person) => (await (await (await app.Admin()).Get($"/api/v1/loyalty/people/{person.Id}")).Body()).GetProperty("points").GetInt32();

    private async Task Adjust(Shop.Person person, int points) => await (await (await app.Admin()).Post(AdjustmentsOf(person), new { points, reason = "Brinde" })).Body();

    /// <summary>Lets time pass, and what is due by then happen. A tick stands for its own hour: the one that was waiting knows nothing of the days since, the next one does.</summary>
    private async Task Later(TimeSpan by)
    {
        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(TestContext.Current.CancellationToken);
        app.Clock.Advance(by);
        await app.RunJobs();
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.RunJobs();
    }

    private Task<bool> Erase(Shop.Person person) => app.InScope(async scope =>
    {
        await scope.GetRequiredService<Erasure>().Erase(person.Id, TestContext.Current.CancellationToken);
        return true;
    });

    private async Task Refund(Guid order, int? amount = null)
    {
        var staff = (await app.Staff()).Client;
        var payment = (await (await staff.Get($"/api/v1/payments?orderId={order}")).Body()).GetProperty("data")[0].Id();
        await (await staff.Post($"/api/v1/payments/{payment}/refunds", new { amount = amount is { } part ? new { amount = part, currency = "BRL" } : null, reason = "Fria" })).Body(HttpStatusCode.Created);
        await app.RunJobs();
    }

    private async Task Tell<T>(T fact) where T : notnull
    {
        await app.WithDb(db =>
        {
            db.Publish(fact);
            return Task.FromResult(true);
        });
        await app.RunJobs();
    }

    /// <summary>Takes an order all the way, and the money with it.</summary>
    private async Task Deliver(Guid order)
    {
        var staff = (await app.Staff()).Client;
        foreach (var step in (string[])["confirm", "prepare", "ready", "deliver"])
            await (await staff.Post($"/api/v1/orders/{order}/{step}")).Body();
        await app.RunJobs();
    }
}

public sealed class WithoutLoyaltyTests(AppWithoutLoyalty app) : IClassFixture<AppWithoutLoyalty>
{
    [Fact]
    public async Task A_module_from_outside_is_turned_off_as_any_other()
    {
        var ana = await app.Customer();
        await (await ana.Client.Get("/api/v1/loyalty/mine")).Refusal(HttpStatusCode.NotFound, "not_found");
        Assert.False(JsonDocument.Parse(await (await ana.Client.Get("/openapi/v1.json")).Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement
            .GetProperty("paths").TryGetProperty("/api/v1/loyalty/mine", out _));
    }
}
