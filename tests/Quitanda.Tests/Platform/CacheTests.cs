using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class CacheTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Fact]
    public async Task A_kept_answer_is_the_same_answer_and_asks_nobody()
    {
        var first = await Get("a?page=1");
        var shows = app.Scripts.Shows;
        var again = await Get("a?page=1");
        Assert.Equal(shows, app.Scripts.Shows);
        Assert.Equal(await first.Text(), await again.Text());
        Assert.Equal(first.Headers.ETag, again.Headers.ETag);
        Assert.False(again.Headers.ETag!.IsWeak);
        Assert.Equal(first.Content.Headers.ContentType, again.Content.Headers.ContentType);
        Assert.Equal("nosniff", Assert.Single(again.Headers.GetValues("X-Content-Type-Options")));

        var known = await app.Guest.Send(HttpMethod.Get, "/api/v1/probe/shown/a?page=1", "If-None-Match", $"\"other\", W/{first.Headers.ETag}");
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        Assert.Equal(first.Headers.ETag, known.Headers.ETag);
        Assert.Empty(await known.Text());

        foreach (var query in (string[])["a?page=1", "headed?page=1"])
        {
            var headed = await app.Guest.Send(HttpMethod.Head, $"/api/v1/probe/shown/{query}");
            Assert.Equal(HttpStatusCode.OK, headed.StatusCode);
            Assert.NotNull(headed.Headers.ETag);
            Assert.Empty(await headed.Text());
        }

        Assert.Contains("headed", await (await Get("headed?page=1")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_documented_parameters_in_one_order_make_a_key()
    {
        await Get("b?page=1&sort=x");
        var shows = app.Scripts.Shows;
        foreach (var same in (string[])["b?sort=x&page=1", "b?page=1&sort=x&other=1", "b?PAGE=1&sort=%78", "b?_=1&page=1&sort=x"])
            Assert.Contains("b 1 x", await (await Get(same)).Text(), StringComparison.Ordinal);
        Assert.Equal(shows, app.Scripts.Shows);

        Assert.Contains("b 2 x", await (await Get("b?page=2&sort=x")).Text(), StringComparison.Ordinal);
        Assert.Equal(shows + 1, app.Scripts.Shows);

        // Repeated: whichever the route takes, no key stands for it.
        await Get("b?sort=x&sort=y");
        await Get("b?sort=x&sort=y");
        Assert.Equal(shows + 3, app.Scripts.Shows);

        // A question mark that is a part of the path is not the query of another.
        Assert.DoesNotContain("b 1 x", await (await Get("b%3Fpage=1&sort=x")).Text(), StringComparison.Ordinal);
        await Get("c%3Fpage=1");
        Assert.Contains("c 1", await (await Get("c?page=1")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_spelling_of_an_address_is_kept_and_the_others_are_answered_all_the_same()
    {
        var id = Guid.CreateVersion7();
        var guest = app.CreateMeasuringClient();
        foreach (var (path, isKept) in ((string, bool)[])
        [
            ($"/api/v1/probe/shown/{id}?page=7", true), ("/api/v1/probe/shown/Word?page=7", true), ("/api/v1/probe/shown/word?page=7", true), ("/api/v1/probe/shown/70?page=7", true),
            ($"/api/v1/probe/shown/{id.ToString().ToUpperInvariant()}?page=7", false), ($"/api/v1/probe/shown/{id:N}?page=7", false), ($"/api/v1/probe/shown/%7B{id}%7D?page=7", false), ("/api/v1/probe/shown/070?page=7", false),
            ($"/api/v1/probe/Shown/{id}?page=7", false), ($"/API/v1/probe/shown/{id}?page=7", false), ($"/api/v1/probe/shown/{id}?page=07", false), ($"/api/v1/probe/shown/{id}?page=%2B7", false),
        ])
        {
            var shows = app.Scripts.Shows;
            for (var times = 0; times < 2; times++)
                Assert.Equal(HttpStatusCode.OK, (await guest.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
            Assert.Equal((path, shows + (isKept ? 1 : 2)), (path, app.Scripts.Shows));
        }
    }

    [Fact]
    public async Task A_customer_is_answered_from_it_and_fills_it_and_any_other_role_goes_past_it()
    {
        Roles[] others = [Roles.Owner, Roles.Staff, Roles.Moderator, Roles.Admin];
        var shows = app.Scripts.Shows;
        await As(Roles.Customer, "shared");
        await As(Roles.Customer, "shared");
        var kept = await Get("shared");
        Assert.Equal(shows + 1, app.Scripts.Shows);
        // The same answer, down to its tag and to what the caches between are told.
        var customers = await As(Roles.Customer, "shared");
        Assert.Equal((kept.Headers.ETag, kept.Headers.CacheControl!.ToString(), await kept.Text()), (customers.Headers.ETag, customers.Headers.CacheControl!.ToString(), await customers.Text()));

        foreach (var role in others)
            await As(Roles.Customer | role, "shared");
        Assert.Equal(shows + 1 + others.Length, app.Scripts.Shows);
        await As(Roles.Staff, "past");
        await Get("past");
        Assert.Equal(shows + 3 + others.Length, app.Scripts.Shows);

        Task<HttpResponseMessage> As(Roles roles, string target) =>
            app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/shown/{target}", "Authorization", $"Probe {Guid.CreateVersion7()} {(int)roles}");
    }

    [Fact]
    public async Task Refusals_go_past_it()
    {
        await Get("d");
        var shows = app.Scripts.Shows;
        app.Scripts.Showing = (name, _) => Task.FromResult<string?>(name == "gone" ? null : name);
        for (var i = 0; i < 2; i++)
            await (await Get("gone")).Problem(404, "not_found");
        Assert.Equal(shows + 2, app.Scripts.Shows);
        await (await Get("d?page=0")).Problem(400, "validation_failed");
    }

    [Fact]
    public async Task An_answer_lives_60_seconds_at_most_and_only_until_what_it_shows_changes()
    {
        await Get("e");
        var shows = app.Scripts.Shows;
        app.Clock.Advance(TimeSpan.FromSeconds(60));
        await Get("e");
        Assert.Equal(shows, app.Scripts.Shows);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Get("e");
        Assert.Equal(shows + 1, app.Scripts.Shows);

        await Evict("thing:other");
        await Get("e");
        Assert.Equal(shows + 1, app.Scripts.Shows);
        await Evict("thing:e");
        await Get("e");
        Assert.Equal(shows + 2, app.Scripts.Shows);
        await Evict("things");
        await Get("e");
        Assert.Equal(shows + 3, app.Scripts.Shows);
    }

    [Fact]
    public async Task A_slow_read_that_began_before_the_change_is_not_kept()
    {
        var (arrived, gate, text) = (new TaskCompletionSource(), new TaskCompletionSource(), "old");
        app.Scripts.Showing = async (name, _) =>
        {
            var seen = text;
            if (name == "f" && arrived.TrySetResult())
                await gate.Task;
            return seen;
        };
        var slow = Get("f");
        await arrived.Task;
        text = "new";
        await Evict("thing:f");
        gate.SetResult();
        Assert.Contains("old", await (await slow).Text(), StringComparison.Ordinal);
        Assert.Contains("new", await (await Get("f")).Text(), StringComparison.Ordinal);
        app.Scripts.Showing = (name, _) => Task.FromResult<string?>(name);
    }

    [Fact]
    public void Whatever_the_order_of_fills_and_changes_nothing_stale_is_kept_and_the_bytes_are_bounded()
    {
        var steps = Gen.ArrayOf(Gen.Choose(0, 3).SelectMany(kind => Gen.Choose(0, 5), (kind, thing) => (kind, thing)));
        Prop.ForAll(Arb.From(steps), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(300, 20_000)));

        static bool Holds((int Kind, int Thing)[] steps)
        {
            var cache = new ResponseCache(Options.Create(new CacheSettings { MegaBytes = 1 }), Options.Create(new CompressionSettings()), new TestClock());
            var version = new int[6];
            var reading = new List<(int Thing, int Seen, long Begun)>();
            foreach (var (kind, thing) in steps)
            {
                switch (kind)
                {
                    case 0: reading.Add((thing, version[thing], cache.Sequence)); break;
                    case 1:
                        version[thing]++;
                        cache.Evict([$"thing:{thing}"]);
                        break;
                    case 2 when reading.Count > 0:
                        var (read, seen, begun) = reading[thing % reading.Count];
                        var body = new byte[60_000];
                        body[0] = (byte)seen;
                        cache.Fill($"/things/{read}/{thing}/{reading.Count}", body, "application/json", [$"thing:{read}"], begun);
                        cache.Fill($"/things/{read}", [(byte)seen], "application/json", [$"thing:{read}"], begun);
                        break;
                    case 3 when thing == 5:
                        cache.Clear();
                        break;
                }

                for (var i = 0; i < 6; i++)
                    if (cache.Find($"/things/{i}") is { } kept && kept.Plain.Body[0] != version[i])
                        return false;
                if (cache.Bytes is < 0 or > 1024 * 1024)
                    return false;
            }

            return true;
        }
    }

    [Fact]
    public async Task Under_a_race_of_readers_and_writers_nothing_stale_is_kept()
    {
        var cache = new ResponseCache(Options.Create(new CacheSettings()), Options.Create(new CompressionSettings()), new TestClock());
        long truth = 0;
        var writers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Size.Of(20_000, 1_000_000); i++)
            {
                Interlocked.Increment(ref truth);
                cache.Evict(["counter"]);
            }
        }));
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Size.Of(20_000, 1_000_000); i++)
            {
                var begun = cache.Sequence;
                cache.Fill("/counter", BitConverter.GetBytes(Interlocked.Read(ref truth)), "x", ["counter"], begun);
            }
        }));
        await Task.WhenAll(writers.Concat(readers));
        Assert.Equal(truth, BitConverter.ToInt64((cache.Find("/counter") ?? cache.Fill("/counter", BitConverter.GetBytes(truth), "x", ["counter"], cache.Sequence)).Plain.Body));
    }

    private Task<HttpResponseMessage> Get(string target) => app.Guest.Send(HttpMethod.Get, $"/api/v1/probe/shown/{target}");

    private Task<bool> Evict(string tag) => app.WithDb(db =>
    {
        db.Evict(tag);
        return Task.FromResult(true);
    });
}
