using Microsoft.AspNetCore.TestHost;

namespace Quitanda.Tests.Platform;

public sealed class CallOutTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Key = "Idempotency-Key";

    [Fact]
    public async Task The_outcome_is_written_in_a_transaction_of_its_own_and_is_what_a_replay_gets()
    {
        app.Scripts.Calling["good"] = async _ =>
        {
            // The intention is already committed, and nothing of ours is open meanwhile.
            Assert.Equal(1, await app.Effects("intent good"));
            return "paid";
        };
        for (var i = 0; i < 2; i++)
            Assert.Equal("paid", (await (await app.Guest.Post("/api/v1/probe/outside/good", new { }, Key, "a")).Json()).GetProperty("value").GetString());
        Assert.Equal((1, 1), (await app.Effects("intent good"), await app.Effects("outcome good")));

    }

    [Fact]
    public async Task Without_a_key_the_outcome_is_the_answer_too()
    {
        app.Scripts.Calling["bare"] = _ => Task.FromResult("paid");
        Assert.Equal("paid", (await (await app.Guest.Post("/api/v1/probe/outside/bare", new { })).Json()).GetProperty("value").GetString());
        Assert.Equal(1, await app.Effects("outcome bare"));
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("times out")]
    public async Task Where_the_other_side_does_not_answer_the_client_gets_what_is_known_meanwhile_and_a_replay_the_same(string name)
    {
        var calls = 0;
        app.Scripts.Calling[name] = _ =>
        {
            Interlocked.Increment(ref calls);
            throw name == "throws" ? new HttpRequestException("reset") : new OperationCanceledException("10 s are over");
        };
        var target = $"/api/v1/probe/outside/{Uri.EscapeDataString(name)}";
        for (var i = 0; i < 2; i++)
            Assert.Equal("processing", (await (await app.Guest.Post(target, new { }, Key, name)).Json()).GetProperty("value").GetString());
        Assert.Equal(1, calls);
        Assert.Equal((1, 0), (await app.Effects($"intent {name}"), await app.Effects($"outcome {name}")));
    }

    [Fact]
    public async Task A_call_that_never_ends_and_does_not_listen_is_given_up()
    {
        await using var patient = await app.StartAnother(builder => builder.Configuration["Http:CallOutSeconds"] = "1");
        app.Scripts.Calling["deaf"] = _ => new TaskCompletionSource<string>().Task;
        var client = patient.GetTestServer().CreateClient();
        Assert.Equal("processing", (await (await client.Post("/api/v1/probe/outside/deaf", new { }, Key, "deaf")).Json()).GetProperty("value").GetString());
    }

    [Fact]
    public async Task While_the_call_runs_its_key_is_busy_for_every_process()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource<string>());
        app.Scripts.Calling["long"] = _ =>
        {
            arrived.SetResult();
            return gate.Task;
        };
        await using var other = await app.StartAnother();
        var first = app.Guest.Post("/api/v1/probe/outside/long", new { }, Key, "c");
        await arrived.Task;
        await (await other.GetTestServer().CreateClient().Post("/api/v1/probe/outside/long", new { }, Key, "c")).Problem(409, "idempotency_in_progress");
        gate.SetResult("paid");
        Assert.Equal("paid", (await (await first).Json()).GetProperty("value").GetString());
        Assert.Equal(1, await app.Effects("intent long"));
    }

    [Fact]
    public async Task After_the_process_died_during_the_call_a_replay_gets_what_is_known()
    {
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource<string>());
        app.Scripts.Calling["died"] = _ =>
        {
            arrived.SetResult();
            return gate.Task;
        };
        var dying = app.Guest.Post("/api/v1/probe/outside/died", new { }, Key, "d");
        await arrived.Task;
        // As when the process never comes to the second transaction: the key stays busy until its time is over.
        await app.Execute($"update platform.idempotency_keys set busy_until = now() - interval '1 second' where busy_until > now()");
        Assert.Equal("processing", (await (await app.Guest.Post("/api/v1/probe/outside/died", new { }, Key, "d")).Json()).GetProperty("value").GetString());
        gate.SetResult("paid");
        await dying;
    }
}
