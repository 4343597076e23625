using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

/// <summary>An application with a stream of the tests' own: what another module writes to have one.</summary>
public sealed class FloodApp(TestPostgres postgres) : ProbeApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Services.AddSingleton<IModule, FloodModule>().AddStream<Flood>();
        builder.Configuration["Streams:QueueLength"] = "10";
    }

    internal sealed record Drop(string Text);

    private sealed class FloodModule : IModule
    {
        public void Map(ModelBuilder model) { }

        public void Map(IEndpointRouteBuilder routes) =>
            routes.MapGet("/probe/flood/{id:guid}", (Guid id, LastEventId last, Caller caller, Streams streams) => streams.Watch<Drop>("flood", id, last.Position, caller));
    }

    internal sealed class Flood : IStreamSource
    {
        public static readonly string Text = new('x', 4000);

        public int Reads;

        public string Kind => "flood";

        public Task<List<StreamEvent>> Read(Db db, IReadOnlyList<StreamPlace> places, int limit, CancellationToken ct)
        {
            Interlocked.Increment(ref Reads);
            var (ids, after) = (places.Select(place => place.Stream).ToArray(), places.Select(place => place.After).ToArray());
            return db.Read(
                $"""
                select wanted.place, r.rank from unnest({ids}, {after}) with ordinality as wanted (id, after, place)
                cross join lateral (select rank from probe.rows where list = wanted.id and rank > wanted.after order by rank limit {limit}) r
                order by wanted.place, r.rank
                """, row => new StreamEvent((int)row.GetInt64(0) - 1, row.GetInt64(1), "dropped", new Drop(Text)), ct);
        }
    }
}

public sealed class StreamTests(FloodApp app) : IClassFixture<FloodApp>
{
    [Fact]
    public async Task A_slow_reader_keeps_little_waiting_holds_nobody_up_and_gets_everything_once()
    {
        const int Drops = 500;
        var list = Guid.CreateVersion7();
        using var client = Somebody();
        await using var slow = await EventReader.Open(client, $"/api/v1/probe/flood/{list}");
        await using var quick = await EventReader.Open(client, $"/api/v1/probe/flood/{list}");

        var reading = Task.Run(async () =>
        {
            for (var rank = 1L; rank <= Drops; rank++)
                Assert.Equal(rank, (await quick.Next())!.Id);
        }, TestContext.Current.CancellationToken);
        for (var rank = 1; rank <= Drops; rank++)
            await Fall(list, rank);
        await reading;

        // Two megabytes were sent to the one, and no more than a connection's buffers hold to the other.
        for (var rank = 1L; rank <= Drops; rank++)
            Assert.Equal(rank, (await slow.Next())!.Id);
        await Fall(list, Drops + 1);
        Assert.Equal(Drops + 1, (await slow.Next())!.Id);
    }

    [Fact]
    public async Task A_long_past_is_replayed_page_by_page_while_others_hear_what_is_new()
    {
        var list = Guid.CreateVersion7();
        for (var rank = 1; rank <= 95; rank++)
            await Fall(list, rank);
        using var client = Somebody();
        await using var current = await EventReader.Open(client, $"/api/v1/probe/flood/{list}", 95);
        await using var late = await EventReader.Open(client, $"/api/v1/probe/flood/{list}", 2);
        await Fall(list, 96);

        Assert.Equal(96, (await current.Next())!.Id);
        for (var rank = 3L; rank <= 96; rank++)
            Assert.Equal(rank, (await late.Next())!.Id);
    }

    [Fact]
    public async Task Many_who_watch_the_same_cost_one_read()
    {
        var list = Guid.CreateVersion7();
        using var client = Somebody();
        var open = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => EventReader.Open(client, $"/api/v1/probe/flood/{list}")));
        await Fall(list, 1);
        foreach (var events in open)
            Assert.Equal(1, (await events.Next())!.Id);
        var source = (FloodApp.Flood)app.Services.GetServices<IStreamSource>().Single(source => source.Kind == "flood");
        var before = source.Reads;

        await Fall(list, 2);
        foreach (var events in open)
            Assert.Equal(2, (await events.Next())!.Id);

        Assert.Equal(1, source.Reads - before);
        foreach (var events in open)
            await events.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_announced_by_work_that_is_rolled_back()
    {
        var list = Guid.CreateVersion7();
        using var client = Somebody();
        await using var events = await EventReader.Open(client, $"/api/v1/probe/flood/{list}");
        await Fall(list, 1);
        Assert.Equal(1, (await events.Next())!.Id);
        var source = (FloodApp.Flood)app.Services.GetServices<IStreamSource>().Single(source => source.Kind == "flood");
        var before = source.Reads;

        await Assert.ThrowsAsync<InvalidOperationException>(() => app.WithDb<bool>(db =>
        {
            db.Announce(new("flood", list, Guid.Empty));
            throw new InvalidOperationException("No.");
        }));

        Assert.Equal(before, source.Reads);
    }

    [Fact]
    public void An_announcement_is_read_as_it_was_written_and_nothing_else_is()
    {
        var announcement = new Announcement("order", Guid.CreateVersion7(), Guid.CreateVersion7());
        Assert.True(Announcement.TryParse(announcement.ToString(), out var read));
        Assert.Equal(announcement, read);
        foreach (var text in (string[])["", "~", "user:1", announcement.ToString()[1..], announcement.ToString()[..^1], "~" + new string('x', 80)])
            Assert.False(Announcement.TryParse(text, out _));
    }

    private HttpClient Somebody()
    {
        var client = app.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Probe {Guid.CreateVersion7()}");
        return client;
    }

    private Task<int> Fall(Guid list, int rank) => app.WithDb(db =>
    {
        db.Announce(new("flood", list, Guid.Empty));
        return db.Execute($"insert into probe.rows (id, list, rank, name) values ({Guid.CreateVersion7()}, {list}, {rank}, '')", CancellationToken.None);
    });
}
