using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Catalog;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Pricing;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>The application with a provider that can be made to say more than the sandbox does: fees, disputes, refunds of its own, and that it refuses.</summary>
public class LedgerApp(TestPostgres postgres) : PaymentsApp(postgres)
{
    private long _number = 5_000_000;

    /// <summary>What the provider says of a payment, made from what the sandbox says.</summary>
    internal ConcurrentDictionary<Guid, Func<ChargeNews, ChargeNews>> Words { get; } = [];

    /// <summary>What the provider answers to refunds of a payment, instead of giving the money back.</summary>
    internal ConcurrentDictionary<Guid, RefundNews> Refusals { get; } = [];

    /// <summary>What comes of asking for the provider's list, instead of the list; null where it is given.</summary>
    internal Func<Exception>? ListFails { get; set; }

    /// <summary>How many charges the provider gives at once.</summary>
    internal int PageSize { get; set; } = 100;

    /// <summary>An online order with goods, delivery and a tip.</summary>
    internal Task<Guid> Order(Person customer, long goods, long delivery, long tip, string currency = "BRL") => WithDb(db =>
    {
        var order = Quitanda.Ordering.Orders.Order.Place(
            Guid.CreateVersion7(), customer.Id, new(Interlocked.Increment(ref _number), "A1"), Bill.Of(currency, [new TakenLine(Guid.CreateVersion7(), "Pastel", 1, goods, currency)], discount: null, delivery, tip),
            new(Fulfillment.Delivery, Quitanda.Ordering.Orders.PaymentMethod.Online, new("Rua das Flores", "12", null, "Centro", "Recife", "PE", "50000-000", "BR"), ScheduledFor: null, Notes: null, Metadata: null), Clock.GetUtcNow(), unpaidFor: TimeSpan.FromMinutes(30));
        db.Add(order);
        return Task.FromResult(order.Id);
    });

    /// <summary>A payment that is paid, with a split of its own.</summary>
    internal async Task<Guid> Paid(Person customer, IReadOnlyDictionary<string, long> split)
    {
        var (_, payment) = await Pending(customer, split.Values.Sum());
        await WithDb(db => db.Execute($"update payments.payments set split = {Sql.Json(split)} where id = {payment}", TestContext.Current.CancellationToken));
        Assert.Equal("succeeded", (await customer.Settle(payment, "succeed")).Status());
        return payment;
    }

    /// <summary>Has the provider say something of a payment, and hears it.</summary>
    internal async Task<JsonElement> Says(Person who, Guid payment, Func<ChargeNews, ChargeNews> word)
    {
        Words[payment] = word;
        return await (await who.Client.PostAsync($"/api/v1/payments/{payment}/refresh", null, TestContext.Current.CancellationToken)).Read(HttpStatusCode.OK);
    }

    /// <summary>Gives money back and waits until it has gone.</summary>
    internal async Task<Guid> Refund(Person staff, Guid payment, long? amount = null, string currency = "BRL")
    {
        var asked = await staff.Post($"/api/v1/payments/{payment}/refunds", amount is null ? new { } : new { amount = new { amount, currency } });
        var id = (await asked.Read(HttpStatusCode.Created)).GetProperty("id").GetGuid();
        await RunJobs();
        return id;
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        foreach (var far in builder.Services.Where(service => service.ServiceType == typeof(IPaymentProvider) && service.ImplementationFactory is not null).ToList())
        {
            builder.Services.Remove(far);
            builder.Services.AddSingleton<IPaymentProvider>(provider => new Talkative((IPaymentProvider)far.ImplementationFactory!(provider), this));
        }
    }

    private sealed class Talkative(IPaymentProvider inner, LedgerApp app) : IPaymentProvider
    {
        public string Name => inner.Name;

        public string? WhyOff => inner.WhyOff;

        public IReadOnlyList<Quitanda.Payments.Payments.PaymentMethod> Methods => inner.Methods;

        public Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct) => inner.Create(order, key, ct);

        public async Task<ChargeNews> Fetch(Charge charge, CancellationToken ct) => Said(await inner.Fetch(charge, ct));

        public Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct) => inner.Capture(charge, key, ct);

        public Task<ChargeNews> Cancel(Charge charge, CancellationToken ct) => inner.Cancel(charge, ct);

        public Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct) =>
            app.Refusals.TryGetValue(charge.PaymentId, out var refused) ? Task.FromResult(refused) : inner.Refund(charge, refund, ct);

        public WebhookNotice? Read(WebhookCall call, DateTimeOffset now) => inner.Read(call, now);

        public async Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct)
        {
            if (app.ListFails is { } fails)
                throw fails();
            List<ChargeNews> all = [];
            string? next = null;
            do
            {
                var page = await inner.List(from, until, next, ct);
                (all, next) = ([.. all, .. page.Charges], page.Next);
            }
            while (next is not null);
            var at = cursor is null ? 0 : int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture);
            return new([.. all.Skip(at).Take(app.PageSize).Select(Said)], at + app.PageSize < all.Count ? (at + app.PageSize).ToString(System.Globalization.CultureInfo.InvariantCulture) : null);
        }

        private ChargeNews Said(ChargeNews news) => news.PaymentId is { } payment && app.Words.TryGetValue(payment, out var word) ? word(news) : news;
    }
}
