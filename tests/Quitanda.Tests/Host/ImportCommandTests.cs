using System.Text.Json;
using Npgsql;
using Quitanda.Tests.MovingIn;

namespace Quitanda.Tests.Host;

/// <summary>An import as its own process: killed in the middle, stopped, and done.</summary>
public sealed class ImportCommandTests(TestPostgres postgres)
{
    private const int Rows = 200;

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_that_was_killed_and_one_that_was_stopped_go_on_and_come_to_the_same_as_one_that_was_not()
    {
        var source = await postgres.OldSystem("vai-coxinha", new(2026, 3, 4, 15, 0, 0, TimeSpan.Zero), rows: Rows);
        var (whole, broken) = (await postgres.CreateDatabase(), await postgres.CreateDatabase());
        using (var once = Import(whole, source))
            Assert.True(await once.ExitCode() == 0, $"{once.Output}\n{once.Errors}");

        // Somebody is signing up with the address of one of those who come, and so the batch waits for them: the middle, in which the process dies.
        await using var connection = new NpgsqlConnection(broken);
        await connection.OpenAsync(_ct);
        await Between(connection, async () =>
        {
            using var killed = Import(broken, source);
            await UntilOneWaits(connection);
            await killed.Kill();
        });
        Assert.InRange(await Users(connection), 1, Rows / 10 - 1);

        await Between(connection, async () =>
        {
            using var stopped = Import(broken, source);
            await UntilOneWaits(connection);
            await HostProcess.Signal("INT", stopped.Id);
            await Execute(connection, "rollback; begin");
            Assert.Equal(0, await stopped.ExitCode());
        });
        Assert.InRange(await Users(connection), 1, Rows / 10);

        var report = Path.Combine(Path.GetTempPath(), $"quitanda-report-{Guid.CreateVersion7():N}.json");
        using (var last = Import(broken, source, "--report", report))
        {
            Assert.True(await last.ExitCode() == 0, $"{last.Output}\n{last.Errors}");
            Assert.Contains("users:", last.Errors, StringComparison.Ordinal);
            Assert.Contains("unchanged", last.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("Password", $"{last.Output}{last.Errors}", StringComparison.OrdinalIgnoreCase);
        }

        using (var file = JsonDocument.Parse(await File.ReadAllTextAsync(report, _ct)))
            Assert.True(file.RootElement.GetProperty("complete").GetBoolean() && file.RootElement.GetProperty("kinds").GetProperty("users").GetProperty("unchanged").GetInt32() > 0);
        File.Delete(report);
        Assert.Equal(await OldSystems.Everything(whole), await OldSystems.Everything(broken), StringComparer.Ordinal);

        foreach (var (exit, words) in ((int, string[])[])[(2, ["import", source]), (2, ["import", "--from", "wordpress", source]), (7, ["import", "--from", "eventos", "postgres://ana:sesamo@127.0.0.1:1/nada"])])
            using (var wrong = HostProcess.Start(Settings(whole), words))
                Assert.True(await wrong.ExitCode() == exit && !wrong.Errors.Contains("sesamo", StringComparison.Ordinal), wrong.Errors);
    }

    [Fact]
    public async Task Where_there_is_no_database_none_is_made_and_a_dry_run_changes_none()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"quitanda-none-{Guid.CreateVersion7():N}");
        using var nowhere = HostProcess.Start(null, "import", "--from", "vai-coxinha", "--data", folder, "postgres://ana:sesamo@127.0.0.1:1/nada");
        var empty = await postgres.CreateEmptyDatabase();
        using var dry = HostProcess.Start(Settings(empty), "import", "--from", "vai-coxinha", "--dry-run", "postgres://ana:sesamo@127.0.0.1:1/nada");
        Assert.Equal(5, await nowhere.ExitCode());
        Assert.Contains(folder, nowhere.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));

        Assert.Equal(5, await dry.ExitCode());
        Assert.Contains("migrate", dry.Errors, StringComparison.Ordinal);
        await using var connection = new NpgsqlConnection(empty);
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand("select to_regnamespace('platform') is null", connection);
        Assert.True((bool)(await command.ExecuteScalarAsync(_ct))!);
    }

    private async Task Between(NpgsqlConnection connection, Func<Task> work)
    {
        await Execute(connection, """
            begin; insert into accounts.users (id, email, name, locale, roles, is_active, email_verified, version, created_at, updated_at)
            values (gen_random_uuid(), 'cliente15@vaicoxinha.test', 'Outra', 'pt-BR', 1, true, false, 1, now(), now())
            """);
        await work();
        await Execute(connection, "rollback");
        await UntilNobodyIsLeft(connection);
    }

    private async Task UntilOneWaits(NpgsqlConnection connection) => await Eventually.Happens(async () =>
    {
        // In a transaction, activities are looked at once and remembered.
        await Execute(connection, "select pg_stat_clear_snapshot()");
        await using var command = new NpgsqlCommand("select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'transactionid'", connection);
        return (long)(await command.ExecuteScalarAsync(_ct))! > 0;
    }, "The import's wait for somebody");

    /// <summary>The last statement of a process that was killed ends some time after it.</summary>
    private async Task UntilNobodyIsLeft(NpgsqlConnection connection) => await Eventually.Happens(async () =>
    {
        // In a transaction, activities are looked at once and remembered.
        await Execute(connection, "select pg_stat_clear_snapshot()");
        await using var command = new NpgsqlCommand("select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'", connection);
        return (long)(await command.ExecuteScalarAsync(_ct))! == 0;
    }, "The end of a killed import's statement");

    private async Task<long> Users(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select count(*) from accounts.users", connection);
        return (long)(await command.ExecuteScalarAsync(_ct))!;
    }

    private async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(_ct);
    }

    private static HostProcess Import(string database, string source, params string[] more) => HostProcess.Start(Settings(database), ["import", "--from", "vai-coxinha", "--batch", "4", source, .. more]);

    private static Dictionary<string, string> Settings(string database) => new(StringComparer.Ordinal)
    {
        ["ConnectionStrings__Quitanda"] = database,
        ["Secrets__TokenSigning"] = QuitandaApp.TestSecret,
        ["Secrets__DataProtection"] = QuitandaApp.TestSecret,
        ["Database__LockTimeoutSeconds"] = "300",
        ["Database__StatementTimeoutSeconds"] = "300",
    };
}
