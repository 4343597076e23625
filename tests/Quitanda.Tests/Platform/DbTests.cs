using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Platform;

public sealed class DbTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_of_EF_Core_and_of_hand_written_SQL_are_one_commit()
    {
        await app.WithDb(db =>
        {
            db.Add(new DataProtectionKey { Name = "by-ef", Xml = "<a/>" });
            db.Add(new DataProtectionKey { Name = "by-ef-too", Xml = "<a/>" });
            db.Write($"insert into platform.data_protection_keys (name, xml) values ({"by-hand"}, {"<b/>"})");
            return Task.FromResult(true);
        });

        var names = await app.WithDb(db => db.Set<DataProtectionKey>().Where(key => key.Name.StartsWith("by-")).OrderBy(key => key.Name).Select(key => key.Name).ToListAsync(_ct));
        Assert.Equal(["by-ef", "by-ef-too", "by-hand"], names);
    }

    [Fact]
    public async Task A_failed_statement_takes_everything_with_it()
    {
        await Assert.ThrowsAsync<PostgresException>(() => app.WithDb(db =>
        {
            db.Add(new DataProtectionKey { Name = "lost-by-ef", Xml = "<a/>" });
            db.Write($"insert into platform.data_protection_keys (name, xml) values ({"lost-by-hand"}, {"<b/>"})");
            db.Write($"insert into platform.data_protection_keys (name, xml) values ({"lost-by-hand"}, {"<b/>"})");
            return Task.FromResult(true);
        }));

        Assert.Equal(0, await CountOf("lost-%"));
    }

    [Fact]
    public async Task A_transaction_that_failed_quietly_is_not_committed_quietly()
    {
        await Assert.ThrowsAsync<PostgresException>(() => app.WithDb(async db =>
        {
            await db.Execute($"insert into platform.data_protection_keys (name, xml) values ({"quiet"}, {"<b/>"})", _ct);
            await Assert.ThrowsAsync<PostgresException>(() => db.Execute($"select 1/0", _ct));
            return true;
        }));

        Assert.Equal(0, await CountOf("quiet"));
    }

    [Fact]
    public async Task Whoever_goes_away_ends_what_is_not_sent_yet_and_no_statement_on_its_way()
    {
        using var gone = new CancellationTokenSource();
        var sent = app.WithDb(async db =>
        {
            var read = await db.ReadFirst($"with slept as materialized (select pg_sleep(1)) select count(*) from slept", row => row.GetInt64(0), gone.Token);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => db.Execute($"insert into platform.data_protection_keys (name, xml) values ({"gone"}, {"<b/>"})", gone.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => db.ReadFirst($"select 1", row => row.GetInt32(0), gone.Token));
            return read;
        });
        await Eventually.Happens(async () => await app.Scalar<long>($"select count(*) from pg_stat_activity where query like '%with slept as%' and state = 'active' and pid <> pg_backend_pid()") == 1);
        await gone.CancelAsync();
        Assert.Equal(1, await sent);
        Assert.Equal(0, await CountOf("gone"));
    }

    [Fact]
    public async Task A_row_asked_for_ahead_comes_with_the_next_statement_or_alone_when_there_is_none()
    {
        var (early, rows, alone) = await app.WithDb(async db =>
        {
            var ahead = db.Ahead($"select {41} + 1", row => row.GetInt32(0));
            var rows = await db.Read($"select n from generate_series(1, {3}) n", row => row.GetInt32(0), _ct);
            var early = await ahead.Get(_ct);
            return (early, rows, await db.Ahead($"select 7", row => row.GetInt32(0)).Get(_ct));
        });

        Assert.Equal(42, early);
        Assert.Equal([1, 2, 3], rows);
        Assert.Equal(7, alone);
    }

    [Fact]
    public async Task Holes_are_parameters_of_their_own_type_and_null_where_they_are_null()
    {
        string? nothing = null;
        Guid? noId = null;
        var hostile = "'; drop table platform.jobs; --";
        var row = await app.WithDb(db => db.ReadFirst(
            $"select {hostile}, {nothing}::text is null, {noId}::uuid is null, {7L}, {Sql.Json(new { A = 1 })}, {(int[])[1, 2]}, {JobState.Dead}",
            row => string.Create(CultureInfo.InvariantCulture, $"{row.GetString(0)} {row.GetBoolean(1)} {row.GetBoolean(2)} {row.GetInt64(3)} {row.GetString(4)} {row.GetFieldValue<int[]>(5).Length} {row.GetString(6)}"), _ct));

        Assert.Equal("'; drop table platform.jobs; -- True True 7 {\"a\": 1} 2 dead", row);
    }

    [Fact]
    public async Task A_hot_statement_goes_by_its_index_even_if_it_was_planned_while_its_table_was_empty()
    {
        await using (var connection = new NpgsqlConnection(app.ConnectionString))
        {
            await connection.OpenAsync(_ct);
            await using var vacuum = new NpgsqlCommand("vacuum analyze platform.idempotency_keys", connection);
            await vacuum.ExecuteNonQueryAsync(_ct);
        }

        var hot = await app.WithDb(db => db.Read($"explain select status from platform.idempotency_keys where id = {new byte[32]}", row => row.GetString(0), _ct));
        List<string> other = [];
        await app.WithDb(async db =>
        {
            await db.ReadingPlanned([$"explain select status from platform.idempotency_keys where id = {new byte[32]}"], async reader =>
            {
                while (await reader.ReadAsync(_ct))
                    other.Add(reader.GetString(0));
            }, _ct);
            return true;
        });

        Assert.Contains(hot, line => line.Contains("Index", StringComparison.Ordinal));
        // What would be kept otherwise, and read thousands of rows for each key an hour later.
        Assert.Contains(other, line => line.Contains("Seq Scan", StringComparison.Ordinal));
    }

    private Task<long> CountOf(string pattern) => app.WithDb(async db =>
        await db.ReadFirst($"select count(*) from platform.data_protection_keys where name like {pattern}", row => row.GetInt64(0), _ct));
}
