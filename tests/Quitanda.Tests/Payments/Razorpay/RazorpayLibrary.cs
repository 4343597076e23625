using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Simulator;

namespace Quitanda.Tests.Payments.Razorpay;

/// <summary>Razorpay's own library.</summary>
public sealed class RazorpayLibrary() : ProviderLibrary("razorpay", "razorpay.js")
{
    /// <summary>What the library makes of bodies and their signatures.</summary>
    internal async Task<bool[]> Validate(IEnumerable<(string Body, string Signature, string Secret)> calls) =>
        [.. (await Ask(new { ask = "validate", calls = calls.Select(call => new { body = call.Body, signature = call.Signature, secret = call.Secret }) })).GetProperty("valid").EnumerateArray().Select(valid => valid.GetBoolean())];

    /// <summary>Has the library ask an application's simulated Razorpay, such as <c>payments.fetch("pay_1")</c>: <c>answer</c> or <c>refusal</c>.</summary>
    internal async Task<JsonElement> Call(SimulatedPaymentsApp app, string resource, string method, params object[] args)
    {
        await using var front = await SimulatedFront.Open(app.Services.GetRequiredService<Simulator>(), "razorpay");
        return await Ask(new { ask = "call", at = front.Url, resource, method, args });
    }
}
