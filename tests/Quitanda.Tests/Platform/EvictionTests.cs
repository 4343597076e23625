using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

/// <summary>What one process makes stale is forgotten on the others, whatever is lost on the way.</summary>
public sealed class EvictionTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_dies_between_its_commit_and_its_message_leaves_nothing_stale_for_long()
    {
        await using var silent = Silent();
        await using var other = await Other();
        var there = new Reader(other, "unsaid");
        await there.Keeps("old");

        there.Truth = "new";
        await Evict(silent.Services, there.Tag);
        await Eventually.Happens(there.IsFresh);
    }

    [Fact]
    public async Task A_row_that_commits_after_later_ones_is_read_too()
    {
        await using var other = await Other();
        var (late, soon) = (new Reader(other, "late"), new Reader(other, "soon"));
        await late.Keeps("old");
        await soon.Keeps("old");
        var evictions = other.Services.GetRequiredService<Evictions>();

        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(Ct);
        await using var transaction = await connection.BeginTransactionAsync(Ct);
        await using (var insert = new NpgsqlCommand("insert into platform.evictions (id, tags, created_at) values ($1, $2, $3)", connection, transaction))
        {
            insert.Parameters.Add(new() { Value = Guid.CreateVersion7() });
            insert.Parameters.Add(new() { Value = new[] { late.Tag } });
            insert.Parameters.Add(new() { Value = app.Clock.GetUtcNow() });
            await insert.ExecuteNonQueryAsync(Ct);
        }

        await using var silent = Silent();
        (late.Truth, soon.Truth) = ("new", "new");
        await Evict(silent.Services, soon.Tag);
        await evictions.CatchUp(Ct);
        Assert.True(await soon.IsFresh());
        Assert.False(await late.IsFresh());

        await transaction.CommitAsync(Ct);
        await evictions.CatchUp(Ct);
        Assert.True(await late.IsFresh());
    }

    [Fact]
    public async Task What_a_message_has_said_its_row_does_not_say_again()
    {
        await using var other = await Other();
        var there = new Reader(other, "once");
        await there.Keeps("old");
        var evictions = other.Services.GetRequiredService<Evictions>();
        await evictions.CatchUp(Ct);

        there.Truth = "new";
        await Evict(app.Services, there.Tag);
        await Eventually.Happens(there.IsFresh);
        var shows = there.Shows;
        for (var i = 0; i < 3; i++)
        {
            await evictions.CatchUp(Ct);
            Assert.True(await there.IsFresh());
        }

        Assert.Equal(shows, there.Shows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_slow_fill_that_began_before_a_change_elsewhere_is_not_kept(bool isSaid)
    {
        await using var silent = Silent();
        await using var other = await Other();
        var there = new Reader(other, "slow");
        var (arrived, gate) = (new TaskCompletionSource(), new TaskCompletionSource());
        there.Scripts.Showing = async (_, _) =>
        {
            var seen = there.Truth;
            if (arrived.TrySetResult())
                await gate.Task;
            return seen;
        };
        var slow = there.Read();
        await arrived.Task.WaitAsync(Eventually.Patience, Ct);

        var cache = other.Services.GetRequiredService<ResponseCache>();
        var before = cache.Sequence;
        there.Truth = "new";
        await Evict(isSaid ? app.Services : silent.Services, there.Tag);
        await Eventually.Happens(() => cache.Sequence > before);
        gate.SetResult();

        Assert.Contains("old", await slow, StringComparison.Ordinal);
        Assert.True(await there.IsFresh());
    }

    [Fact]
    public async Task While_nobody_can_listen_the_rows_are_read()
    {
        await using var link = new Link(app.ConnectionString);
        await using var other = await Other(link.ConnectionString);
        var there = new Reader(other, "deaf");
        await Looking(other);

        link.RefuseNew();
        await EndListening();
        await there.Keeps("old");
        for (var round = 0; round < 3; round++)
        {
            there.Truth = $"new {round}";
            await Evict(app.Services, there.Tag);
            await Eventually.Happens(there.IsFresh);
        }
    }

    [Fact]
    public async Task A_process_that_is_cut_off_keeps_nothing_stale_beyond_60_seconds_and_is_fresh_again_once_it_is_back()
    {
        await using var link = new Link(app.ConnectionString);
        var clock = new TestClock();
        await using var other = await Other(link.ConnectionString, clock);
        var (there, later) = (new Reader(other, "cut"), new Reader(other, "cut-later"));
        await Looking(other);
        await there.Keeps("old");

        link.Cut();
        there.Truth = "new";
        await Evict(app.Services, there.Tag);
        // Nobody could tell it: this is how long it may not know.
        Assert.False(await there.IsFresh());
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.True(await there.IsFresh());

        await later.Keeps("old");
        later.Truth = "new";
        await Evict(app.Services, later.Tag);
        link.Mend();
        await Eventually.Happens(later.IsFresh);
    }

    [Fact]
    public async Task A_connection_that_is_back_empties_the_cache()
    {
        await using var other = await Other();
        var there = new Reader(other, "back");
        await there.Keeps("old");
        there.Truth = "new";

        await EndListening();
        // Nothing was evicted, but nobody can know.
        await Eventually.Happens(there.IsFresh);
    }

    [Fact]
    public async Task A_change_of_more_than_a_message_holds_and_one_that_finds_no_room_to_wait_are_seen_as_soon()
    {
        await using var speaker = Silent();
        await using var other = await Other();
        var (large, crowded) = (new Reader(other, "large"), new Reader(other, "crowded"));
        await large.Keeps("old");
        await crowded.Keeps("old");

        large.Truth = "new";
        await Evict(app.Services, [large.Tag, .. Enumerable.Range(0, 1000).Select(i => $"product:{i}-{Guid.CreateVersion7()}")]);
        await Eventually.Happens(large.IsFresh);

        var signals = speaker.Services.GetRequiredService<Signals>();
        for (var i = 0; i < 10_050; i++)
            signals.Evict(new(Guid.CreateVersion7(), ["nobody:knows"]));
        crowded.Truth = "new";
        await Evict(speaker.Services, crowded.Tag);
        await speaker.StartAsync(Ct);
        await Eventually.Happens(crowded.IsFresh);
    }

    [Fact]
    public async Task Only_a_commit_that_evicts_writes_a_row_and_the_row_goes_with_time()
    {
        var tag = $"thing:{Guid.CreateVersion7()}";
        await app.Execute($"insert into probe.effects (name) values ('no eviction')");
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.WithDb<bool>(db =>
        {
            db.Evict(tag);
            throw new InvalidOperationException("Undone.");
        }));
        Assert.Equal(0, await Rows(tag));
        await Evict(app.Services, tag);
        Assert.Equal(1, await Rows(tag));

        await app.Services.GetRequiredService<JobRunner>().EnsureTimers(Ct);
        app.Clock.Advance(TimeSpan.FromMinutes(4));
        await app.RunJobs();
        Assert.Equal(1, await Rows(tag));
        // A tick stands for its own time, however late it runs.
        for (var tick = 0; tick < 3; tick++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(5));
            await app.RunJobs();
        }

        Assert.Equal(0, await Rows(tag));

        Task<long> Rows(string of) => app.Scalar<long>($"select count(*) from platform.evictions where {of} = any (tags)");
    }

    /// <summary>A process that commits and never says so, as one that dies in between.</summary>
    private WebApplication Silent() => QuitandaApp.Build(app.ConnectionString, builder => ProbeApp.Add(builder, new()));

    private async Task<OtherProcess> Other(string? connectionString = null, TestClock? clock = null)
    {
        var scripts = new ProbeScripts();
        var other = new OtherProcess(QuitandaApp.Build(connectionString ?? app.ConnectionString, builder =>
        {
            ProbeApp.Add(builder, scripts);
            if (clock is not null)
                builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
        }));
        await other.StartAsync(Ct);
        await other.Services.GetRequiredService<Signals>().Listening.WaitAsync(Eventually.Patience, Ct);
        return other;
    }

    /// <summary>Once it has looked, it has a connection in its pool.</summary>
    private static Task Looking(OtherProcess other) => other.Services.GetRequiredService<Evictions>().CatchUp(Ct);

    private static Task Evict(IServiceProvider process, params string[] tags) => process.GetRequiredService<Executor>().Run(provider =>
    {
        foreach (var tag in tags)
            provider.GetRequiredService<Db>().Evict(tag);
        return Task.CompletedTask;
    }, Ct);

    /// <summary>Ends the connections that listen, of every process.</summary>
    private async Task EndListening() => Assert.NotEqual(0, await app.Scalar<long>(
        $"select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = current_database() and query like 'listen %'"));

    /// <summary>Reads one thing from a process as a guest does.</summary>
    private sealed class Reader
    {
        private readonly HttpClient _client;
        private readonly string _name;

        public Reader(IHost process, string name)
        {
            (_client, _name) = (process.GetTestServer().CreateClient(), $"{name}-{Guid.CreateVersion7():N}"[..20]);
            Scripts = process.Services.GetRequiredService<ProbeScripts>();
            var others = Scripts.Showing;
            Scripts.Showing = (shown, ct) => shown == _name ? Task.FromResult<string?>(Truth) : others(shown, ct);
        }

        public ProbeScripts Scripts { get; }

        public string Truth { get; set; } = "old";

        public string Tag => $"thing:{_name}";

        public int Shows => Scripts.Shows;

        public async Task<string> Read() => await (await _client.Send(HttpMethod.Get, $"/api/v1/probe/shown/{_name}")).Text();

        public async Task<bool> IsFresh() => (await Read()).Contains(Truth, StringComparison.Ordinal);

        /// <summary>Has the process keep an answer, and sees that it did.</summary>
        public async Task Keeps(string truth)
        {
            Truth = truth;
            await Eventually.Happens(async () =>
            {
                await Read();
                var shows = Shows;
                await Read();
                return shows == Shows;
            });
            Assert.True(await IsFresh());
        }
    }
}
