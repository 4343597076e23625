using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Pricing;
using Quitanda.Payments;
using Quitanda.Payments.Manual;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Sandbox;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>The application with a line to the provider that can be cut, and an ear for what payments announce.</summary>
public class PaymentsApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    private long _number = 1_000_000;

    /// <summary>The line to the provider.</summary>
    internal Line Line { get; } = new();

    internal Announced Announced { get; } = new();

    /// <summary>Somebody signed in.</summary>
    internal async Task<Person> Somebody(Roles roles = Roles.Customer)
    {
        var user = new User { Email = $"{Guid.CreateVersion7():N}@example.com", Name = "Ana", Roles = roles, CreatedAt = Clock.GetUtcNow() };
        await WithDb(db =>
        {
            db.Add(user);
            return Task.FromResult(true);
        });
        return new(user.Id, CreateClient(Services.GetRequiredService<AccessTokens>().Issue(user.Id, Guid.CreateVersion7(), user.Version)));
    }

    /// <summary>An online order, as Ordering writes it, of one line that costs <paramref name="total"/> cents.</summary>
    internal Task<Guid> Order(Person customer, long total = 2500, PaymentMethod method = PaymentMethod.Online) => WithDb(db =>
    {
        var order = Quitanda.Ordering.Orders.Order.Place(
            Guid.CreateVersion7(), customer.Id, new(Interlocked.Increment(ref _number), "A1"), Bill.Of("BRL", [new TakenLine(Guid.CreateVersion7(), "Coxinha", 1, total, "BRL")], discount: null, deliveryFee: 0, tip: 0),
            new(Fulfillment.Pickup, method, Address: null, ScheduledFor: null, Notes: null, Metadata: null), Clock.GetUtcNow(), unpaidFor: TimeSpan.FromMinutes(30));
        db.Add(order);
        return Task.FromResult(order.Id);
    });

    /// <summary>A payment of a new order, still to be paid.</summary>
    internal async Task<(Guid Order, Guid Payment)> Pending(Person customer, long total = 2500)
    {
        var order = await Order(customer, total);
        return (order, (await customer.Pay(order)).GetProperty("id").GetGuid());
    }

    /// <summary>A payment of a new order that is paid.</summary>
    internal async Task<(Guid Order, Guid Payment)> Paid(Person customer, long total = 2500)
    {
        var (order, payment) = await Pending(customer, total);
        Assert.Equal("succeeded", (await customer.Settle(payment, "succeed")).GetProperty("status").GetString());
        return (order, payment);
    }

    /// <summary>Lets time pass and does what falls due in it.</summary>
    internal async Task Later(int seconds = 30)
    {
        await RunJobs();
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        await RunJobs();
    }

    internal Task<string> StatusOf(Guid payment) => WithDb(async db => (await db.ReadFirst($"select status from payments.payments where id = {payment}", row => row.GetString(0), CancellationToken.None))!);

    internal Task<List<(string State, long Amount, long Refunded)>> Charges(Guid payment) => WithDb(db => db.Read(
        $"select state, amount, refunded_amount from payments.sandbox_charges where key = {string.Concat("payment-", payment.ToString("N"))}", row => (row.GetString(0), row.GetInt64(1), row.GetInt64(2)), CancellationToken.None));

    internal Task<long> Count(Sql sql) => WithDb(db => db.ReadFirst(sql, row => row.GetInt64(0), CancellationToken.None));

    internal Task<(string Status, string PaymentStatus)> OrderOf(Guid order) => WithDb(db => db.ReadFirst(
        $"select status, payment_status from ordering.orders where id = {order}", row => (row.GetString(0), row.GetString(1)), CancellationToken.None));

    /// <summary>
    /// Runs <paramref name="first"/> and, before it commits, <paramref name="second"/> in a transaction of its own, until that has ended or waits for a lock of the first.
    /// </summary>
    internal async Task Overlap(Func<IServiceProvider, Task> first, Func<IServiceProvider, Task> second)
    {
        var overlapping = Task.CompletedTask;
        await InScope(async scope =>
        {
            await first(scope);
            overlapping = InScope(async other =>
            {
                await second(other);
                return true;
            });
            while (!overlapping.IsCompleted && await Count($"select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 0)
                await Task.Yield();
            return true;
        });
        await overlapping;
    }

    /// <summary>Calls the order off the way its module does.</summary>
    internal static Task<HttpResponseMessage> CancelOrder(Person customer, Guid order) => customer.Client.PostAsync($"/api/v1/orders/{order}/cancel", null, TestContext.Current.CancellationToken);

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Services.TryAddScoped<ICatalog, NoShelf>();
        builder.Services.RemoveAll<IPaymentProvider>().AddSingleton<IPaymentProvider, ManualProvider>().AddSingleton<IPaymentProvider>(provider => new FarSandbox(provider.GetRequiredService<SandboxProvider>(), Line));
        builder.Services.AddSingleton(Announced).Subscribe<PaymentSucceeded, Hear>("tests.hear-payment-succeeded");
    }

    private sealed class Hear(Announced announced) : IHandle<PaymentSucceeded>
    {
        public Task Handle(PaymentSucceeded message, CancellationToken ct)
        {
            announced.All.Add(message);
            return Task.CompletedTask;
        }
    }

    /// <summary>These orders take nothing from a shelf.</summary>
    private sealed class NoShelf : ICatalog
    {
        public Task<IReadOnlyList<TakenLine>> TakeStock(IReadOnlyList<WantedLine> lines, CancellationToken ct) => throw new NotSupportedException();

        public Task ReturnStock(IReadOnlyList<HeldLine> lines, CancellationToken ct) => Task.CompletedTask;

        public Task<IReadOnlyList<LookedLine>> Look(IReadOnlyList<WantedLine> lines, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<Guid, IReadOnlySet<Guid>>> OptionsOf(IReadOnlyCollection<Guid> productIds, CancellationToken ct) => throw new NotSupportedException();

        public Task<bool> IsThere(Guid productId, CancellationToken ct) => throw new NotSupportedException();

        public Task SetRating(Guid productId, long stars, int reviews, CancellationToken ct) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<Guid, string>> CategoryNames(IReadOnlyCollection<Guid> ids, CancellationToken ct) => throw new NotSupportedException();
    }

    /// <summary>The sandbox behind a line that can lose an answer after the sandbox has committed.</summary>
    private sealed class FarSandbox(SandboxProvider sandbox, Line line) : IPaymentProvider
    {
        public string Name => sandbox.Name;

        public string? WhyOff => sandbox.WhyOff;

        public IReadOnlyList<Quitanda.Payments.Payments.PaymentMethod> Methods => sandbox.Methods;

        public async Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct)
        {
            line.CreateKeys.Add(key);
            return line.Carry(await sandbox.Create(order, key, ct));
        }

        public async Task<ChargeNews> Fetch(Charge charge, CancellationToken ct) => line.Carry(await sandbox.Fetch(charge, ct));

        public async Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct) => line.Carry(await sandbox.Capture(charge, key, ct));

        public async Task<ChargeNews> Cancel(Charge charge, CancellationToken ct) => line.Carry(await sandbox.Cancel(charge, ct));

        public async Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct) => line.Carry(await sandbox.Refund(charge, refund, ct));

        public WebhookNotice? Read(WebhookCall call, DateTimeOffset now) => sandbox.Read(call, now);

        public Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct) => sandbox.List(from, until, cursor, ct);
    }
}

