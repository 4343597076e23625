using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Payments.Sandbox;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;
using Quitanda.Tests.Files;

namespace Quitanda.Tests;

/// <summary>Somebody who goes: over all modules, through the front door.</summary>
public sealed class PersonErasureTests(PersonErasureTests.App app) : IClassFixture<PersonErasureTests.App>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_erases_themselves_is_readable_nowhere_and_the_books_stay()
    {
        var customer = await Customer.SignUp(app);
        var stays = await Customer.SignUp(app);
        await stays.Buy(app, "Beco do Bilhete", "Sem pimenta");
        // What they are told of it comes by jobs.
        await app.RunJobs();
        var before = await stays.Export();
        var (order, payment) = await customer.Buy(app, "Travessa Secreta", "Bater no portão azul");
        await (await app.SignIn(customer.Email, "errada")).Refusal(HttpStatusCode.Unauthorized);
        foreach (var secret in customer.Secrets)
            Assert.Contains(secret, await Everything(), StringComparison.OrdinalIgnoreCase);
        await (await app.SignIn(customer.Email, "errada")).Refusal(HttpStatusCode.Unauthorized);

        Assert.Equal(HttpStatusCode.NoContent, (await customer.Client.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();

        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.sign_in_failures where address_hash = {SignInFailures.Key(customer.Email)}"));
        // Dead at once.
        await (await customer.Client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await customer.Client.Post("/api/v1/users/me/addresses", Things.NewAddress())).Refusal(HttpStatusCode.Unauthorized);
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = customer.RefreshToken })).Refusal(HttpStatusCode.Unauthorized);
        await (await app.SignIn(customer.Email)).Refusal(HttpStatusCode.Unauthorized);
        // Gone.
        var left = await Everything();
        foreach (var secret in customer.Secrets)
            Assert.DoesNotContain(secret, left, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from files.uses where used_by = {customer.Id}"));
        // The books are whole.
        var staff = await app.Staff();
        var sold = await (await staff.Get($"/api/v1/orders/{order.Id()}")).Body();
        foreach (var same in (string[])["id", "number", "customerId", "fulfillment", "items", "subtotal", "deliveryFee", "tip", "total", "createdAt"])
            Assert.Equal(order.GetProperty(same).GetRawText(), sold.GetProperty(same).GetRawText());
        Assert.All((string[])["lat", "lng"], name => Assert.Equal(JsonValueKind.Null, sold.GetProperty("address").GetProperty(name).ValueKind));
        Assert.Equal(("delivered", "paid", "[erased]", "BR"), (sold.Text("status"), sold.Text("paymentStatus"), sold.GetProperty("address").Text("street"), sold.GetProperty("address").Text("country")));
        var paid = await (await staff.Get($"/api/v1/payments/{payment}")).Body();
        Assert.Equal((customer.Id, "succeeded", order.GetProperty("total").GetRawText()), (paid.GetProperty("payerId").GetGuid(), paid.Text("status"), paid.GetProperty("amount").GetRawText()));
        // What happened is known, and of whom is not.
        var admin = app.As(await app.Insert(Roles.Admin));
        var log = (await (await admin.Get($"/api/v1/audit-log?person={customer.Id}&limit=100")).Body()).GetProperty("data");
        Assert.Superset(new HashSet<string>(["PersonErased", "UserRegistered", "SignInFailed", "DeliverOrder"], StringComparer.Ordinal), log.EnumerateArray().Select(row => row.Text("action")).ToHashSet(StringComparer.Ordinal));
        foreach (var secret in customer.Secrets)
            Assert.DoesNotContain(secret, log.GetRawText(), StringComparison.OrdinalIgnoreCase);
        // Nobody else is touched, and the address is free.
        var after = await stays.Export();
        Assert.Equal(before.GetProperty("data").GetRawText(), after.GetProperty("data").GetRawText());
        Assert.NotEqual(customer.Id, (await app.Register(customer.Email)).GetProperty("user").Id());
    }

    [Fact]
    public async Task An_export_has_all_of_ones_own_of_every_kind_and_nothing_of_anybody_else()
    {
        var (customer, other) = (await Customer.SignUp(app), await Customer.SignUp(app));
        await customer.Buy(app, "Rua Minha", "Minhas notas");
        await other.Buy(app, "Rua Alheia", "Notas alheias");
        var files = Size.Of(3000, 10_000);
        await app.Execute($"""
            insert into files.files (id, owner_id, is_of_staff, state, visibility, content_type, size, name, object_key, is_direct, sha256, width, height, created_at, updated_at)
            select gen_random_uuid(), owner_id, is_of_staff, state, visibility, content_type, size, name, object_key || '-' || n, is_direct, sha256, width, height, created_at, updated_at
            from files.files, generate_series(1, {files}) n where owner_id = {customer.Id}
            """);

        var response = await customer.Client.Get("/api/v1/users/me/export");
        Assert.Equal(("attachment", "no-store"), (response.Content.Headers.ContentDisposition?.DispositionType, response.Headers.CacheControl?.ToString()));
        var export = await response.Body();
        var data = export.GetProperty("data");

        Assert.Equal(customer.Id, export.GetProperty("personId").GetGuid());
        Assert.Equal(app.InKinds(), data.EnumerateObject().Select(kind => kind.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal((await (await customer.Client.Get("/api/v1/users/me")).Body()).GetRawText(), data.GetProperty("account")[0].GetProperty("account").GetRawText());
        Assert.Equal("Conto coxinhas", data.GetProperty("account")[0].GetProperty("profile").Text("bio"));
        Assert.Equal((1, 1, 1, 1, 1, files + 1), (Of("addresses"), Of("sessions"), Of("orders"), Of("payments"), Of("reviews"), Of("files")));
        var order = data.GetProperty("orders")[0];
        Assert.Equal(("Rua Minha", "Minhas notas", 6), (order.GetProperty("address").Text("street"), order.Text("notes"), order.GetProperty("timeline").GetArrayLength()));
        Assert.Equal((await (await customer.Client.Get($"/api/v1/orders/{order.Id()}")).Body()).GetRawText(), order.GetRawText());
        Assert.StartsWith("https://volta.test/", data.GetProperty("payments")[0].Text("returnUrl"), StringComparison.Ordinal);
        // Where they came from themselves, and not where the staff did.
        var log = data.GetProperty("activity").EnumerateArray().ToList();
        Assert.Equal($"Navegador {customer.Secrets[0]}", log.Single(row => row.Text("action") == "UserRegistered").GetProperty("origin").Text("userAgent"));
        var delivered = log.Single(row => row.Text("action") == "DeliverOrder");
        Assert.Equal((JsonValueKind.Null, false, "delivered"), (delivered.GetProperty("origin").ValueKind, delivered.GetProperty("isByThem").GetBoolean(), delivered.GetProperty("after").Text("status")));
        foreach (var kind in (string[])["activity", "files", "orders", "payments"])
            Assert.NotEmpty(export.GetProperty("stays").Text(kind));

        var text = export.GetRawText();
        foreach (var secret in other.Secrets.Append("Rua Alheia").Append("hash"))
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(other.Id.ToString(), text, StringComparison.OrdinalIgnoreCase);

        int Of(string kind) => data.GetProperty(kind).GetArrayLength();
    }

    [Fact]
    public async Task Exports_of_one_person_are_limited_and_nobody_elses_with_them()
    {
        var (person, other) = (app.As(await app.Insert()), app.As(await app.Insert()));
        for (var i = 0; i < 10; i++)
            Assert.Equal(HttpStatusCode.OK, (await person.Get("/api/v1/users/me/export")).StatusCode);
        Assert.Equal("rate_limited", await (await person.Get("/api/v1/users/me/export")).Refusal(HttpStatusCode.TooManyRequests));
        Assert.Equal(HttpStatusCode.OK, (await other.Get("/api/v1/users/me/export")).StatusCode);
    }

    [Fact]
    public async Task An_export_goes_past_what_is_read_at_once()
    {
        var person = await app.Insert();
        const int Many = 450;
        await app.Execute($"""
            insert into ordering.orders (id, number, customer_id, status, payment_status, payment_method, fulfillment, currency, subtotal, discount, delivery_fee, tip, total, metadata, created_at, updated_at)
            select gen_random_uuid(), nextval('ordering.order_numbers'), {person.Id}, 'delivered', 'paid', 'manual', 'pickup', 'BRL', 1, 0, 0, 0, 1, jsonb_build_object(), now(), now() from generate_series(1, {Many})
            """);
        await app.Execute($"""
            insert into payments.payments (id, kind, payable_id, payer_id, provider, status, amount, currency, split, metadata, created_at, updated_at)
            select gen_random_uuid(), 'order', gen_random_uuid(), {person.Id}, 'sandbox', 'failed', 1, 'BRL', jsonb_build_object(), jsonb_build_object(), now(), now() from generate_series(1, {Many})
            """);
        await app.Execute($"""
            insert into accounts.sessions (id, user_id, device, created_at, last_seen_at, expires_at)
            select gen_random_uuid(), {person.Id}, 'Navegador', now(), now(), now() from generate_series(1, {Many + Many})
            """);

        var data = (await (await app.As(person).Get("/api/v1/users/me/export")).Body()).GetProperty("data");
        Assert.Equal((Many, Many, Many + Many), (Distinct(data.GetProperty("orders").EnumerateArray()), Distinct(data.GetProperty("payments").EnumerateArray().Select(one => one.GetProperty("payment"))), Distinct(data.GetProperty("sessions").EnumerateArray())));

        static int Distinct(IEnumerable<JsonElement> things) => things.Select(thing => thing.Id()).Distinct().Count();
    }

    [Fact]
    public async Task An_order_that_nobody_paid_is_called_off_and_one_that_is_under_way_keeps_everything_as_it_is()
    {
        var staff = await app.Staff();
        var product = (await staff.AddProduct((await staff.AddCategory()).Id(), stock: 10)).Id();
        var person = await app.Insert();
        var client = app.As(person);
        var unpaid = await Order("online");
        var payment = (await (await client.Post("/api/v1/payments", new { orderId = unpaid, provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        var underWay = await Order("manual");

        var refusal = await (await client.Delete("/api/v1/users/me")).Body(HttpStatusCode.Conflict);
        Assert.Equal(("open_orders", $"[\"{underWay}\"]"), (refusal.Text("code"), refusal.GetProperty("orderIds").GetRawText()));
        Assert.Equal("open_orders", await (await app.As(await app.Insert(Roles.Admin)).Delete($"/api/v1/users/{person.Id}")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(("pending", "Sem cebola", 8), (await StatusOf(unpaid), (await (await client.Get($"/api/v1/orders/{unpaid}")).Body()).Text("notes"), await staff.StockOf(product)));
        await (await client.Get("/api/v1/users/me")).Body();

        await (await staff.Post($"/api/v1/orders/{underWay}/cancel")).Body();
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();

        Assert.Equal(("cancelled", "cancelled", 10), (await StatusOf(unpaid), await StatusOf(underWay), await staff.StockOf(product)));
        Assert.Equal("cancelled", (await (await staff.Get($"/api/v1/payments/{payment}")).Body()).Text("status"));
        var key = $"payment-{payment:N}";
        Assert.Equal("cancelled", await app.Scalar<string>($"select state from payments.sandbox_charges where key = {key}"));

        async Task<Guid> Order(string method) => (await (await client.Post("/api/v1/orders",
            new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", paymentMethod = method, notes = "Sem cebola" })).Body(HttpStatusCode.Created)).Id();
        async Task<string> StatusOf(Guid order) => (await (await staff.Get($"/api/v1/orders/{order}")).Body()).Text("status");
    }

    [Fact]
    public async Task Money_that_comes_late_brings_no_order_of_somebody_erased_back_and_goes_home()
    {
        var staff = await app.Insert(Roles.Customer | Roles.Staff);
        var product = (await app.As(staff).AddProduct((await app.As(staff).AddCategory()).Id(), stock: 10)).Id();
        var person = await app.Insert();
        var client = app.As(person);
        var order = (await (await client.Post("/api/v1/orders", new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup" })).Body(HttpStatusCode.Created)).Id();
        var payment = (await (await client.Post("/api/v1/payments", new { orderId = order, provider = "sandbox" })).Body(HttpStatusCode.Created)).Id();
        await app.Services.GetRequiredService<SandboxProvider>().Settle($"payment-{payment:N}", SandboxOutcome.Succeed, code: null, Ct);
        await app.Execute($"update ordering.orders set expires_at = {app.Clock.GetUtcNow()} where id = {order}");
        await app.InScope(async provider =>
        {
            await provider.GetRequiredService<Quitanda.Ordering.Orders.LapseOrder>().Handle(new(order), Ct);
            return true;
        });

        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete("/api/v1/users/me")).StatusCode);
        await app.RunJobs();

        Assert.Equal("cancelled", (await (await app.As(staff).Get($"/api/v1/orders/{order}")).Body()).Text("status"));
        Assert.Equal("refunded", (await (await app.As(staff).Get($"/api/v1/payments/{payment}")).Body()).Text("status"));
        Assert.Equal(10, await app.As(staff).StockOf(product));
    }

    [Fact]
    public async Task What_was_on_its_way_goes_later_and_an_order_among_it_once_it_is_done()
    {
        var staffUser = await app.Insert(Roles.Customer | Roles.Staff);
        var (gone, other) = (await app.Insert(), await app.Insert());
        await (await app.As(gone).Delete("/api/v1/users/me")).Body(HttpStatusCode.NoContent);
        var product = (await app.As(staffUser).AddProduct((await app.As(staffUser).AddCategory()).Id(), stock: 10)).Id();
        var order = (await (await app.As(other).Post("/api/v1/orders",
            new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", paymentMethod = "manual", notes = "Para a Zulmira" })).Body(HttpStatusCode.Created)).Id();
        var file = (await app.As(other).Uploaded(Samples.Png())).Id();
        // As requests leave them that had begun before.
        await app.Execute($"update ordering.orders set customer_id = {gone.Id} where id = {order}");
        await app.Execute($"update files.files set owner_id = {gone.Id} where id = {file}");

        await Later();
        Assert.Equal("Para a Zulmira", await Notes());
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from files.files where id = {file}"));

        var staff = app.As(staffUser);
        foreach (var step in (string[])["confirm", "prepare", "ready", "deliver"])
            await (await staff.Post($"/api/v1/orders/{order}/{step}")).Body();
        await Later();
        Assert.Null(await Notes());
        await Later();
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'platform.erase-again' and payload ->> 'personId' = {gone.Id.ToString()}"));

        Task<string?> Notes() => app.WithDb(db => db.ReadFirst($"select notes from ordering.orders where id = {order}", row => row.IsDBNull(0) ? null : row.GetString(0), Ct));
        async Task Later()
        {
            app.Clock.Advance(TimeSpan.FromHours(2));
            await app.RunJobs();
        }
    }

    [Fact]
    public async Task An_admin_erases_somebody_as_they_would_themselves()
    {
        var admin = app.As(await app.Insert(Roles.Admin));
        var customer = await Customer.SignUp(app);
        await customer.Buy(app, "Ladeira do Sumiço", "Deixar na portaria");
        Assert.Equal("not_found", await (await admin.Delete($"/api/v1/users/{Guid.CreateVersion7()}")).Refusal(HttpStatusCode.NotFound));

        Assert.Equal(HttpStatusCode.NoContent, (await admin.Delete($"/api/v1/users/{customer.Id}")).StatusCode);
        Assert.Equal("not_found", await (await admin.Delete($"/api/v1/users/{customer.Id}")).Refusal(HttpStatusCode.NotFound));

        await (await customer.Client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        var left = await Everything();
        var log = (await (await admin.Get($"/api/v1/audit-log?person={customer.Id}&action=EraseUser")).Body()).GetProperty("data");
        Assert.Equal("[erased]", log[0].GetProperty("before").Text("email"));
        foreach (var secret in customer.Secrets)
        {
            Assert.DoesNotContain(secret, left, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(secret, log.GetRawText(), StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Every row of every table, as text.</summary>
    private async Task<string> Everything()
    {
        var tables = await app.WithDb(db => db.Read($"select quote_ident(schemaname) || '.' || quote_ident(tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')", row => row.GetString(0), Ct));
        Assert.True(tables.Count > 20);
        var rows = await Task.WhenAll(tables.Select(table => app.WithDb(db => db.Read(Sql.Raw($"select t::text from {table} t"), row => row.GetString(0), Ct))));
        return string.Join('\n', rows.SelectMany(table => table));
    }

    /// <summary>Somebody who uses everything there is.</summary>
    private sealed record Customer(Guid Id, string Email, HttpClient Client, string RefreshToken, List<string> Secrets)
    {
        private static int _number;

        public static async Task<Customer> SignUp(QuitandaApp app)
        {
            var mark = $"Zulmira{Interlocked.Increment(ref _number)}x";
            var (email, phone, username) = (People.NewEmail(), $"+5511{900_000_000 + _number}", $"conta-{mark}".ToLowerInvariant());
            var browser = app.CreateClient();
            browser.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", $"Navegador {mark}");
            var signedIn = await (await browser.Post("/api/v1/auth/register", new { name = $"{mark} da Silva", email, password = People.Password, username, phone, metadata = new { note = $"nota {mark}" } })).Body(HttpStatusCode.Created);
            var client = app.CreateClient(signedIn.Text("accessToken"));
            var avatar = (await client.Uploaded(Samples.Png(), visibility: "public", name: $"retrato-{mark}.png")).Id();
            await (await client.Patch("/api/v1/users/me", new { firstName = mark, avatarFileId = avatar })).Body();
            await (await client.Put("/api/v1/users/me/profile", new { bio = "Conto coxinhas", website = $"https://{mark}.test/", location = $"Vila {mark}", dateOfBirth = "1987-02-28" })).Body();
            await (await client.Post("/api/v1/users/me/addresses", new { label = "Casa", street = $"Rua {mark}", number = "12", neighborhood = "Centro", city = "Recife", state = "PE", postalCode = "50000-000", country = "BR" })).Body(HttpStatusCode.Created);
            return new(signedIn.GetProperty("user").Id(), email, client, signedIn.Text("refreshToken"), [mark, email, phone]);
        }

        /// <summary>Has something brought, paid and handed over.</summary>
        public async Task<(JsonElement Order, Guid Payment)> Buy(QuitandaApp app, string street, string notes)
        {
            Secrets.AddRange([street, notes]);
            var staff = await app.Staff();
            var product = (await staff.AddProduct((await staff.AddCategory()).Id(), stock: 5)).Id();
            var order = await (await Client.Post("/api/v1/orders", new
            {
                items = new[] { new { productId = product, quantity = 2 } },
                fulfillment = "delivery",
                address = new { street, number = "7", complement = "fundos", neighborhood = "Centro", city = "Recife", state = "PE", postalCode = "50000-000", country = "BR", lat = -8.0631, lng = -34.8711 },
                notes,
                metadata = new { note = $"pedido {Secrets[0]}" },
            })).Body(HttpStatusCode.Created);
            var payment = (await (await Client.Post("/api/v1/payments",
                new { orderId = order.Id(), provider = "sandbox", returnUrl = $"https://volta.test/{Secrets[0]}", metadata = new { note = $"pagamento {Secrets[0]}" } })).Body(HttpStatusCode.Created)).Id();
            await (await Client.Post($"/api/v1/sandbox/payments/{payment}/succeed")).Body();
            foreach (var step in (string[])["prepare", "ready"])
                await (await staff.Post($"/api/v1/orders/{order.Id()}/{step}")).Body();
            await (await staff.Post($"/api/v1/orders/{order.Id()}/dispatch", new { carrier = "Motoboy", trackingCode = $"rastro-{Secrets[0]}" })).Body();
            var delivered = await (await staff.Post($"/api/v1/orders/{order.Id()}/deliver")).Body();
            await (await Client.Post($"/api/v1/products/{product}/reviews", new { rating = 4, comment = $"Chegou depressa: {street}" })).Body(HttpStatusCode.Created);
            return (delivered, payment);
        }

        public async Task<JsonElement> Export() => await (await Client.Get("/api/v1/users/me/export")).Body();
    }

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres)
    {
        /// <summary>Every kind of thing that some module says it holds.</summary>
        public IEnumerable<string> InKinds()
        {
            using var scope = Services.CreateScope();
            return [.. scope.ServiceProvider.GetServices<IPersonalData>().Select(held => held.Name).Order(StringComparer.Ordinal)];
        }
    }
}
