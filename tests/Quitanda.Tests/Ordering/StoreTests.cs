using System.Net;

namespace Quitanda.Tests.Ordering;

public sealed class StoreTests(Shop shop) : IClassFixture<Shop>
{
    [Fact]
    public async Task A_guest_sees_the_store_and_sees_a_change_of_staff_at_once()
    {
        await shop.ChangeStore(fee: 600);
        Assert.Equal(600, FeeOf(await (await shop.Guest.Get("/api/v1/store")).Body()));

        await shop.ChangeStore(fee: 750);

        var store = await (await shop.Guest.Get("/api/v1/store")).Body();
        Assert.Equal(750, FeeOf(store));
        Assert.Equal(("Vai Coxinha", "BRL", "America/Sao_Paulo"), (store.Text("name"), store.Text("currency"), store.Text("timeZone")));
        Assert.Equal(7, store.GetProperty("openingHours").GetArrayLength());
        Assert.True(store.GetProperty("acceptingOrders").GetBoolean());
    }

    [Fact]
    public async Task Only_staff_change_the_store()
    {
        await (await shop.Guest.Send(HttpMethod.Put, "/api/v1/store", AStore())).Refusal(HttpStatusCode.Unauthorized, "unauthenticated");
        await (await (await shop.Customer()).Client.Send(HttpMethod.Put, "/api/v1/store", AStore())).Refusal(HttpStatusCode.Forbidden, "forbidden");
    }

    [Theory]
    [InlineData("timeZone", "\"Mars/Olympus\"", "timeZone")]
    [InlineData("timeZone", "\"../../etc/passwd\"", "timeZone")]
    [InlineData("timeZone", "\"E. South America Standard Time\"", "timeZone")]
    [InlineData("currency", "\"XXX\"", "currency")]
    [InlineData("name", "\"\"", "name")]
    [InlineData("openingHours", """[{ "day": "monday", "opens": "8:00", "closes": "12:00" }]""", "openingHours[0].opens")]
    [InlineData("openingHours", """[{ "day": "monday", "opens": "24:00", "closes": "12:00" }]""", "openingHours[0].opens")]
    [InlineData("openingHours", """[{ "day": "monday", "opens": "08:00", "closes": "24:01" }]""", "openingHours[0].closes")]
    [InlineData("openingHours", """[{ "day": "someday", "opens": "08:00", "closes": "12:00" }]""", "openingHours[0].day")]
    [InlineData("deliveryZones", "[]", "deliveryZones")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "postalCodePrefixes": [] }]""", "deliveryZones[0].postalCodePrefixes")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "postalCodePrefixes": ["01", " - "] }]""", "deliveryZones[0].postalCodePrefixes[1]")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "postalCodePrefixes": [null] }]""", "deliveryZones[0].postalCodePrefixes[0]")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "radiusKm": 3 }]""", "location")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "radiusKm": 3, "postalCodePrefixes": ["01"] }]""", "deliveryZones[0].radiusKm")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "radiusKm": 0 }]""", "deliveryZones[0].radiusKm")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "freeFrom": { "amount": 1, "currency": "USD" } }]""", "deliveryZones[0].freeFrom.currency")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "USD" } }]""", "deliveryZones[0].fee.currency")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": -1, "currency": "BRL" } }]""", "deliveryZones[0].fee.amount")]
    [InlineData("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "minimumOrder": { "amount": 1, "currency": "USD" } }]""", "deliveryZones[0].minimumOrder.currency")]
    [InlineData("holidays", """[{ "date": "2026-12-25" }, { "date": "2026-12-25" }]""", "holidays[1].date")]
    [InlineData("holidays", """[{ "date": "2026-02-30" }]""", "holidays[0].date")]
    [InlineData("holidays", """[{ "date": "2026-12-24", "hours": [{ "opens": "9:00", "closes": "14:00" }] }]""", "holidays[0].hours[0].opens")]
    [InlineData("pickup", """{ "isOffered": true, "leadMinutes": -1 }""", "pickup.leadMinutes")]
    [InlineData("delivery", """{ "isOffered": true, "hours": [{ "day": "monday", "opens": "09:00", "closes": "25:00" }] }""", "delivery.hours[0].closes")]
    [InlineData("lastOrderMinutes", "-1", "lastOrderMinutes")]
    [InlineData("daysAhead", "366", "daysAhead")]
    [InlineData("slots", """{ "minutes": 7 }""", "slots.minutes")]
    [InlineData("slots", """{ "minutes": 4 }""", "slots.minutes")]
    [InlineData("slots", """{ "minutes": 30, "pickupCapacity": 0 }""", "slots.pickupCapacity")]
    [InlineData("location", """{ "lat": 90.1, "lng": 0 }""", "location.lat")]
    public async Task What_a_store_cannot_be_is_a_400_that_names_the_field(string member, string value, string field)
    {
        var staff = await shop.Staff();
        Assert.Equal([field], await (await staff.Client.Send(HttpMethod.Put, "/api/v1/store", AStore(member, value))).Wrong());
    }

    [Fact]
    public async Task A_store_may_be_closed_for_good_and_deliver_from_a_minimum_on()
    {
        var store = await (await (await shop.Staff()).Client.Send(HttpMethod.Put, "/api/v1/store",
            AStore("deliveryZones", """[{ "fee": { "amount": 1, "currency": "BRL" }, "minimumOrder": { "amount": 2000, "currency": "BRL" }, "postalCodePrefixes": null }]"""))).Body();

        Assert.Equal(0, store.GetProperty("openingHours").GetArrayLength());
        Assert.Equal(2000, store.GetProperty("deliveryZones")[0].Amount("minimumOrder"));
    }

    private static long FeeOf(System.Text.Json.JsonElement store) => store.GetProperty("deliveryZones")[0].Amount("fee");

    private static string AStore(string member = "name", string value = "\"Quitanda\"")
    {
        Dictionary<string, string> members = new(StringComparer.Ordinal)
        {
            ["name"] = "\"Quitanda\"",
            ["currency"] = "\"BRL\"",
            ["timeZone"] = "\"America/Sao_Paulo\"",
            ["openingHours"] = "[]",
            ["deliveryZones"] = """[{ "fee": { "amount": 1, "currency": "BRL" } }]""",
            ["acceptingOrders"] = "true",
            [member] = value,
        };
        return $"{{ {string.Join(", ", members.Select(pair => $"\"{pair.Key}\": {pair.Value}"))} }}";
    }
}