/// <summary>What lies between us and a provider.</summary>
internal sealed class Line
{
    private bool _losesAnswers;

    /// <summary>Every key a charge was asked for with.</summary>
    public ConcurrentBag<string> CreateKeys { get; } = [];

    /// <summary>Loses every answer from now on, after the provider has done what was asked, until it is disposed of.</summary>
    public IDisposable Cut()
    {
        _losesAnswers = true;
        return new Mended(this);
    }

    public T Carry<T>(T answer) => _losesAnswers ? throw new IOException("The connection was reset.") : answer;

    private sealed class Mended(Line line) : IDisposable
    {
        public void Dispose() => line._losesAnswers = false;
    }
}

/// <summary>What payments announced.</summary>
internal sealed class Announced
{
    public ConcurrentBag<PaymentSucceeded> All { get; } = [];

    public int Of(Guid payment) => All.Count(announced => announced.PaymentId == payment);
}

/// <summary>Somebody with a client that is signed in.</summary>
internal sealed record Person(Guid Id, HttpClient Client)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Task<HttpResponseMessage> Post(string path, object body) => Client.PostAsJsonAsync(path, body, Ct);

    public Task<HttpResponseMessage> AskToPay(Guid order) => Post("/api/v1/payments", new { orderId = order, provider = "sandbox", method = "pix" });

    public async Task<JsonElement> Pay(Guid order) => await (await AskToPay(order)).Read(HttpStatusCode.Created);

    public async Task<JsonElement> Settle(Guid payment, string how) => await (await Client.PostAsync($"/api/v1/sandbox/payments/{payment}/{how}", null, Ct)).Read(HttpStatusCode.OK);

    public async Task<JsonElement> Get(string path) => await (await Client.GetAsync(path, Ct)).Read(HttpStatusCode.OK);

    public Task<JsonElement> Look(Guid payment) => Get($"/api/v1/payments/{payment}");
}

internal static class Answers
{
    public static async Task<JsonElement> Read(this HttpResponseMessage response, HttpStatusCode expected)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == expected, $"{response.RequestMessage!.RequestUri} answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    public static async Task IsRefused(this Task<HttpResponseMessage> asked, HttpStatusCode status, string code) =>
        Assert.Equal(code, (await (await asked).Read(status)).GetProperty("code").GetString());

    public static string Status(this JsonElement body) => body.GetProperty("status").GetString()!;
}

internal static class Scopes
{
    public static T Get<T>(this IServiceProvider scope) where T : notnull => scope.GetRequiredService<T>();
}
