using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.Razorpay;

/// <summary>Razorpay's HTTP API, version 1 (the version is in its addresses; there is no other), as far as it is needed here.</summary>
internal sealed class RazorpayApi(ProviderLine line, IOptions<RazorpaySettings> settings, Simulation simulation)
{
    /// <summary>The header that makes a refund one, however often it is asked for: 10 characters or more, letters, digits, <c>-</c> and <c>_</c>.</summary>
    public const string RefundKeyHeader = "X-Refund-Idempotency";

    /// <summary>Things that a page holds at the most.</summary>
    public const int PageSize = 100;

    /// <summary>Pages that are looked through for one thing: what is further back is not found.</summary>
    private const int PagesAtMost = 10;

    /// <summary>Orders whose receipt is that. There should be one, and two that asked at once made two.</summary>
    public async Task<IReadOnlyList<JsonElement>> OrdersOf(string receipt, CancellationToken ct) =>
        // It finds what contains the receipt, too.
        [.. (await Get($"/v1/orders?receipt={Uri.EscapeDataString(receipt)}&count={PageSize}", ct)).Items().Where(order => order.Text("receipt") == receipt)];

    /// <summary>A page of the orders that were made in a time, with the payments that were tried for each. Both ends are in it.</summary>
    public async Task<IReadOnlyList<JsonElement>> OrdersMade(DateTimeOffset from, DateTimeOffset until, long skip, CancellationToken ct) =>
        (await Get($"/v1/orders?from={Seconds(from)}&to={Seconds(until)}&count={PageSize}&skip={skip}&expand[]=payments", ct)).Items();

    /// <summary>Null where there is none.</summary>
    public async Task<JsonElement?> Order(string id, CancellationToken ct) => await Find($"/v1/orders/{id}", ct);

    /// <summary>Null where there is none.</summary>
    public async Task<JsonElement?> Payment(string id, CancellationToken ct) => await Find($"/v1/payments/{id}", ct);

    /// <summary>Every payment that was tried for an order.</summary>
    public async Task<IReadOnlyList<JsonElement>> PaymentsOf(string order, CancellationToken ct) => (await Get($"/v1/orders/{order}/payments", ct)).Items();

    /// <summary>The refunds of a payment.</summary>
    public Task<List<JsonElement>> RefundsOf(string payment, CancellationToken ct) => Pages($"/v1/payments/{payment}/refunds?", ct);

    /// <summary>The disputes about a payment. They cannot be asked for by it: so those of the account are looked through that were opened since it was made, which are few.</summary>
    public async Task<IEnumerable<JsonElement>> DisputesOf(string payment, DateTimeOffset? madeAt, CancellationToken ct) =>
        (await Pages($"/v1/disputes?from={Seconds(madeAt ?? DateTimeOffset.UnixEpoch)}&", ct)).Where(dispute => dispute.Id("payment_id") == payment);

    /// <summary>Makes an order. Again it is another one: there is no key for it.</summary>
    public Task<ProviderAnswer> MakeOrder(JsonObject order, CancellationToken ct) => Ask(HttpMethod.Post, "/v1/orders", ct, order);

    /// <summary>Takes what is held. What was taken before is refused, so asking twice takes once.</summary>
    public Task<ProviderAnswer> Capture(string payment, Money amount, CancellationToken ct) =>
        Ask(HttpMethod.Post, $"/v1/payments/{payment}/capture", ct, new() { ["amount"] = amount.Amount, ["currency"] = amount.Currency }, mayRepeat: true);

    /// <summary>Gives money back. The same key with the same body is the same refund.</summary>
    public Task<ProviderAnswer> Refund(string payment, JsonObject refund, string key, CancellationToken ct) =>
        Ask(HttpMethod.Post, $"/v1/payments/{payment}/refund", ct, refund, key, mayRepeat: true);

    /// <summary>Why Razorpay refused.</summary>
    public static string RefusalOf(ProviderAnswer answer) => answer.Body.At("error")?.ErrorCode("reason", "code") ?? $"http_{answer.Status}";

    /// <summary>Of the times that Razorpay takes, which are those from 2000 to 2120.</summary>
    private static long Seconds(DateTimeOffset at) => Math.Clamp(at.ToUnixTimeSeconds(), 946_684_800, 4_765_046_400);

    private async Task<List<JsonElement>> Pages(string path, CancellationToken ct)
    {
        List<JsonElement> all = [];
        for (var page = 0; page < PagesAtMost; page++)
        {
            var items = (await Get($"{path}count={PageSize}&skip={page * PageSize}", ct)).Items();
            all.AddRange(items);
            if (items.Count < PageSize)
                break;
        }

        return all;
    }

    private async Task<JsonElement> Get(string path, CancellationToken ct) =>
        await Ask(HttpMethod.Get, path, ct) is { IsSuccess: true } answer ? answer.Body : throw new ProviderUnavailableException($"razorpay did not say what {path.Split('?')[0]} holds.");

    /// <summary>Null where Razorpay knows no such thing, which it says by 400 as well as by 404.</summary>
    private async Task<JsonElement?> Find(string path, CancellationToken ct) => await Ask(HttpMethod.Get, path, ct) switch
    {
        { IsSuccess: true } answer => answer.Body,
        { Status: 400 or 404 } => null,
        var answer => throw new ProviderUnavailableException($"razorpay answered {answer.Status}."),
    };

    private async Task<ProviderAnswer> Ask(HttpMethod method, string path, CancellationToken ct, JsonObject? body = null, string? refundKey = null, bool mayRepeat = false)
    {
        var answer = await line.Ask(RazorpaySetup.ProviderName, new(method, new($"{settings.Value.BaseUrl.TrimEnd('/')}{path}"))
        {
            Content = body is null ? null : () => new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"),
            Headers = headers =>
            {
                headers.Authorization = Who();
                if (refundKey is not null)
                    headers.Add(RefundKeyHeader, refundKey);
            },
            MayRepeat = mayRepeat || method == HttpMethod.Get,
        }, settings.Value.TimeoutSeconds, ct);
        return IsStranger(answer) ? throw new ProviderUnavailableException("razorpay did not accept Razorpay:KeyId with Razorpay:KeySecret.") : answer;
    }

    private AuthenticationHeaderValue Who()
    {
        var keys = simulation.IsOn(RazorpaySetup.ProviderName) ? "simulated:simulated" : $"{settings.Value.KeyId}:{settings.Value.KeySecret}";
        return new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(keys)));
    }

    /// <summary>Whether we were not let in. Razorpay's pages have that as 401 and as 400; taken for a refusal, it would end payments and refunds that only wait for a key.</summary>
    private static bool IsStranger(ProviderAnswer answer) => answer.Status is 401 or 403 || (answer.Status == 400 && answer.Body.At("error")?.Text("description") is { } why
        && (why.StartsWith("Authentication failed", StringComparison.OrdinalIgnoreCase) || why.Contains("api key provided is invalid", StringComparison.OrdinalIgnoreCase)));
}
