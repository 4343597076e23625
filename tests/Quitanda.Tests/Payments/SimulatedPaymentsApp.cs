using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Payments.Providers;

namespace Quitanda.Tests.Payments;

/// <summary>The application with its real providers and the simulator on: what leaves an adapter is answered by the provider's stand-in, in the provider's shapes.</summary>
public class SimulatedPaymentsApp(TestPostgres postgres) : PaymentsApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        // What the module itself registers, and not the one provider of the other payment tests.
        var real = builder.Services.Where(service => service.ServiceType == typeof(IPaymentProvider)).ToList();
        base.Configure(builder);
        builder.Services.RemoveAll<IPaymentProvider>().Add(real);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Payments:SimulatorEnabled"] = "true" });
    }

    /// <summary>A payment of a new order at a simulated provider, as it was answered.</summary>
    /// <param name="payer">Whose order it is.</param>
    /// <param name="provider">Who is to take the money.</param>
    /// <param name="method">How the payer means to pay; null where the provider is to ask.</param>
    /// <param name="total">What the order costs, in cents.</param>
    internal async Task<(Guid Order, Guid Payment, JsonElement Answer)> Begin(Person payer, string provider, string? method = "card", long total = 2500)
    {
        var order = await Order(payer, total);
        var answer = await payer.PayBy(order, provider, method);
        return (order, answer.GetProperty("id").GetGuid(), answer);
    }

    /// <summary>A payment of a new order that is paid at its simulated provider, and of which the provider's events have come.</summary>
    internal async Task<(Guid Order, Guid Payment)> PaidBy(Person payer, string provider, string? method = "card", long total = 2500)
    {
        var (order, payment, _) = await Begin(payer, provider, method, total);
        await payer.Happens(payment, new { @do = "succeed" });
        await EventsCome();
        Assert.Equal("succeeded", await StatusOf(payment));
        return (order, payment);
    }

    /// <summary>Does what is due, the providers' events among it: those of one deed are milliseconds apart.</summary>
    internal Task EventsCome() => Later(seconds: 1);

    /// <summary>Has a simulated provider misbehave, or behave again with <c>new { }</c>.</summary>
    internal async Task Set(string provider, object faults)
    {
        var admin = await Somebody(Quitanda.Platform.Roles.Admin);
        await (await admin.Client.PutAsync($"/api/v1/simulator/providers/{provider}", System.Net.Http.Json.JsonContent.Create(faults), TestContext.Current.CancellationToken)).Read(HttpStatusCode.OK);
    }
}

internal static class Simulated
{
    public static async Task<JsonElement> PayBy(this Person payer, Guid order, string provider, string? method) =>
        await (await payer.Post("/api/v1/payments", method is null ? (object)new { orderId = order, provider } : new { orderId = order, provider, method })).Read(HttpStatusCode.Created);

    /// <summary>Has something happen to a payment at its simulated provider.</summary>
    public static async Task Happens(this Person person, Guid payment, object deed) => await (await person.Post($"/api/v1/simulator/payments/{payment}", deed)).Read(HttpStatusCode.Accepted);

    /// <summary>What the provider has told of a payment, the newest first.</summary>
    public static async Task<JsonElement[]> Told(this Person person, Guid payment) => [.. (await person.Get($"/api/v1/simulator/payments/{payment}/events")).GetProperty("data").EnumerateArray()];

    /// <summary>Gives money of a payment back, all that is left without an amount, and returns the refund.</summary>
    public static async Task<JsonElement> GiveBack(this Person staff, Guid payment, long? amount = null) =>
        await (await staff.Post($"/api/v1/payments/{payment}/refunds", amount is null ? (object)new { } : new { amount = new { amount, currency = "BRL" } })).Read(HttpStatusCode.Created);
}
