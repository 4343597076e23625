using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.MovingIn;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Booking;

namespace Quitanda.Tests.MovingIn;

/// <summary>Databases that are stranger than the ones we know: each row that cannot come says so, and hurts nothing else.</summary>
public sealed class OddSourcesTests(QuitandaApp app, TestPostgres postgres) : IClassFixture<QuitandaApp>
{
    private const string Password = "$2b$04$abcdefghijklmnopqrstuuPdwvXmbPLyQupR7iLcXQIhO8ORzjUky";

    private static readonly string LongShelf = new('x', 99);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Empty_and_garbled_rows_are_refused_by_themselves()
    {
        var source = await Shop("garbled", $$"""
            insert into addresses values ('empty', '1', null, null, null), ('whole', '1', 'Rua', 'Olinda', '53020-080');
            insert into products values
                ('garbled', 'Bolo', 5, null, '{"calories": 1, "servingSize": "Rua \ud83d"}', null, '2025-01-03Z'),
                ('split', 'Torta', 5, null, null, '{{LongShelf}}😀 fresca', '2025-01-03Z'),
                ('plain', 'Pão', 5, null, null, null, '2025-01-03Z');
            """);
        var (report, file) = await app.Imported("commerce", source, Named("garbled"));
        Assert.Equal(["address_incomplete"], file.Said("addresses", "empty"), StringComparer.Ordinal);
        Assert.Equal(["not_understood"], file.Said("products", "garbled"), StringComparer.Ordinal);
        Assert.Equal((1, 2), (report.Taken("addresses"), report.Taken("products")));
        Assert.Equal(LongShelf, (await Product("garbled", "split")).GetProperty("category").Text("name"));
        // And the next run says the same of them.
        var (again, _) = await app.Imported("commerce", source, Named("garbled"));
        Assert.Equal((0, 2, 0, 1), (again.Taken("products"), again.Unchanged("products"), again.Changed("products"), again.Refused("products")));
    }

    [Fact]
    public async Task Nobody_pays_an_order_of_before_whatever_is_known_of_its_payment()
    {
        var source = await Shop("paid", """
            insert into products values ('p', 'Broa', 5, null, null, null, '2025-01-03Z');
            insert into orders values ('silent', '1', 'completed', 500, null, '2025-02-01Z'), ('open', '1', 'completed', 500, 'pending', '2025-02-01Z'), ('odd', '1', 'completed', 500, 'moonlit', '2025-02-01Z');
            insert into order_items values ('silent', 'p', 1, 5), ('open', 'p', 1, 5), ('odd', 'p', 1, 5);
            """);
        var (_, file) = await app.Imported("commerce", source, Named("paid"));
        Assert.Equal(["payment_unknown"], file.Said("orders", "odd"), StringComparer.Ordinal);
        using var ana = await app.MovedIn("ana@paid.test");
        foreach (var (id, status) in ((string, string)[])[("silent", "paid"), ("open", "pending"), ("odd", "pending")])
        {
            var order = await app.Here("paid", "orders", id);
            Assert.Equal(status, (await (await ana.Get($"/api/v1/orders/{order}")).Body()).Text("paymentStatus"));
            Assert.Equal("already_paid", await (await ana.Post("/api/v1/payments", new { orderId = order, provider = "sandbox", method = "card" })).Refusal(HttpStatusCode.Conflict));
        }
    }

    [Fact]
    public async Task What_nothing_is_read_from_cannot_stop_an_import()
    {
        var source = await Shop("left", """
            create view broken as select * from users where 1 / (length(id) - length(id)) = 1;
            create table locked (id integer); insert into locked values (1); alter table locked enable row level security; alter table locked force row level security;
            create policy never on locked using (1 / (id - id) = 1);
            create table log as select n as id, repeat('x', 100) as line from generate_series(1, 100000) n; analyze log;
            create table few as select 1 as id;
            """);
        var (report, file) = await app.Imported("commerce", source, Named("left"));
        Assert.Equal(1, report.Taken("users"));
        var left = file.GetProperty("left").EnumerateArray().ToDictionary(table => table.Text("table")!, StringComparer.Ordinal);
        Assert.DoesNotContain("broken", left.Keys, StringComparer.Ordinal);
        Assert.Equal(JsonValueKind.Null, left["locked"].GetProperty("rows").ValueKind);
        Assert.Contains("cannot be counted", left["locked"].Text("why"), StringComparison.Ordinal);
        Assert.Equal((1, false), (left["few"].GetProperty("rows").GetInt32(), left["few"].GetProperty("isEstimate").GetBoolean()));
        // Not gone through row by row.
        Assert.True(left["log"].GetProperty("isEstimate").GetBoolean());
        Assert.InRange(left["log"].GetProperty("rows").GetInt64(), 90_000, 110_000);
    }

