using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quitanda.Tests.Platform;

/// <summary>The limits on statements, locks and connections, which are settings, and what is said of a slow statement.</summary>
public sealed class DatabaseLimitTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Fact]
    public async Task A_statement_is_ended_by_the_server_after_its_time()
    {
        await using var limited = await app.StartAnother(builder => builder.Configuration["Database:StatementTimeoutSeconds"] = "1");
        app.Scripts.Doing["sleeps"] = async doing =>
        {
            await doing.Db.Execute($"select pg_sleep(30)", doing.Ct);
            return TypedResults.Ok();
        };
        await (await limited.GetTestServer().CreateClient().Send(HttpMethod.Get, "/api/v1/probe/do/sleeps")).Problem(503, "unavailable");
        Assert.Equal(["1s", "1s", "1s"], await OnAllPools(limited, "statement_timeout"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_lock_is_waited_for_no_longer_than_its_time()
    {
        await app.Execute($"insert into probe.counters (id, value) values (77, 0) on conflict do nothing");
        await using var limited = await app.StartAnother(builder => builder.Configuration["Database:LockTimeoutSeconds"] = "1");
        await using var holder = new NpgsqlConnection(app.ConnectionString);
        await holder.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("update probe.counters set value = 1 where id = 77", holder))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        app.Scripts.Doing["waits"] = async doing =>
        {
            await doing.Db.Execute($"update probe.counters set value = 2 where id = 77", doing.Ct);
            return TypedResults.Ok();
        };
        var response = await limited.GetTestServer().CreateClient().Post("/api/v1/probe/do/waits", new { });
        await response.Problem(503, "unavailable");
        Assert.True(response.Headers.Contains("Retry-After"));
        Assert.Equal(["1s", "1s", "1s"], await OnAllPools(limited, "lock_timeout"), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_full_pool_is_waited_for_no_longer_than_its_time()
    {
        await using var limited = await app.StartAnother(builder =>
        {
            builder.Configuration["Database:PoolSize"] = "2";
            builder.Configuration["Database:ConnectTimeoutSeconds"] = "1";
        });
        using var release = new SemaphoreSlim(0);
        using var held = new SemaphoreSlim(0);
        app.Scripts.Doing["holds"] = async doing =>
        {
            await doing.Db.Execute($"select 1", doing.Ct);
            held.Release();
            await release.WaitAsync(doing.Ct);
            return TypedResults.Ok();
        };
        var client = limited.GetTestServer().CreateClient();
        Task<HttpResponseMessage>[] holders = [Hold(), Hold()];
        await held.WaitAsync(TestContext.Current.CancellationToken);
        await held.WaitAsync(TestContext.Current.CancellationToken);
        await (await client.Post("/api/v1/probe/do/holds", new { })).Problem(503, "unavailable");
        release.Release(2);
        foreach (var holder in holders)
            Assert.Equal(200, (int)(await holder).StatusCode);

        // The time is for opening a connection, too, and on a busy machine that may take longer: who was refused one comes again.
        async Task<HttpResponseMessage> Hold()
        {
            while (true)
                if (await client.Post("/api/v1/probe/do/holds", new { }) is { StatusCode: not HttpStatusCode.ServiceUnavailable } answer)
                    return answer;
        }
    }

    [Fact]
    public async Task A_slow_statement_is_logged_with_its_text_and_without_its_values()
    {
        using var log = new CapturedLog();
        await using var watched = await app.StartAnother(builder =>
        {
            builder.Configuration["Database:SlowMilliseconds"] = "40";
            builder.Logging.AddProvider(log);
        });
        app.Scripts.Doing["slow"] = async doing =>
        {
            await doing.Db.Execute($"select pg_sleep({0.05}), {"maria@example.com"}::text", doing.Ct);
            await doing.Db.Read($"select pg_sleep({0.05})::text, 'read'", row => row.GetString(1), doing.Ct);
            doing.Db.Write($"select pg_sleep({0.05}), 'written'");
            await doing.Db.Database.ExecuteSqlRawAsync("select pg_sleep({0}), 'mapped'", [0.05], doing.Ct);
            await doing.Db.Execute($"select 'quick'", doing.Ct);
            return TypedResults.Ok();
        };
        Assert.Equal(200, (int)(await watched.GetTestServer().CreateClient().Post("/api/v1/probe/do/slow", new { })).StatusCode);

        var said = log.Lines.Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.TryGetProperty("statement", out _)).ToList();
        foreach (var text in (string[])["select pg_sleep($1), $2::text", "'read'", "'written'", "'mapped'"])
            Assert.Contains(said, line => line.GetProperty("statement").GetString()!.Contains(text, StringComparison.Ordinal));
        Assert.All(said.Where(line => line.GetProperty("statement").GetString()!.Contains("pg_sleep", StringComparison.Ordinal)), line => Assert.True(line.GetProperty("milliseconds").GetDouble() >= 40));
        Assert.All(said, line => Assert.Equal("warning", line.GetProperty("level").GetString()));
        Assert.DoesNotContain(log.Lines, line => line.Contains("maria", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_was_ended_for_its_time_is_logged_as_well()
    {
        using var log = new CapturedLog();
        await using var watched = await app.StartAnother(builder =>
        {
            builder.Configuration["Database:StatementTimeoutSeconds"] = "1";
            builder.Logging.AddProvider(log);
        });
        app.Scripts.Doing["too-slow"] = async doing =>
        {
            await doing.Db.Execute($"select pg_sleep(30), 'too slow'", doing.Ct);
            return TypedResults.Ok();
        };
        await watched.GetTestServer().CreateClient().Send(HttpMethod.Get, "/api/v1/probe/do/too-slow");
        Assert.Contains(log.Lines, line => line.Contains("A statement took", StringComparison.Ordinal) && line.Contains("too slow", StringComparison.Ordinal));
    }

    /// <summary>What the server says of a setting, on each way to it: a clock would only say how busy the machine is.</summary>
    private static async Task<string[]> OnAllPools(OtherProcess limited, string setting)
    {
        var database = limited.Services.GetRequiredService<Quitanda.Platform.Database>();
        List<string> said = [];
        foreach (var pool in (NpgsqlDataSource[])[database.Hot, database.Lists, database.Searches])
        {
            await using var command = pool.CreateCommand($"show {setting}");
            said.Add((string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);
        }

        return [.. said];
    }
}
