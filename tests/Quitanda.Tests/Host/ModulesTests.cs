using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Baskets.Baskets;
using Quitanda.Host;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;
using Quitanda.Platform.OpenApi;
using Quitanda.Tests.Booking;
using Quitanda.Tests.Ordering;
using People = Quitanda.Tests.Accounts.People;

namespace Quitanda.Tests.Host;

/// <summary>Modules that are off, beside an application on the same database that has all of them.</summary>
public sealed partial class ModulesTests(Shop app) : IClassFixture<Shop>
{
    private const string Booking = "Booking";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Each module that can be off, with those that cannot do without it.</summary>
    public static TheoryData<string> Sets => [.. Application.Modules.Where(module => !module.IsBase).Select(module => string.Join(' ', WithThoseAbove(module.Name)))];

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task What_is_off_is_not_there_and_everything_else_is(string set)
    {
        string[] names = set.Split(' ');
        await using var other = await Start(names);
        var off = Application.Modules.Where(module => names.Contains(module.Name, StringComparer.Ordinal)).Select(module => module.Add.Method.DeclaringType!.Assembly).ToHashSet();

        var (all, left) = (RoutesOf(app.Services), RoutesOf(other.Services));
        Assert.DoesNotContain(left, route => off.Contains(route.Module));
        var missing = all.Except(left).Where(route => !off.Contains(route.Module)).ToList();
        // Where nobody sells or rents, nobody says how it was.
        Assert.All(missing, route => Assert.Equal("Quitanda.Reviews", route.Module.GetName().Name));
        Assert.True(missing.Count == 0 || names.Contains("Ordering", StringComparer.Ordinal) || names.Contains(Booking, StringComparer.Ordinal), string.Join(", ", missing));

        using var admin = ClientOf(other, await People.Insert(app, Roles.Customer | Roles.Admin));
        foreach (var route in all.Except(left))
        {
            using var request = new HttpRequestMessage(new(route.Method), Hole().Replace(route.Path, _ => $"{Guid.CreateVersion7()}"));
            await (await admin.SendAsync(request, Ct)).Refusal(HttpStatusCode.NotFound, "not_found");
        }

        var document = JsonDocument.Parse((await other.Services.GetRequiredService<ApiDocument>().Answer(Ct)).Plain.Body).RootElement.GetProperty("paths");
        Assert.Equal(left.Select(route => route.Operation).Order(StringComparer.Ordinal), OperationsOf(document).Order(StringComparer.Ordinal), StringComparer.Ordinal);

        var kinds = other.Services.GetRequiredService<Subscriptions>();
        Assert.DoesNotContain(kinds.All, kind => off.Contains(kind.Handler.Assembly) && kind.Handler.GetCustomAttribute<EvenWhenOffAttribute>() is null);
        Assert.Equal(kinds.All.Select(kind => kind.Kind).Order(StringComparer.Ordinal), kinds.Kinds.Order(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var services in (IEnumerable<object>[])[other.Services.GetServices<IDemo>(), other.Services.GetServices<IStreamSource>(), other.Services.GetServices<IRealtimeSource>()])
            Assert.DoesNotContain(services, service => off.Contains(service.GetType().Assembly));
        // Its tables are as current as all others.
        Assert.True(await Migrator.IsCurrent(other.Services.GetRequiredService<Database>(), Application.Migrations(other.Services), Ct));
    }

    [Fact]
    public async Task Without_bookings_an_order_is_placed_and_paid()
    {
        await using var other = await Start(WithThoseAbove(Booking));
        var product = await app.Product(stock: 3, price: 700);
        var ana = await People.Insert(app);
        using var client = ClientOf(other, ana);
        var order = await (await client.Post("/api/v1/orders", Shop.Pickup((product, 2)))).Body(HttpStatusCode.Created);
        await client.Pay(new { orderId = order.Id(), provider = "sandbox", method = "card" });
        await Drain(other);
        Assert.Equal("confirmed", (await (await client.Get($"/api/v1/orders/{order.Id()}")).Body()).Text("status"));
        Assert.Equal(1, await app.StockOf(product));
    }

    [Fact]
    public async Task Without_a_shop_a_booking_is_paid()
    {
        await using var other = await Start(WithThoseAbove("Catalog"));
        var listing = await app.Listing((await app.Owner()).Id);
        using var client = ClientOf(other, await People.Insert(app));
        var day = DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(40);
        var booking = await client.Booked(listing, day, day);
        await client.Pay(new { bookingId = booking.Id(), provider = "sandbox", method = "card" });
        await Drain(other);
        Assert.Equal("confirmed", (await client.Booking(booking.Id())).Text("status"));
    }

    [Fact]
    public async Task Jobs_of_a_module_that_is_off_wait_unharmed_until_it_is_on()
    {
        var product = await app.Product(stock: 5, price: 900);
        var ana = await app.Customer();
        var order = await app.Place(ana, Shop.Pickup((product, 1)));
        await using var other = await Start(WithThoseAbove("Ordering"));
        await other.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        await other.Services.GetRequiredService<Executor>().Run(provider =>
        {
            provider.GetRequiredService<Db>().Schedule(LapseOrder.Kind, new LapseOrder.Message(order.Id()), app.Clock.GetUtcNow());
            return Task.CompletedTask;
        }, Ct);
        using var admin = ClientOf(other, await People.Insert(app, Roles.Customer | Roles.Admin));
        await Drain(other);

        var (state, attempts) = await app.WithDb(db => db.ReadFirst($"select state, attempts from platform.jobs where kind = {LapseOrder.Kind}", row => (row.GetString(0), row.GetInt32(1)), Ct));
        Assert.Equal(("ready", 0), (state, attempts));
        var kind = (await (await admin.Get("/api/v1/job-kinds")).Body()).GetProperty("data").EnumerateArray().Single(kind => kind.Text("kind") == LapseOrder.Kind);
        Assert.Equal((1, false), (kind.GetProperty("due").GetInt32(), kind.GetProperty("isKnown").GetBoolean()));

        // It is nobody's lag, and stands in no other job's way.
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await Drain(other);
        Assert.Equal("ok", (await (await admin.Get("/health/ready")).Body()).Text("status"));

        await app.RunJobs();
        Assert.Equal(0, await People.Scalar<long>(app, $"select count(*) from platform.jobs where kind = {LapseOrder.Kind} and run_at < {app.Clock.GetUtcNow()}"));
    }

    [Fact]
    public async Task What_a_module_that_is_off_holds_about_people_goes_with_them_all_the_same()
    {
        var ana = await People.Insert(app);
        await app.InsertWait(ana.Id);
        await using var other = await Start(WithThoseAbove(Booking));
        await other.Services.GetRequiredService<Executor>().Run(async provider =>
        {
            await provider.GetRequiredService<Erasure>().Erase(ana.Id, Ct);
            return true;
        }, Ct);
        Assert.Equal(0, await People.Scalar<long>(app, $"select count(*) from booking.waits where person_id = {ana.Id}"));
    }

    [Fact]
    public async Task The_log_of_mails_goes_on_while_nobody_is_told_anything_and_is_forgotten_all_the_same()
    {
        var (ana, old) = (await People.Insert(app), app.Clock.GetUtcNow().AddDays(-200));
        await using var other = await Start("Notifications");
        foreach (var at in (DateTimeOffset[])[old, app.Clock.GetUtcNow()])
            await People.Execute(app, $"""
                insert into notifications.deliveries (id, person_id, channel, kind, status, attempts, created_at, updated_at, finished_at)
                values ({Guid.CreateVersion7(at)}, {ana.Id}, 'email', 'order.confirmed', 'sent', 1, {at}, {at}, {at})
                """);
        await other.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await Drain(other);
        Assert.Equal(1, await People.Scalar<long>(app, $"select count(*) from notifications.deliveries where person_id = {ana.Id}"));
    }

    [Fact]
    public async Task Money_that_a_basket_owes_goes_back_though_baskets_are_off()
    {
        await using var other = await Start("Baskets");
        Assert.Contains(RefundOrderPart.Kind, other.Services.GetRequiredService<Subscriptions>().Kinds, StringComparer.Ordinal);
        Assert.DoesNotContain(ExpireBaskets.Kind, other.Services.GetRequiredService<Subscriptions>().Kinds, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("Weather", "false", "Modules:Weather is no module of this host. Those that can be off are Reviews, Content, Catalog, Ordering, Booking, Baskets, Notifications and MovingIn.")]
    [InlineData("Accounts", "false", "Modules:Accounts cannot be false: everything else stands on Files, Accounts and Payments.")]
    [InlineData("Booking", "false", "Modules:Booking is false, but Baskets needs Booking. Turn Baskets off as well (Modules__Baskets=false), or Booking on again.")]
    [InlineData("Reviews", "perhaps", "Modules:Reviews is 'perhaps', which is neither true nor false.")]
    public void What_cannot_be_is_said_at_the_start(string name, string value, string message) =>
        Assert.Equal(message, Assert.Throws<SettingException>(() => QuitandaApp.Build(app.ConnectionString, builder => builder.Configuration[$"Modules:{name}"] = value)).Message);

    [Fact]
    public void Modules_that_could_not_be_told_apart_or_need_what_nobody_lists_are_refused()
    {
        HouseModule one = new("One", services => services.AddSingleton<IModule, First>()), two = new("Two", services => services.AddSingleton<IModule, Second>()), lost = new("Lost", _ => { }, "Oredring");
        Assert.Equal("One and Two are in one assembly: what belongs to a module is told by its assembly, so each has its own.", Refused(one, two));
        Assert.Equal("Lost needs Oredring, and no module before it is called that.", Refused(lost));

        static string Refused(params HouseModule[] modules) => Assert.Throws<InvalidOperationException>(() => new House().Add(new ServiceCollection(), modules)).Message;
    }

    [Fact]
    public async Task A_module_that_is_said_to_be_on_is_on()
    {
        await using var other = new OtherProcess(QuitandaApp.Build(app.ConnectionString, builder => builder.Configuration["Modules:accounts"] = "True"));
        await other.StartAsync(Ct);
        Assert.Equal(RoutesOf(app.Services).Count, RoutesOf(other.Services).Count);
    }

    [Fact]
    public void The_configuration_page_lists_every_module_that_can_be_off_and_what_it_needs()
    {
        var page = File.ReadAllText(Path.Combine(Sources.Root, "docs", "configuration.md"));
        var listed = Row().Matches(page).Select(row => (row.Groups["name"].Value, row.Groups["needs"].Value));
        Assert.Equal(Application.Modules.Where(module => !module.IsBase).Select(module => (module.Name, module.Needs.Length == 0 ? "-" : string.Join(", ", module.Needs.Select(needed => $"`{needed}`")))), listed);
    }

    private static string[] WithThoseAbove(string name) =>
        [.. Application.Modules.Aggregate((IEnumerable<string>)[name], (off, module) => module.Needs.Any(off.Contains) ? [.. off, module.Name] : off)];

    private async Task<OtherProcess> Start(params string[] off)
    {
        var other = new OtherProcess(QuitandaApp.Build(app.ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock));
            foreach (var name in off)
                builder.Configuration[$"Modules:{name}"] = "false";
        }));
        await other.StartAsync(Ct);
        return other;
    }

    private HttpClient ClientOf(OtherProcess other, Quitanda.Accounts.Users.User user)
    {
        var client = other.GetTestClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", People.TokenOf(app, user));
        return client;
    }

    private static async Task Drain(OtherProcess other)
    {
        while (await other.Services.GetRequiredService<JobRunner>().RunDue(Ct) > 0)
        {
            // Each round may have queued more.
        }
    }

    private static List<Found> RoutesOf(IServiceProvider services) =>
    [
        .. from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}"
           let handler = endpoint.Metadata.GetMetadata<MethodInfo>()
           where handler is not null && endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>()?.ExcludeFromDescription != true
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods
           select new Found(method, path, handler.DeclaringType!.Assembly),
    ];

    private static IEnumerable<string> OperationsOf(JsonElement paths) =>
        from path in paths.EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where operation.Name is "get" or "post" or "put" or "patch" or "delete"
        select $"{operation.Name.ToUpperInvariant()} {Hole().Replace(path.Name, "{}")}";

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Hole();

    [GeneratedRegex(@"^\| `Modules__(?<name>\w+)` \| (?<needs>[^|]+) \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Row();

    private sealed class First : IModule
    {
        public void Map(ModelBuilder model) { }

        public void Map(IEndpointRouteBuilder routes) { }
    }

    private sealed class Second : IModule
    {
        public void Map(ModelBuilder model) { }

        public void Map(IEndpointRouteBuilder routes) { }
    }

    private sealed record Found(string Method, string Path, Assembly Module)
    {
        public string Operation => $"{Method} {Hole().Replace(Path, "{}")}";
    }
}