    [Fact]
    public async Task What_breaks_while_it_is_read_is_the_other_databases()
    {
        var source = await Shop("breaks", "alter table products rename to goods; create view products as select * from goods where 1 / (length(id) - length(id)) = 1; insert into goods values ('p', 'Pão', 5, null, null, null, '2025-01-03Z')");
        Assert.Equal("source_unreachable", (await Assert.ThrowsAsync<RefusedException>(() => app.Import("commerce", source, Named("breaks")))).Code);
        // What came before stands, and so does the next run.
        await OldSystems.Run(source, "drop view products; alter table goods rename to products");
        var again = await app.Import("commerce", source, Named("breaks"));
        Assert.Equal((1, 1), (again.Unchanged("users"), again.Taken("products")));
    }

    [Fact]
    public async Task A_word_that_is_not_known_closes_and_what_is_not_yet_published_waits()
    {
        var now = app.Clock.GetUtcNow();
        var source = await Shop("words", $"""
            insert into users values ('2', 'bia@words.test', '{Password}', 'bloqueado'), ('3', 'caio@words.test', '{Password}', null);
            create table posts (id text, author_id text, title text, body text, status text, published_at timestamptz);
            insert into posts values
                ('out', '1', 'Fora', 'Texto.', 'published', '2025-02-01Z'), ('private', '1', 'Meu', 'Texto.', 'private', '2025-02-01Z'), ('soon', '1', 'Logo', 'Texto.', 'published', '{now.AddDays(7):O}'),
                ('draft', '1', 'Rascunho', 'Texto.', 'draft', '{now.AddDays(7):O}'), ('far', '1', 'Longe', 'Texto.', null, '{now.AddDays(3000):O}'), ('whenever', '1', 'Sem data', 'Texto.', 'published', null);
            create table comments (id text, post_id text, user_id text, body text, status text);
            insert into comments values ('spam', 'out', '1', 'Compre!', 'spam'), ('shown', 'out', '1', 'Oi.', 'approved'), ('plain', 'out', '1', 'Olá.', null);
            """);
        var (_, file) = await app.Imported("commerce", source, Named("words"));
        foreach (var (kind, id) in ((string, string)[])[("users", "2"), ("posts", "private"), ("comments", "spam")])
            Assert.Contains("status_unknown", file.Said(kind, id), StringComparer.Ordinal);
        foreach (var (kind, id) in ((string, string)[])[("users", "1"), ("users", "3"), ("posts", "soon"), ("comments", "plain")])
            Assert.Empty(file.Said(kind, id));
        Assert.Equal(["not_scheduled"], file.Said("posts", "far"), StringComparer.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await app.SignIn("bia@words.test")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.SignIn("caio@words.test")).StatusCode);
        Assert.Equal("pending", await app.Scalar<string>($"select state from content.comments where id = {await app.Here("words", "comments", "spam")}"));
        foreach (var (id, status) in ((string, string)[])[("out", "published"), ("private", "draft"), ("soon", "scheduled"), ("draft", "draft"), ("far", "draft"), ("whenever", "published")])
            Assert.Equal(status, await app.Scalar<string>($"select status from content.posts where id = {await app.Here("words", "posts", id)}"));

