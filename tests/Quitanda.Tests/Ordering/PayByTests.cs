using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using static Quitanda.Tests.Ordering.Stores.AStore;

namespace Quitanda.Tests.Ordering;

/// <summary>Until when an order for as soon as can be may be paid. The clock of the tests begins at noon of a Wednesday in São Paulo, 2026-03-04T15:00Z.</summary>
public sealed class PayByTests(Shop shop) : IClassFixture<Shop>
{
    private const string Orders = "/api/v1/orders";

    [Fact]
    public async Task It_is_paid_while_the_store_would_still_take_it_so_or_at_once_and_is_handed_over_in_time()
    {
        var now = shop.Clock.GetUtcNow();
        Assert.Equal(At("2026-03-04T15:00:00Z"), now);
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 100, price: 1000));
        foreach (var (but, minutes) in ((object, int)[])[
            (new { }, 30),
            (new { openingHours = Wednesday("10:00", "18:00"), pickup = new { isOffered = true, leadMinutes = 30 } }, 30),
            (new { openingHours = Wednesday("10:00", "12:20"), pickup = new { isOffered = true, leadMinutes = 30 } }, 20),
            (new { openingHours = Wednesday("10:00", "12:30"), lastOrderMinutes = 15 }, 15),
            (new { openingHours = Wednesday("10:00", "12:03") }, 5),
            (new { pickup = new { isOffered = true, leadMinutes = 30, hours = Wednesday("10:00", "12:40") } }, 10),
            (new { pickup = new { isOffered = true, leadMinutes = 30, hours = Wednesday("10:00", "12:32") } }, 5),
            (new { openingHours = Wednesday("10:00", "12:08"), pickup = new { isOffered = true, leadMinutes = 30, hours = Wednesday("10:00", "12:40") } }, 8),
            (new { slots = new { minutes = 30, pickupCapacity = 50 }, pickup = new { isOffered = true, leadMinutes = 20 } }, 10)])
        {
            await Change(but);
            Assert.Equal(now.AddMinutes(minutes), (await Place(customer, product)).GetProperty("expiresAt").GetDateTimeOffset());
        }

        Assert.Equal(JsonValueKind.Null, (await Place(customer, product, "manual")).GetProperty("expiresAt").ValueKind);

        // Paid in time, it is ready within the hours; the other lapses.
        await Change(new { pickup = new { isOffered = true, leadMinutes = 30, hours = Wednesday("10:00", "12:40") } });
        var (paid, unpaid) = (await Place(customer, product), await Place(customer, product));
        shop.Clock.Advance(TimeSpan.FromMinutes(9));
        var payment = (await (await customer.Client.Post("/api/v1/payments", new { orderId = paid.Id(), provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await (await customer.Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
        shop.Clock.Advance(TimeSpan.FromMinutes(3));
        await shop.InScope(async provider =>
        {
            await ActivatorUtilities.CreateInstance<LapseOrders>(provider).Handle(new(shop.Clock.GetUtcNow()), TestContext.Current.CancellationToken);
            return true;
        });
        await shop.RunJobs();
        var (taken, gone) = (await Shown(customer, paid), await Shown(customer, unpaid));
        Assert.Equal(("confirmed", now.AddMinutes(39)), (taken.Text("status"), taken.GetProperty("readyAt").GetDateTimeOffset()));
        Assert.Equal(("cancelled", "lapsed"), (gone.Text("status"), gone.Text("cancelReason")));
    }

    [Fact]
    public void Where_the_first_slot_is_full_it_is_paid_in_time_for_the_one_that_is_taken()
    {
        var terms = Terms(Always, new(Pickup: new(LeadMinutes: 20), Slots: new(30, PickupCapacity: 1)));
        var promise = terms.JudgeTime(Fulfillment.Pickup, null, At("2026-03-02T14:05:00Z")).Promise!;
        Assert.Equal(["03-02T14:10", "03-02T14:40", "03-02T15:10"], promise.Slots.Take(3).Select(slot => Hour(promise.In(slot).PayBy!.Value)), StringComparer.Ordinal);
    }

    private static async Task<JsonElement> Shown(Shop.Person customer, JsonElement order) => await (await customer.Client.Get($"{Orders}/{order.Id()}")).Body();

    private Task<JsonElement> Place(Shop.Person customer, Guid product, string paymentMethod = "online") =>
        shop.Place(customer, new { items = Shop.Lines((product, 1)), fulfillment = "pickup", paymentMethod });

    private static object[] Wednesday(string opens, string closes) => [new { day = "wednesday", opens, closes }];

    private async Task Change(object but)
    {
        var store = JsonSerializer.SerializeToNode(Things.Store())!.AsObject();
        store["timeZone"] = SaoPaulo;
        foreach (var (name, value) in JsonSerializer.SerializeToNode(but)!.AsObject())
            store[name] = value?.DeepClone();
        await (await (await shop.Staff()).Client.Send(HttpMethod.Put, "/api/v1/store", store.ToJsonString())).Body();
    }
}
