using System.Net;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering.Stores;

/// <summary>A store's day through the front door. The clock of the tests begins at noon of a Wednesday in São Paulo, 2026-03-04T15:00Z.</summary>
public sealed class StoreDayTests(Shop shop) : IClassFixture<Shop>
{
    private const string Store = "/api/v1/store";
    private const string Orders = "/api/v1/orders";

    private static readonly string[] Centre = ["01-0"];

    [Fact]
    public async Task A_pause_refuses_orders_until_it_ends_by_itself_or_is_ended()
    {
        await Change();
        var (staff, customer, product) = (await shop.Staff(), await shop.Customer(), await shop.Product(stock: 10, price: 1000));
        var now = shop.Clock.GetUtcNow();
        Assert.True((await Times()).GetProperty("isOpen").GetBoolean());

        var paused = await (await staff.Client.Post($"{Store}/pause", new { minutes = 30, reason = "Faltou luz." })).Body();
        Assert.Equal((now.AddMinutes(30), "Faltou luz."), (paused.GetProperty("pausedUntil").GetDateTimeOffset(), paused.Text("pauseReason")));
        // The kept answer of before is gone.
        Assert.Equal("Faltou luz.", (await (await shop.Guest.Get(Store)).Body()).Text("pauseReason"));
        var refusal = await (await customer.Client.Post(Orders, Shop.Pickup((product, 1)))).Refusal(HttpStatusCode.Conflict, "store_closed");
        Assert.Equal(("paused", now.AddMinutes(30)), (refusal.Text("rule"), refusal.GetProperty("opensAt").GetDateTimeOffset()));
        var times = await Times();
        Assert.Equal((false, "paused", now.AddMinutes(30)), (times.GetProperty("isOpen").GetBoolean(), times.Text("rule"), times.GetProperty("opensAt").GetDateTimeOffset()));
        Assert.Equal(10, await shop.StockOf(product));
        await shop.Place(customer, For(product, now.AddMinutes(30)));

        shop.Clock.Advance(TimeSpan.FromMinutes(30));
        customer = await shop.Customer();
        await shop.Place(customer, Shop.Pickup((product, 1)));
        Assert.True((await Times()).GetProperty("isOpen").GetBoolean());

        // Nothing at all is until it is resumed.
        staff = await shop.Staff();
        Assert.Equal(JsonValueKind.Null, (await (await staff.Client.Post($"{Store}/pause")).Body()).GetProperty("pausedUntil").ValueKind);
        Assert.Equal("paused", (await (await customer.Client.Post(Orders, For(product, shop.Clock.GetUtcNow().AddDays(2)))).Refusal(HttpStatusCode.Conflict, "store_closed")).Text("rule"));
        // Changing the store leaves what was said during the day.
        await Change();
        Assert.Equal(JsonValueKind.String, (await (await shop.Guest.Get(Store)).Body()).GetProperty("pausedAt").ValueKind);
        var resumed = await (await staff.Client.Post($"{Store}/resume")).Body();
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (resumed.GetProperty("pausedAt").ValueKind, resumed.GetProperty("pauseReason").ValueKind));
        await (await staff.Client.Post($"{Store}/resume")).Body();
        await shop.Place(customer, Shop.Pickup((product, 1)));
    }

    [Fact]
    public async Task Busy_puts_off_what_is_promised_and_ends_by_itself()
    {
        await Change(new { pickup = new { isOffered = true, leadMinutes = 20 } });
        var (staff, customer, product) = (await shop.Staff(), await shop.Customer(), await shop.Product(stock: 10, price: 1000));
        var now = shop.Clock.GetUtcNow();
        Assert.Equal(now.AddMinutes(20), await ReadyAt());

        var busy = await (await staff.Client.Post($"{Store}/busy", new { minutes = 25, until = now.AddMinutes(45) })).Body();
        Assert.Equal((25, now.AddMinutes(45)), (busy.GetProperty("busyMinutes").GetInt32(), busy.GetProperty("busyUntil").GetDateTimeOffset()));
        Assert.Equal(now.AddMinutes(45), await ReadyAt());
        var early = await (await customer.Client.Post(Orders, For(product, now.AddMinutes(44)))).Refusal(HttpStatusCode.Conflict, "too_soon");
        Assert.Equal(now.AddMinutes(45), early.GetProperty("earliest").GetDateTimeOffset());
        await shop.Place(customer, For(product, now.AddMinutes(45)));

        shop.Clock.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(shop.Clock.GetUtcNow().AddMinutes(20), await ReadyAt());
        await (await (await shop.Staff()).Client.Post($"{Store}/busy", new { minutes = 60 })).Body();
        Assert.Equal(shop.Clock.GetUtcNow().AddMinutes(80), await ReadyAt());
        await (await (await shop.Staff()).Client.Post($"{Store}/busy", new { minutes = 0 })).Body();
        Assert.Equal(shop.Clock.GetUtcNow().AddMinutes(20), await ReadyAt());
    }

    [Theory]
    [InlineData("pause", """{ "minutes": 10, "until": "2026-03-05T15:00:00Z" }""", "until")]
    [InlineData("pause", """{ "until": "2026-03-04T14:00:00Z" }""", "until")]
    [InlineData("pause", """{ "until": "2026-06-04T14:00:00Z" }""", "until")]
    [InlineData("pause", """{ "minutes": 0 }""", "minutes")]
    [InlineData("pause", """{ "reason": "" }""", "reason")]
    [InlineData("busy", """{ "minutes": 241 }""", "minutes")]
    [InlineData("busy", """{ "minutes": 10, "until": "2026-03-04T14:00:00Z" }""", "until")]
    [InlineData("busy", "{}", "minutes")]
    public async Task What_cannot_be_said_during_the_day_is_a_400_that_names_the_field(string what, string body, string field) =>
        Assert.Equal([field], await (await (await shop.Staff()).Client.Post($"{Store}/{what}", body)).Wrong());

    [Fact]
    public async Task A_day_shows_its_slots_and_orders_fill_them()
    {
        await Change(new
        {
            openingHours = new[] { new { day = "friday", opens = "18:00", closes = "20:00" } },
            holidays = new object[] { new { date = "2026-03-13", hours = new[] { new { opens = "12:00", closes = "13:00" } }, name = "Aniversário" }, new { date = "2026-03-20" } },
            slots = new { minutes = 30, pickupCapacity = 2, deliveryCapacity = (int?)null },
        });
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 10, price: 1000));

        var day = await Slots("fulfillment=pickup&date=2026-03-06");
        Assert.Equal(("2026-03-06", "pickup", 30), (day.Text("date"), day.Text("fulfillment"), day.GetProperty("minutes").GetInt32()));
        Assert.Equal("21:00-21:30 21:30-22:00 22:00-22:30 22:30-23:00", Shown(day));
        Assert.Equal("2026-03-06T21:00:00.000000Z", Assert.Single(day.GetProperty("hours").EnumerateArray()).Text("start"));
        // How many places are left is nobody's business.
        Assert.Equal(["start", "end", "isAvailable", "reason"], day.GetProperty("slots")[0].EnumerateObject().Select(member => member.Name), StringComparer.Ordinal);

        var friday = DateTimeOffset.Parse("2026-03-06T21:30:00Z", System.Globalization.CultureInfo.InvariantCulture);
        await shop.Place(customer, For(product, friday));
        await shop.Place(customer, For(product, friday.AddMinutes(29)));
        Assert.Equal("21:00-21:30 21:30-22:00:full 22:00-22:30 22:30-23:00", Shown(await Slots("fulfillment=pickup&date=2026-03-06")));
        Assert.Equal("21:00-21:30 21:30-22:00 22:00-22:30 22:30-23:00", Shown(await Slots("fulfillment=delivery&date=2026-03-06")));

        var taken = await (await customer.Client.Post(Orders, For(product, friday.AddMinutes(10)))).Refusal(HttpStatusCode.Conflict, "slot_taken");
        Assert.Equal(friday.AddMinutes(30), taken.GetProperty("nextFree").GetDateTimeOffset());
        Assert.Equal(8, await shop.StockOf(product));

        Assert.Equal("15:00-15:30 15:30-16:00", Shown(await Slots("date=2026-03-13")));
        Assert.Equal("", Shown(await Slots("date=2026-03-20")));
        Assert.Equal("holiday", (await (await customer.Client.Post(Orders, For(product, DateTimeOffset.Parse("2026-03-20T21:30:00Z", System.Globalization.CultureInfo.InvariantCulture)))).Refusal(HttpStatusCode.Conflict, "store_closed")).Text("rule"));
        Assert.Equal(["date"], await (await shop.Guest.Get($"{Store}/slots?date=2027-03-06")).Wrong());
        Assert.Equal(["date"], await (await shop.Guest.Get($"{Store}/slots?date=0001-01-01")).Wrong());
        Assert.Equal(["date"], await (await shop.Guest.Get($"{Store}/slots?date=9999-12-31")).Wrong());
        Assert.Equal(["fulfillment"], await (await shop.Guest.Get($"{Store}/slots?fulfillment=pigeon")).Wrong());
    }

    [Fact]
    public async Task Orders_for_now_go_on_to_the_next_slot_until_the_day_is_full()
    {
        // What others wanted for today has its places, too.
        var staff = (await shop.Staff()).Client;
        foreach (var open in (await (await staff.Get($"{Orders}?status=pending&limit=100")).Body()).GetProperty("data").EnumerateArray())
            await (await staff.Post($"{Orders}/{open.Id()}/cancel")).Body();
        // Two slots of today are left: that of now and the next.
        var now = shop.Clock.GetUtcNow();
        var wall = TimeZoneInfo.ConvertTime(now, TimeZoneInfo.FindSystemTimeZoneById(AStore.SaoPaulo));
        var (hour, day) = (wall.Hour, wall.DayOfWeek.Name());
        await Change(new { openingHours = new[] { new { day, opens = $"{hour:00}:00", closes = $"{hour + 2:00}:00" } }, slots = new { minutes = 60, pickupCapacity = 1 } });
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 10, price: 1000));
        try
        {
            await shop.Place(customer, Shop.Pickup((product, 1)));
            await shop.Place(customer, Shop.Pickup((product, 1)));
            var refusal = await (await customer.Client.Post(Orders, Shop.Pickup((product, 1)))).Refusal(HttpStatusCode.Conflict, "slot_taken");
            Assert.Equal(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerHour)).AddDays(7), refusal.GetProperty("nextFree").GetDateTimeOffset());
            Assert.Equal(8, await shop.StockOf(product));
        }
        finally
        {
            await Change();
        }
    }

    [Fact]
    public async Task Delivery_costs_what_the_cheapest_zone_of_the_address_asks()
    {
        static object Fee(long amount) => new { amount, currency = "BRL" };
        await Change(new
        {
            location = new { lat = -23.5513, lng = -46.6344 },
            deliveryZones = new object[]
            {
                new { fee = Fee(700), postalCodePrefixes = Centre, name = "Centro", freeFrom = Fee(5000) },
                new { fee = Fee(400), radiusKm = 3.0, minimumOrder = Fee(2000), name = "Perto" },
            },
        });
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 100, price: 1000));
        Assert.Equal(700, (await shop.Place(customer, To(product, 2, Shop.Address()))).Amount("deliveryFee"));
        Assert.Equal(0, (await shop.Place(customer, To(product, 5, Shop.Address()))).Amount("deliveryFee"));

        // An address of the customer's own says where it is on the globe.
        var near = (await (await customer.Client.Post("/api/v1/users/me/addresses", Saved("04000-000", -23.5614, -46.6559))).Body(HttpStatusCode.Created)).Id();
        Assert.Equal(400, (await shop.Place(customer, new { items = Shop.Lines((product, 2)), fulfillment = "delivery", addressId = near })).Amount("deliveryFee"));
        var little = await (await customer.Client.Post(Orders, new { items = Shop.Lines((product, 1)), fulfillment = "delivery", addressId = near })).Refusal(HttpStatusCode.Conflict, "below_minimum_order");
        Assert.Equal((2000, 1000), (little.Amount("minimumOrder"), little.Amount("subtotal")));
        var far = (await (await customer.Client.Post("/api/v1/users/me/addresses", Saved("04000-000", -22.9519, -43.2105))).Body(HttpStatusCode.Created)).Id();
        await (await customer.Client.Post(Orders, new { items = Shop.Lines((product, 2)), fulfillment = "delivery", addressId = far })).Refusal(HttpStatusCode.Conflict, "outside_delivery_area");
        Assert.Equal(100 - 2 - 5 - 2, await shop.StockOf(product));

        await Change(new { delivery = new { isOffered = false }, deliveryZones = Array.Empty<object>() });
        await (await customer.Client.Post(Orders, To(product, 2, Shop.Address()))).Refusal(HttpStatusCode.Conflict, "fulfillment_not_offered");
        await shop.Place(customer, Shop.Pickup((product, 1)));
    }

    [Fact]
    public async Task What_delivery_costs_is_said_to_anybody_without_a_cart()
    {
        static object Fee(long amount) => new { amount, currency = "BRL" };
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 100, price: 1000));
        await Change(new
        {
            location = new { lat = -23.5513, lng = -46.6344 },
            deliveryZones = new object[]
            {
                new { fee = Fee(700), postalCodePrefixes = Centre, name = "Centro", freeFrom = Fee(5000) },
                new { fee = Fee(400), radiusKm = 3.0, minimumOrder = Fee(2000), name = "Perto" },
            },
        });
        Assert.Equal("Centro 700 0 5000", await Asked("postalCode=01012-010"));
        Assert.Equal("Perto 400 2000 0, Centro 700 0 5000", await Asked("postalCode=01012010&lat=-23.5614&lng=-46.6559"));
        Assert.Equal("Perto 400 2000 0", await Asked("lat=-23.5614&lng=-46.6559"));
        Assert.Equal("outside_delivery_area location_unknown", await Asked("postalCode=04000-000"));
        Assert.Equal("outside_delivery_area postal_code_unknown", await Asked("lat=-22.9519&lng=-43.2105"));
        Assert.Equal("outside_delivery_area delivery_zones", await Asked("postalCode=04000-000&lat=-22.9519&lng=-43.2105"));
        // An order is told the same.
        Assert.Equal("location_unknown", (await (await customer.Client.Post(Orders, To(product, 1, Away()))).Refusal(HttpStatusCode.Conflict, "outside_delivery_area")).Text("rule"));

        await Change(new { deliveryZones = new object[] { new { fee = Fee(900) } } });
        Assert.Equal("everywhere 900 0 0", await Asked("postalCode=99999"));
        await Change(new { delivery = new { isOffered = false } });
        Assert.Equal("fulfillment_not_offered ", await Asked("postalCode=01012-010"));
        await Change();

        foreach (var (query, field) in ((string, string)[])[("", "postalCode"), ("lat=1", "lng"), ("lng=1", "lat"), ("lat=91&lng=1", "lat"), ("postalCode=012345678901234567890", "postalCode")])
            Assert.Equal([field], await (await shop.Guest.Get($"{Store}/delivery?{query}")).Wrong());

        async Task<string> Asked(string query)
        {
            var said = await (await shop.Guest.Get($"{Store}/delivery?{query}")).Body();
            var (zones, refusal) = (said.GetProperty("zones").EnumerateArray().ToList(), said.GetProperty("refusal"));
            Assert.Equal((said.GetProperty("isDelivered").GetBoolean(), zones.Count > 0), (refusal.ValueKind == JsonValueKind.Null, said.GetProperty("isDelivered").GetBoolean()));
            return zones.Count == 0 ? $"{refusal.Text("code")} {refusal.Text("rule")}"
                : string.Join(", ", zones.Select(zone => $"{zone.Text("name")} {zone.Amount("fee")} {AmountOr0(zone, "minimumOrder")} {AmountOr0(zone, "freeFrom")}"));
        }

        static long AmountOr0(JsonElement zone, string name) => zone.GetProperty(name).ValueKind == JsonValueKind.Null ? 0 : zone.Amount(name);

        static object Away() => new { street = "Rua das Flores", number = "12", neighborhood = "Longe", city = "São Paulo", state = "SP", postalCode = "04000-000", country = "BR" };
    }

    [Fact]
    public async Task What_staff_say_at_last_is_what_the_next_order_is_held_to()
    {
        var (customer, product) = (await shop.Customer(), await shop.Product(stock: 100, price: 1000));
        foreach (var fee in (long[])[100, 200, 100, 300])
        {
            await shop.ChangeStore(fee: fee);
            Assert.Equal(fee, (await shop.Place(customer, To(product, 1, Shop.Address()))).Amount("deliveryFee"));
            Assert.Equal(fee, (await shop.Place(customer, To(product, 1, Shop.Address()))).Amount("deliveryFee"));
        }

        // Even what is changed behind the program's back.
        await shop.WithDb(db => db.Execute($"update ordering.stores set accepting_orders = false", TestContext.Current.CancellationToken));
        Assert.Equal("not_accepting", (await (await customer.Client.Post(Orders, Shop.Pickup((product, 1)))).Refusal(HttpStatusCode.Conflict, "store_closed")).Text("rule"));
        await Change();
    }

    [Fact]
    public async Task The_business_keeps_the_time_of_its_store()
    {
        Task<string> Zone() => shop.WithDb(async db => (await new Quitanda.Ordering.Stores.StoreTime(db).Zone(TestContext.Current.CancellationToken)).Id);
        await shop.ChangeStore(timeZone: "America/Manaus");
        Assert.Equal("America/Manaus", await Zone());
        Assert.Equal("America/Manaus", (await Times()).Text("timeZone"));
        await Change();
        Assert.Equal("America/Sao_Paulo", await Zone());
    }

    [Fact]
    public async Task Only_staff_pause_a_store()
    {
        var customer = await shop.Customer();
        foreach (var path in (string[])["pause", "resume", "busy"])
        {
            await (await shop.Guest.Post($"{Store}/{path}", new { minutes = 1 })).Refusal(HttpStatusCode.Unauthorized, "unauthenticated");
            await (await customer.Client.Post($"{Store}/{path}", new { minutes = 1 })).Refusal(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    /// <summary>A store that is open around the clock and delivers everywhere, but for what is said.</summary>
    private async Task<JsonElement> Change(object? but = null)
    {
        var store = JsonSerializer.SerializeToNode(Things.Store())!.AsObject();
        store["timeZone"] = AStore.SaoPaulo;
        foreach (var (name, value) in JsonSerializer.SerializeToNode(but ?? new { })!.AsObject())
            store[name] = value?.DeepClone();
        return await (await (await shop.Staff()).Client.Send(HttpMethod.Put, Store, store.ToJsonString())).Body();
    }

    private async Task<JsonElement> Times() => await (await shop.Guest.Get($"{Store}/times")).Body();

    private async Task<DateTimeOffset> ReadyAt() => (await Times()).GetProperty("pickup").GetProperty("readyAt").GetDateTimeOffset();

    private async Task<JsonElement> Slots(string query) => await (await shop.Guest.Get($"{Store}/slots?{query}")).Body();

    private static string Shown(JsonElement day) => string.Join(' ', day.GetProperty("slots").EnumerateArray().Select(slot =>
    {
        Assert.Equal(slot.GetProperty("isAvailable").GetBoolean(), slot.Text("reason") is null);
        return $"{slot.Text("start")![11..16]}-{slot.Text("end")![11..16]}{(slot.Text("reason") is { } reason ? ":" + reason : "")}";
    }));

    private static object For(Guid product, DateTimeOffset at) => new { items = Shop.Lines((product, 1)), fulfillment = "pickup", scheduledFor = at };

    private static object To(Guid product, int quantity, object address) => new { items = Shop.Lines((product, quantity)), fulfillment = "delivery", address };

    private static object Saved(string postalCode, double lat, double lng) =>
        new { label = "Casa", street = "Rua das Flores", number = "12", neighborhood = "Centro", city = "São Paulo", state = "SP", postalCode, country = "BR", lat, lng };
}