        app.Clock.Advance(TimeSpan.FromDays(8));
        await app.RunJobs();
        var soon = await (await app.Guest.Get($"/api/v1/posts/{await app.Here("words", "posts", "soon")}")).Body();
        Assert.Equal(now.AddDays(7), soon.GetProperty("publishedAt").GetDateTimeOffset());
        // Time went by there, and nothing else happened.
        var (again, _) = await app.Imported("commerce", source, Named("words"));
        Assert.Equal((0, 6, 0), (again.Taken("posts"), again.Unchanged("posts"), again.Changed("posts")));
    }

    [Fact]
    public async Task The_address_of_an_image_is_taken_whole_or_said_to_be_left_out()
    {
        var source = await Shop("images", $"""
            insert into products values
                ('commas', 'Pão', 5, 'https://res.images.test/w_300,h_200/pao.jpg', null, null, '2025-01-03Z'), ('list', 'Bolo', 5, '["https://images.test/1.jpg", "https://images.test/2.jpg"]', null, null, '2025-01-03Z'),
                ('data', 'Suco', 5, 'data:image/png;base64,{new string('A', 600)}', null, null, '2025-01-03Z'), ('none', 'Chá', 5, null, null, null, '2025-01-03Z');
            alter table users add avatar bytea; alter table products add description bytea; update products set description = decode(repeat('ff', 3000), 'hex');
            """);
        var (_, file) = await app.Imported("commerce", source, Named("images"));
        Assert.Equal("https://res.images.test/w_300,h_200/pao.jpg", (await Product("images", "commas")).GetProperty("metadata").Text("importedImage"));
        Assert.Equal("https://images.test/1.jpg", (await Product("images", "list")).GetProperty("metadata").Text("importedImage"));
        Assert.False((await Product("images", "data")).GetProperty("metadata").TryGetProperty("importedImage", out _));
        Assert.Equal(["left_out"], file.Said("products", "data"), StringComparer.Ordinal);
        Assert.Empty(file.Said("products", "none"));
        // No text was made of what is no text.
        Assert.Equal("", (await Product("images", "none")).Text("description"));
    }

    [Fact]
    public async Task A_line_names_its_product_before_that_has_come_and_a_second_run_finds_nothing_changed()
    {
        var source = await Shop("later", """
            insert into products values ('p', 'Broa', -5, null, null, null, '2025-01-03Z');
            insert into orders values ('o', '1', 'completed', 500, 'paid', '2025-02-01Z');
            insert into order_items values ('o', 'p', 1, 5);
            """);
        var first = await app.Import("commerce", source, Named("later"));
        Assert.Equal((0, 1), (first.Taken("products"), first.Taken("orders")));
        await OldSystems.Run(source, "update products set price = 5");
        var second = await app.Import("commerce", source, Named("later"));
        Assert.Equal((1, 0, 1), (second.Taken("products"), second.Changed("orders"), second.Unchanged("orders")));
        var order = await app.Here("later", "orders", "o");
        Assert.Equal(await app.Here("later", "products", "p"), await app.Scalar<Guid>($"select product_id from ordering.order_items where order_id = {order}"));
    }

    [Fact]
    public async Task Bookings_to_come_are_reminded_of_and_listings_under_review_are_not_shown()
    {
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(4);
        var source = await postgres.CreateEmptyDatabase();
        await OldSystems.Run(source, $"""
            create table users (id text, email text, password text);
            insert into users values ('1', 'ana@rent.test', '{Password}'), ('2', 'bia@rent.test', '{Password}');
            create table listings (id text, owner_id text, title text, price integer, location text, approval_status text, created_at timestamptz);
            insert into listings values ('1', '1', 'Salão', 100, 'Olinda', 'approved', '2025-01-02Z'), ('2', '1', 'Quintal', 100, 'Olinda', 'under_review', '2025-01-02Z');
            create table bookings (id text, listing_id text, user_id text, start_date date, end_date date, total_price integer, status text);
            insert into bookings values ('1', '1', '2', '{day:O}', '{day:O}', 100, 'confirmed');
            """);
        var (_, file) = await app.Imported("eventos", source, Named("rent"));
        Assert.Equal(["status_unknown"], file.Said("listings", "2"), StringComparer.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.Get($"/api/v1/listings/{await app.Here("rent", "listings", "1")}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await app.Guest.Get($"/api/v1/listings/{await app.Here("rent", "listings", "2")}")).StatusCode);

        var booking = await app.Here("rent", "bookings", "1");
        await app.Later(TimeSpan.FromDays(1));
        Assert.Equal(0, await Reminders());
        var again = await app.Import("eventos", source, Named("rent"));
        Assert.Equal((0, 1), (again.Changed("bookings"), again.Unchanged("bookings")));
        await app.Later(TimeSpan.FromDays(2));
        Assert.Equal(1, await Reminders());

        Task<long> Reminders() => app.Scalar<long>($"select count(*) from booking.reminders where booking_id = {booking}");
    }

    [Fact]
    public async Task What_goes_to_a_module_that_is_off_stays_where_it_is_and_the_report_says_so()
    {
        var source = await Shop("off", "insert into products values ('p', 'Broa', 5, null, null, null, '2025-01-03Z'), ('q', 'Bolo', 5, null, null, null, '2025-01-03Z')");
        await using var other = new OtherProcess(QuitandaApp.Build(app.ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock));
            foreach (var name in (string[])["Catalog", "Ordering", "Baskets"])
                builder.Configuration[$"Modules:{name}"] = "false";
        }));
        await other.StartAsync(_ct);
        var report = await other.Services.GetRequiredService<MoveIn>().Run(new() { From = "commerce", Address = source, Name = "off" }, _ => { }, _ct);
        Assert.Equal((1, 0, 2), (report.Taken("users"), report.Taken("products"), report.Refused("products")));
        Assert.Equal(2, report.Said("module_off"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from movingin.arrivals where source = 'off' and kind <> 'users'"));
        // And they come once it is on again.
        Assert.Equal(2, (await app.Import("commerce", source, Named("off"))).Taken("products"));
    }

    private static Func<MoveInOptions, MoveInOptions> Named(string name) => options => options with { Name = name };

    /// <summary>A small shop with one customer, and whatever else is wanted.</summary>
    private async Task<string> Shop(string name, string more)
    {
        var source = await postgres.CreateEmptyDatabase();
        await OldSystems.Run(source, $"""
            create table users (id text, email text, password text, status text);
            insert into users values ('1', 'ana@{name}.test', '{Password}', 'active');
            create table addresses (id text, user_id text, street text, city text, postal_code text);
            create table products (id text, name text, price numeric, image_url text, nutrition text, category text, created_at timestamptz);
            create table orders (id text, customer_id text, status text, total_cents bigint, payment_status text, created_at timestamptz);
            create table order_items (order_id text, product_id text, quantity integer, price numeric);
            """ + more);
        return source;
    }

    private async Task<JsonElement> Product(string source, string id) => await (await app.Guest.Get($"/api/v1/products/{await app.Scalar<string>($"select slug from catalog.products where id = {await app.Here(source, "products", id)}")}")).Body();
}
