using System.Net;
using System.Text.Json;
using Npgsql;
using Quitanda.MovingIn;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;

namespace Quitanda.Tests.MovingIn;

/// <summary>Five systems move in, each once, however often it is asked.</summary>
public sealed class MoveInTests(QuitandaApp app, TestPostgres postgres) : IClassFixture<QuitandaApp>
{
    private const string Shop = "vai-coxinha";

    private static int Rows => OldSystems.Rows;

    [Fact]
    public async Task A_snack_bar_moves_in_whole_and_what_cannot_come_says_why_and_hurts_nothing_else()
    {
        var source = await postgres.OldSystem(Shop, app.Clock.GetUtcNow(), isDirty: true);
        var jobs = await app.Scalar<long>($"select count(*) from platform.jobs");
        var (first, report) = await Import(Shop, source);
        Assert.Equal((Rows / 10 + 4, 2), (first.Taken("users"), first.Refused("users")));
        Assert.Equal((Rows / 10, 1), (first.Taken("addresses"), first.Refused("addresses")));
        Assert.Equal((8, 0), (first.Taken("categories"), first.Refused("categories")));
        Assert.Equal((Rows / 10 + 3, 2), (first.Taken("products"), first.Refused("products")));
        Assert.Equal((Rows / 5 + 2, 6), (first.Taken("orders"), first.Refused("orders")));

        Assert.Equal(["email_invalid"], report.Said("users", "bad-mail").Except(["password_left_out"], StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Contains("u1", TextOf(report, "users", "again"), StringComparison.Ordinal);
        Assert.Equal(["cut", "left_out"], report.Said("users", "long"), StringComparer.Ordinal);
        Assert.Equal(["cleaned", "password_left_out"], report.Said("users", "control"), StringComparer.Ordinal);
        Assert.Equal(["admin_left_out"], report.Said("users", "boss"), StringComparer.Ordinal);
        Assert.Equal(["time_invalid", "time_invalid"], report.Said("users", "future"), StringComparer.Ordinal);
        Assert.Equal(["owner_missing"], report.Said("addresses", "nobodys"), StringComparer.Ordinal);
        Assert.Equal(["price_invalid"], report.Said("products", "negative"), StringComparer.Ordinal);
        Assert.Equal(["stock_changed"], report.Said("products", "less"), StringComparer.Ordinal);
        Assert.Equal(["nutrition_left_out", "slug_changed"], report.Said("products", "same"), StringComparer.Ordinal);
        Assert.Equal(["category_missing"], report.Said("products", "nowhere"), StringComparer.Ordinal);
        Assert.Equal(["name_missing"], report.Said("products", "nameless"), StringComparer.Ordinal);
        foreach (var (id, code) in ((string, string)[])[
            ("open", "order_open"), ("strange", "status_unknown"), ("nobodys", "customer_missing"), ("empty", "no_lines"), ("zero", "quantity_invalid"), ("differs", "total_differs"), ("more", "total_differs")])
            Assert.Equal([code], report.Said("orders", id), StringComparer.Ordinal);
        Assert.Equal(["no_time", "time_invalid"], report.Said("orders", "timeless"), StringComparer.Ordinal);
        Assert.Equal(["orphan"], report.Said("orders.lines", "orphan"), StringComparer.Ordinal);
        Assert.Contains(report.GetProperty("left").EnumerateArray(), table => table.Text("table") == "RefreshToken" && table.GetProperty("rows").GetInt32() == 5);
        Assert.Contains("units of BRL", report.GetProperty("tables").EnumerateArray().Single(table => table.Text("kind") == "products").Text("amounts"), StringComparison.Ordinal);

        // Nobody is written to, and nothing else is set off.
        Assert.Equal(jobs, await app.Scalar<long>($"select count(*) from platform.jobs"));

        var before = await OldSystems.Everything(app.ConnectionString);
        var (second, _) = await Import(Shop, source);
        Assert.Equal(before, await OldSystems.Everything(app.ConnectionString), StringComparer.Ordinal);
        foreach (var kind in (string[])["users", "addresses", "categories", "products", "orders"])
            Assert.Equal((0, 0, first.Taken(kind), first.Refused(kind)), (second.Taken(kind), second.Changed(kind), second.Unchanged(kind), second.Refused(kind)));

        await CustomersFindWhatWasTheirs();
        await NothingOfTheShopsDayIsTouched();
        await WhatChangesThereIsSaid(source);
    }

    private async Task CustomersFindWhatWasTheirs()
    {
        var ana = await app.MovedIn("cliente3@vaicoxinha.test");
        var me = await (await ana.Get("/api/v1/users/me")).Body();
        Assert.Equal(("Cliente 3", "+5511900000003", "u3", Shop), (me.Text("name"), me.Text("phone"), me.GetProperty("metadata").Text("importedId"), me.GetProperty("metadata").Text("importedFrom")));
        Assert.Equal("Rua das Flores", (await (await ana.Get("/api/v1/users/me/addresses")).Body()).GetProperty("data")[0].Text("street"));

        var order = await (await ana.Get($"/api/v1/orders/{await app.Here(Shop, "orders", "o2")}")).Body();
        Assert.Equal(("delivered", "paid", "online", "delivery"), (order.Text("status"), order.Text("paymentStatus"), order.Text("paymentMethod"), order.Text("fulfillment")));
        Assert.Equal("2", order.GetProperty("metadata").Text("importedNumber"));
        Assert.Equal("700002", order.GetProperty("metadata").Text("importedPayment"));
        Assert.Equal(2, order.GetProperty("items").GetArrayLength());
        Assert.Equal((850, 2), (order.GetProperty("items")[0].GetProperty("unitPrice").GetProperty("amount").GetInt32(), order.GetProperty("items")[0].GetProperty("quantity").GetInt32()));
        Assert.Equal((790, 2 * 850 + 600 + 790), (order.GetProperty("deliveryFee").GetProperty("amount").GetInt32(), order.GetProperty("total").GetProperty("amount").GetInt32()));
        Assert.Equal("2025-02-01T00:02:00.000000Z", order.Text("createdAt"));
        Assert.Equal(HttpStatusCode.NotFound, (await (await app.MovedIn("cliente4@vaicoxinha.test")).Get($"/api/v1/orders/{order.Id()}")).StatusCode);

        // What was less than its lines is a discount, what was more are goods: the total is as it was.
        var bia = await app.MovedIn("cliente1@vaicoxinha.test");
        var less = await (await bia.Get($"/api/v1/orders/{await app.Here(Shop, "orders", "differs")}")).Body();
        Assert.Equal((999, 99, 900), (less.GetProperty("subtotal").GetProperty("amount").GetInt32(), less.GetProperty("discount").GetProperty("amount").GetInt32(), less.GetProperty("total").GetProperty("amount").GetInt32()));
        Assert.Equal(1200, (await (await bia.Get($"/api/v1/orders/{await app.Here(Shop, "orders", "more")}")).Body()).GetProperty("total").GetProperty("amount").GetInt32());

        var product = await (await app.Guest.Get("/api/v1/products/coxinha-1")).Body();
        Assert.Equal((650, "Prateleira 2", "https://imagens.vaicoxinha.test/1.jpg"), (product.GetProperty("price").GetProperty("amount").GetInt32(), product.GetProperty("category").Text("name"), product.GetProperty("metadata").Text("importedImage")));
        Assert.Equal(289.5m, product.GetProperty("nutrition").GetProperty("calories").GetDecimal());
        Assert.NotEmpty((await (await app.Guest.Get("/api/v1/products/search?q=coxinha")).Body()).GetProperty("data").EnumerateArray());
        // Nobody is an admin who was one elsewhere; who was of the staff, still is.
        Assert.Equal(["customer"], (await (await (await app.MovedIn("chefe@vaicoxinha.test")).Get("/api/v1/users/me")).Body()).GetProperty("roles").EnumerateArray().Select(role => role.GetString()), StringComparer.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await (await app.MovedIn("cliente2@vaicoxinha.test")).Get("/api/v1/orders")).StatusCode);
    }

    private async Task NothingOfTheShopsDayIsTouched()
    {
        Assert.Equal(100, await app.Scalar<int>($"select stock from catalog.products where id = {await app.Here(Shop, "products", "p2")}"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from ordering.days") + await app.Scalar<long>($"select count(*) from ordering.queue_events") + await app.Scalar<long>($"select count(*) from ordering.first_orders"));
        Assert.Equal(1, await app.Scalar<long>($"select nextval('ordering.order_numbers')"));
        var staff = await app.MovedIn("cliente2@vaicoxinha.test");
        var sales = await (await staff.Get("/api/v1/reports/sales?from=2025-01-01&to=2025-03-31")).Body();
        Assert.Empty(sales.GetProperty("rows").EnumerateArray());
        Assert.Equal(0, (await (await staff.Get("/api/v1/reports/cancellations?from=2025-01-01&to=2025-03-31")).Body()).GetProperty("orders").GetInt32());
        // As if one had been placed yesterday: the report of drift misses no payment of it.
        await app.Execute($"update ordering.orders set created_at = {app.Clock.GetUtcNow().AddDays(-1)}, updated_at = {app.Clock.GetUtcNow()} where id = {await app.Here(Shop, "orders", "o1")}");
        Assert.Empty(await app.Differences());
    }

    private async Task WhatChangesThereIsSaid(string source)
    {
        await OldSystems.Run(source, "update \"Product\" set \"price\" = 99 where \"id\" = 'p3'; update \"Order\" set \"status\" = 'DELIVERED' where \"id\" = 'open'");
        // Erased here, and not brought back.
        var gone = await app.MovedIn("cliente5@vaicoxinha.test");
        Assert.Equal(HttpStatusCode.NoContent, (await gone.Send(HttpMethod.Delete, "/api/v1/users/me")).StatusCode);
        await OldSystems.Run(source, "insert into \"Order\" (\"id\", \"userId\", \"status\", \"paymentStatus\", \"paymentMethod\", \"deliveryFee\", \"total\", \"createdAt\", \"updatedAt\") values ('late', 'u5', 'DELIVERED', 'PAID', 'PIX', 0, 10, '2025-03-01', '2025-03-01')");

        var (third, report) = await Import(Shop, source);
        Assert.Equal((1, 0), (third.Changed("products"), third.Taken("users")));
        Assert.Equal(["changed_since"], report.Said("products", "p3").Except(["image_not_fetched"], StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(850, (await (await app.Guest.Get("/api/v1/products/coxinha-3")).Body()).GetProperty("price").GetProperty("amount").GetInt32());
        // What was open is over now, and comes.
        Assert.Equal(1, third.Taken("orders"));
        Assert.Equal(["customer_erased"], report.Said("orders", "late"), StringComparer.Ordinal);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.users where email = 'cliente5@vaicoxinha.test'"));
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_keeps_nothing()
    {
        var source = await postgres.OldSystem("commerce", app.Clock.GetUtcNow(), isDirty: true, rows: 300);
        var before = await OldSystems.Everything(app.ConnectionString);
        await using var beside = new NpgsqlConnection(app.ConnectionString);
        await beside.OpenAsync(TestContext.Current.CancellationToken);
        var patient = 0L;
        var (tried, tryReport) = await app.Imported("commerce", source, options => options with { IsDryRun = true, Name = "loja" }, LookOnce);
        // It waits while the other database sorts what it has, and nobody ends it for that.
        Assert.Equal(1, patient);
        Assert.Equal(before, await OldSystems.Everything(app.ConnectionString), StringComparer.Ordinal);
        Assert.Equal(30, tried.Taken("users"));

        var (done, report) = await Import("commerce", source, options => options with { Name = "loja" });
        foreach (var kind in (string[])["users", "categories", "products", "orders", "reviews"])
            Assert.Equal((tried.Taken(kind), tried.Refused(kind)), (done.Taken(kind), done.Refused(kind)));
        Assert.Equal(Remarks(tryReport), Remarks(report), StringComparer.Ordinal);

        void LookOnce(string told)
        {
            if (!told.StartsWith("users:", StringComparison.Ordinal))
                return;
            using var command = new NpgsqlCommand("select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction' and query = 'set local idle_in_transaction_session_timeout = 0'", beside);
            patient = Math.Max(patient, (long)command.ExecuteScalar()!);
        }

        static IEnumerable<string> Remarks(JsonElement report) => report.GetProperty("remarks").EnumerateArray().Select(remark => remark.GetRawText());
    }

    [Fact]
    public async Task A_shop_with_content_moves_in()
    {
        var source = await postgres.OldSystem("commerce", app.Clock.GetUtcNow(), isDirty: true);
        // Another name: another test has brought such a shop, with other people.
        await OldSystems.Run(source, "update users set email = 'outra.' || email; update products set name = 'Outro ' || name");
        var (first, report) = await Import("commerce", source);
        var some = Rows / 10;
        Assert.Equal((some, 0), (first.Taken("users"), first.Refused("users")));
        Assert.Equal((some + 1, 1), (first.Taken("products"), first.Refused("products")));
        Assert.Equal((some - some / 8, some / 8), (first.Taken("orders"), first.Refused("orders")));
        Assert.Equal((some, 3), (first.Taken("reviews"), first.Refused("reviews")));
        Assert.Equal((1, 1, 1), (first.Said("rating_invalid"), first.Said("reviewed_already"), first.Said("product_missing")));
        Assert.Equal((some, some - 1), (first.Taken("posts"), first.Taken("comments")));
        Assert.Equal(1, first.Said("role_unknown"));
        Assert.Equal(1, first.Said("amount_rounded"));
        Assert.Contains(report.GetProperty("left").EnumerateArray(), table => table.Text("table") == "api_keys");

        var ana = await app.MovedIn("outra.comprador4@loja.test");
        var profile = await (await ana.Get("/api/v1/users/me/profile")).Body();
        Assert.Equal(("Gosto de livros.", "Olinda", "1990-01-05"), (profile.Text("bio"), profile.Text("location"), profile.Text("dateOfBirth")));
        var orders = (await (await ana.Get("/api/v1/orders/mine")).Body()).GetProperty("data");
        Assert.Equal((2390, "53020-080", "Outro Livro 4"), (orders[0].GetProperty("total").GetProperty("amount").GetInt32(), orders[0].GetProperty("address").Text("postalCode"), orders[0].GetProperty("items")[0].Text("name")));
        await app.RunJobs();
        var product = await (await app.Guest.Get($"/api/v1/products/{await app.Scalar<string>($"select slug from catalog.products where name = 'Outro Livro 4'")}")).Body();
        Assert.Equal((2390, 5m, "Sem categoria"), (product.GetProperty("price").GetProperty("amount").GetInt32(), product.GetProperty("averageRating").GetDecimal(), product.GetProperty("category").Text("name")));
        await PostsAreRead(ana, await app.Here("commerce", "posts", OldId("b", 4)));
        Assert.Contains("moderator", await Roles("outra.comprador1@loja.test"), StringComparer.Ordinal);
        await ImportsNothingMore("commerce", source);
    }

    private async Task PostsAreRead(HttpClient author, Guid id)
    {
        // The lists, since whoever opens a post is counted a moment later.
        var me = (await (await author.Get("/api/v1/users/me")).Body()).Id();
        var posts = (await (await app.Guest.Get($"/api/v1/posts?tag=leitura&author={me}")).Body()).GetProperty("data").EnumerateArray().ToList();
        var post = posts.Single(post => post.Id() == id);
        Assert.Equal(("Leitura 4", "2025-03-02T00:04:00.000000Z"), (post.Text("title"), post.Text("publishedAt")));
        Assert.Contains("<strong>mais</strong>", await app.Scalar<string>($"select html from content.posts where id = {id}"), StringComparison.Ordinal);
        Assert.Equal(1, await app.Scalar<int>($"select comment_count from content.posts where id = {id}"));
        var comment = (await (await app.Guest.Get($"/api/v1/posts/{id}/comments")).Body()).GetProperty("data")[0].GetProperty("comment");
        Assert.Equal(("Gostei!", me), (comment.Text("content"), comment.GetProperty("authorId").GetGuid()));
        // A draft is its author's alone.
        Assert.Equal("draft", await app.Scalar<string>($"select status from content.posts where id = {await app.Here("commerce", "posts", OldId("b", 3))}"));
    }

    [Fact]
    public async Task Rentals_move_in_and_those_to_come_hold_their_time()
    {
        var source = await postgres.OldSystem("eventos", app.Clock.GetUtcNow(), isDirty: true);
        var (first, report) = await Import("eventos", source);
        var some = Rows / 10;
        Assert.Equal((2 * some, 0), (first.Taken("users"), first.Refused("users")));
        Assert.Equal((some, 3), (first.Taken("listings"), first.Refused("listings")));
        Assert.Equal((2 * some, 7), (first.Taken("bookings"), first.Refused("bookings")));
        Assert.Equal((some, 1), (first.Taken("reviews"), first.Refused("reviews")));
        foreach (var (id, code) in ((string, string)[])[
            ("900001", "time_taken"), ("900002", "booking_open"), ("900003", "time_invalid"), ("900004", "time_invalid"), ("900005", "amount_invalid"), ("900006", "listing_missing"), ("900007", "status_unknown")])
            Assert.Equal([code], report.Said("bookings", id), StringComparer.Ordinal);
        Assert.Contains($"It is {some + 1}.", TextOf(report, "bookings", "900001"), StringComparison.Ordinal);
        Assert.Equal(["owner_missing"], report.Said("listings", "900001"), StringComparer.Ordinal);
        Assert.Equal(["price_invalid"], report.Said("listings", "900002"), StringComparer.Ordinal);
        Assert.Equal(["place_missing"], report.Said("listings", "900003"), StringComparer.Ordinal);
        Assert.Equal(["no_stay"], report.Said("reviews", "900001"), StringComparer.Ordinal);

        var (listing, today) = (await app.Here("eventos", "listings", "1"), DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime));
        var renter = await app.MovedIn("pessoa4@eventos.test");
        Assert.Equal("slot_taken", await (await Book(today.AddDays(21))).Refusal(HttpStatusCode.Conflict));
        await (await Book(today.AddDays(22))).Body(HttpStatusCode.Created);

        var owner = await app.MovedIn("pessoa11@eventos.test");
        var shown = await (await app.Guest.Get($"/api/v1/listings/{listing}")).Body();
        Assert.Equal(("Mesas e cadeiras", 10_100), ((await (await app.Guest.Get("/api/v1/listing-categories")).Body()).GetProperty("data").EnumerateArray().Single(category => category.Text("slug") == shown.GetProperty("category").Text("slug")).Text("name"),
            shown.GetProperty("pricing").GetProperty("price").GetProperty("amount").GetInt32()));
        var past = await (await (await app.MovedIn("pessoa2@eventos.test")).Get($"/api/v1/bookings/{await app.Here("eventos", "bookings", "1")}")).Body();
        Assert.Equal(("completed", "2025-06-01", "2025-06-03", 30_300), (past.Text("status"), past.Text("startDate"), past.Text("endDate"), past.GetProperty("totalAmount").GetProperty("amount").GetInt32()));
        Assert.NotEmpty((await (await owner.Get("/api/v1/bookings/owner")).Body()).GetProperty("data").EnumerateArray());
        await app.RunJobs();
        Assert.Equal(2m, (await (await app.Guest.Get($"/api/v1/listings/{listing}")).Body()).GetProperty("averageRating").GetDecimal());
        Assert.Empty(await app.Differences());
        await ImportsNothingMore("eventos", source);

        Task<HttpResponseMessage> Book(DateOnly day) => renter.Post("/api/v1/bookings", new { listingId = listing, startDate = day, endDate = day });
    }

    [Fact]
    public async Task People_of_the_other_two_move_in()
    {
        var starter = await postgres.OldSystem("fastify-starter", app.Clock.GetUtcNow());
        var (begun, _) = await Import("fastify-starter", starter);
        Assert.Equal((Rows / 2, Rows / 2), (begun.Taken("users"), begun.Taken("posts")));
        Assert.Equal(12, await app.Scalar<long>($"select view_count from content.posts where id = {await app.Here("fastify-starter", "posts", "4")}"));
        var me = await (await (await app.MovedIn("pessoa4@fastify.test")).Get("/api/v1/users/me")).Body();
        Assert.Equal(("pessoa_4", "Pessoa", "Número 4", true), (me.Text("username"), me.Text("firstName"), me.Text("lastName"), me.GetProperty("emailVerified").GetBoolean()));
        Assert.Equal("2025-01-01T00:04:00.000000Z", me.Text("createdAt"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.SignIn("pessoa50@fastify.test")).StatusCode);
        await ImportsNothingMore("fastify-starter", starter);

        var agency = await postgres.OldSystem("agency", app.Clock.GetUtcNow());
        var (came, report) = await Import("agency", agency, options => options with { WithAdmins = true });
        Assert.Equal((Rows / 3 - Rows / 33, Rows / 33), (came.Taken("users"), came.Refused("users")));
        Assert.Equal(["deleted"], report.Said("users", "11"), StringComparer.Ordinal);
        Assert.Equal((came.Taken("users"), Rows / 33), (came.Taken("posts"), came.Refused("posts")));
        Assert.Equal((came.Taken("users"), Rows / 33), (came.Taken("comments"), came.Refused("comments")));
        Assert.Equal(["author_missing"], report.Said("posts", "11"), StringComparer.Ordinal);
        Assert.Contains("admin", await Roles("colega1@agencia.test"), StringComparer.Ordinal);
        // Noon without a zone is the store's noon.
        Assert.Equal("2025-01-01T15:02:00.000000Z", (await (await (await app.MovedIn("colega2@agencia.test")).Get("/api/v1/users/me")).Body()).Text("createdAt"));
        Assert.Contains(report.GetProperty("left").EnumerateArray(), table => table.Text("table") == "app.workspaces" && table.GetProperty("rows").GetInt32() == 3);
    }

    [Fact]
    public async Task An_address_that_has_an_account_joins_it_only_where_it_is_proved()
    {
        var source = await postgres.CreateEmptyDatabase();
        await OldSystems.Run(source, "create table users (id text, email text, password text); insert into users values ('1', 'provada@casa.test', null), ('2', 'solta@casa.test', null), ('3', 'Provada@casa.test', null), (null, 'x@casa.test', null), ('9', 'y@casa.test', null), ('9', 'z@casa.test', null)");
        var (proved, loose) = (await app.Register("provada@casa.test"), await app.Register("solta@casa.test"));
        await app.Execute($"update accounts.users set email_verified = true, verify_by = null where id = {proved.GetProperty("user").Id()}");
        var (came, report) = await Import("agency", source, options => options with { Name = "casa" });
        Assert.Equal((2, 4), (came.Taken("users"), came.Refused("users")));
        Assert.Equal(proved.GetProperty("user").Id(), await app.Here("casa", "users", "1"));
        Assert.Contains("email_taken", report.Said("users", "2"), StringComparer.Ordinal);
        Assert.Contains("email_repeated", report.Said("users", "3"), StringComparer.Ordinal);
        Assert.Equal((1, 1), (came.Said("no_key"), came.Said("key_repeated")));
        Assert.NotEqual(Guid.Empty, loose.GetProperty("user").Id());
    }

    [Fact]
    public async Task What_is_no_such_database_or_asked_for_wrongly_is_refused_without_a_word_of_the_password()
    {
        var empty = await postgres.CreateEmptyDatabase();
        Assert.Equal("source_unknown", (await Assert.ThrowsAsync<RefusedException>(() => Import(Shop, empty))).Code);
        foreach (var (address, code) in ((string, string)[])[("postgres://ana:sesamo@127.0.0.1:1/nada", "source_unreachable"), ("Password=sesamo;nonsense", "source_invalid")])
        {
            var refused = await Assert.ThrowsAsync<RefusedException>(() => Import(Shop, address));
            Assert.Equal(code, refused.Code);
            Assert.DoesNotContain("sesamo", refused.ToString(), StringComparison.Ordinal);
        }

        foreach (var wrong in (Func<MoveInOptions, MoveInOptions>[])[o => o with { From = "wordpress" }, o => o with { Batch = 0 }, o => o with { Currency = "XYZ" }, o => o with { TimeZone = "Mars/Olympus" }, o => o with { Name = "Loja 1" }])
            await Assert.ThrowsAsync<InvalidException>(() => Import(Shop, empty, wrong));
    }

    private async Task ImportsNothingMore(string system, string source)
    {
        var before = await OldSystems.Everything(app.ConnectionString);
        await Import(system, source);
        Assert.Equal(before, await OldSystems.Everything(app.ConnectionString), StringComparer.Ordinal);
    }

    private Task<(MoveInReport Report, JsonElement File)> Import(string system, string source, Func<MoveInOptions, MoveInOptions>? more = null) => app.Imported(system, source, more);

    private async Task<string?[]> Roles(string email) => [.. (await (await (await app.MovedIn(email)).Get("/api/v1/users/me")).Body()).GetProperty("roles").EnumerateArray().Select(role => role.GetString())];

    /// <summary>An id as that shop's database makes it.</summary>
#pragma warning disable CA5351 // The source's own way to make ids; nothing is kept secret by it.
    private static string OldId(string kind, int number) => $"{new Guid(System.Security.Cryptography.MD5.HashData(System.Text.Encoding.UTF8.GetBytes($"{kind}{number}")), bigEndian: true)}";
#pragma warning restore CA5351

    private static string TextOf(JsonElement report, string kind, string id) => string.Join(' ', report.GetProperty("remarks").EnumerateArray().Where(remark => remark.Text("kind") == kind && remark.Text("id") == id).Select(remark => remark.Text("text")));
}
