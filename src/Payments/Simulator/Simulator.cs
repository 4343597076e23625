using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Payments.Simulator;

/// <summary>How a simulated provider's events reach us.</summary>
internal enum SimulatedDelivery
{
    Once,

    /// <summary>Each twice.</summary>
    Twice,

    /// <summary>What happened last is told first.</summary>
    OutOfOrder,

    /// <summary>A minute after it happened.</summary>
    Late,

    /// <summary>Lost on the way.</summary>
    Never,
}

/// <summary>
/// Runs the simulated providers: each question and each deed is one transaction of theirs, apart from any of ours, so what they have committed stays when our side dies before
/// hearing of it. Their events come by jobs, signed as the real ones, to the same door.
/// </summary>
internal sealed class Simulator(Executor executor, IEnumerable<ISimulatedProvider> providers, TimeProvider clock)
{
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(1);

    public ISimulatedProvider? Find(string name) => providers.FirstOrDefault(provider => provider.Name == name);

    /// <summary>Answers our adapter.</summary>
    /// <exception cref="HttpRequestException">The answer was lost after the provider did what was asked, or the provider did not take the call, as it was told to misbehave.</exception>
    public async Task<SimulatedAnswer> Answer(string name, SimulatedQuestion question, CancellationToken ct)
    {
        var provider = Find(name) ?? throw new InvalidOperationException($"{name} is not simulated.");
        var fault = await executor.Run(scope => TakeFault(scope.GetRequiredService<Db>(), name, ct), ct);
        if (fault.DelayMs > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(fault.DelayMs), TimeProvider.System, ct);
        if (fault.Fails)
            throw new HttpRequestException(HttpRequestError.ConnectionError, "The simulated provider took no call.");
        var answer = await executor.Run(scope => Once(scope.GetRequiredService<Db>(), provider, question, ct), ct);
        return fault.LosesAnswer ? throw new HttpRequestException(HttpRequestError.ResponseEnded, "The simulated provider's answer was lost.") : answer;
    }

    /// <summary>Something happens at a provider, and it tells us.</summary>
    /// <returns>False where it cannot happen to the charge as it stands.</returns>
    public Task<bool> Happen(string name, string reference, SimulatedAct act, SimulatedDelivery? delivery, int seconds, CancellationToken ct) => executor.Run(async scope =>
    {
        var db = scope.GetRequiredService<Db>();
        var world = new SimulatedWorld(name, db, clock);
        if (!await Find(name)!.Happen(reference, act, world, ct))
            return false;
        await Send(db, name, world.Emitted, delivery, TimeSpan.FromSeconds(seconds), ct);
        return true;
    }, ct);

    private async Task<SimulatedAnswer> Once(Db db, ISimulatedProvider provider, SimulatedQuestion question, CancellationToken ct)
    {
        var key = provider.KeyOf(question);
        var asked = SHA256.HashData([.. Encoding.UTF8.GetBytes($"{question.Method} {question.Path}\n"), .. question.Body]);
        if (key is not null)
        {
            // Two with one key wait for each other, as at the real ones one of them would be told to.
            await db.Execute($"select pg_advisory_xact_lock(hashtextextended({string.Concat(provider.Name, ":", key)}, 7))", ct);
            var known = await db.Read($"select question, status, body from payments.simulated_answers where provider = {provider.Name} and key = {key}",
                row => (Question: row.GetFieldValue<byte[]>(0), Answer: new SimulatedAnswer(row.GetInt32(1), JsonNode.Parse(row.GetString(2))!)), ct);
            if (known is [var (question0, answer0)])
                return question0.AsSpan().SequenceEqual(asked) ? answer0 : new(400, new JsonObject { ["error"] = new JsonObject { ["type"] = "idempotency_error", ["message"] = "The key was used with another question." } });
        }

        var refundFails = await db.Execute($"update payments.simulated_faults set failed_refunds = failed_refunds - 1 where provider = {provider.Name} and failed_refunds > 0 and {IsRefund(question)}", ct) > 0;
        var world = new SimulatedWorld(provider.Name, db, clock) { RefundFails = refundFails };
        var answer = await provider.Answer(question, world, ct);
        if (key is not null)
            await db.Execute($"""
                insert into payments.simulated_answers (provider, key, question, status, body, created_at)
                values ({provider.Name}, {key}, {asked}, {answer.Status}, {new Sql.JsonValue(answer.Body.ToJsonString())}, {clock.GetUtcNow()})
                """, ct);
        await Send(db, provider.Name, world.Emitted, wanted: null, TimeSpan.Zero, ct);
        return answer;
    }

    /// <summary>Whether money is asked back: all three say so in the address.</summary>
    private static bool IsRefund(SimulatedQuestion question) =>
        question.Method == "POST" && question.Path.TrimEnd('/').Split('/')[^1] is "refund" or "refunds";

    private async Task Send(Db db, string provider, IReadOnlyList<SimulatedEvent> happened, SimulatedDelivery? wanted, TimeSpan after, CancellationToken ct)
    {
        if (happened.Count == 0)
            return;
        var delivery = wanted ?? await db.ReadFirst($"select delivery from payments.simulated_faults where provider = {provider}", row => Wire.Parse<SimulatedDelivery>(row.GetString(0)), ct);
        var now = clock.GetUtcNow();
        for (var at = 0; at < happened.Count; at++)
        {
            var id = Guid.CreateVersion7();
            await db.Execute($"""
                insert into payments.simulated_events (id, provider, type, thing, body, query, created_at)
                values ({id}, {provider}, {happened[at].Type}, {happened[at].Thing}, {happened[at].Body}, {Sql.Json(happened[at].Query)}, {now})
                """, ct);
            if (delivery is SimulatedDelivery.Never)
                continue;
            // Milliseconds keep their order, whichever it is to be.
            var due = now + after + TimeSpan.FromMilliseconds(delivery is SimulatedDelivery.OutOfOrder ? happened.Count - at : at) + (delivery is SimulatedDelivery.Late ? Lateness : TimeSpan.Zero);
            for (var copy = 0; copy < (delivery is SimulatedDelivery.Twice ? 2 : 1); copy++)
                db.Schedule(SendSimulatedEvent.Kind, new SendSimulatedEvent.Message(id), due);
        }
    }

    private static async Task<(int DelayMs, bool Fails, bool LosesAnswer)> TakeFault(Db db, string provider, CancellationToken ct)
    {
        var found = await db.Read(
            $"select delay_ms, failed_calls > 0, lost_answers > 0 from payments.simulated_faults where provider = {provider} for update", row => (row.GetInt32(0), row.GetBoolean(1), row.GetBoolean(2)), ct);
        if (found is not [var fault])
            return default;
        // A call that is not taken loses no answer.
        if (fault.Item2)
            await db.Execute($"update payments.simulated_faults set failed_calls = failed_calls - 1 where provider = {provider}", ct);
        else if (fault.Item3)
            await db.Execute($"update payments.simulated_faults set lost_answers = lost_answers - 1 where provider = {provider}", ct);
        return fault;
    }
}

/// <summary>Leads a provider's HTTP client to its stand-in in this process. What leaves the adapter is what would leave the house.</summary>
internal sealed class SimulatorHandler(IServiceProvider services, string provider) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(address.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.Ordinal);
        var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? []).ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        var answer = await services.GetRequiredService<Simulator>().Answer(provider, new(request.Method.Method, address.AbsolutePath, query, headers, body), cancellationToken);
        return new((System.Net.HttpStatusCode)answer.Status)
        {
            RequestMessage = request,
            Content = new StringContent(answer.Body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
    }
}
