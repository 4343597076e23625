using System.Diagnostics;
using System.Runtime.Versioning;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

[UnsupportedOSPlatform("windows")]
public sealed class LocalPostgresTests : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "quitanda-test-" + Guid.CreateVersion7().ToString("N"));
    private readonly List<string> _said = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_folder);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var data in Directory.EnumerateDirectories(_folder, "postgres", SearchOption.AllDirectories).Select(Path.GetDirectoryName).ToList())
        {
            if (File.Exists(Path.Combine(data!, "postgres", "location")))
            {
                var home = await PostgresHome.Open(data!, CancellationToken.None);
                await new PostgresServer(home, Options(data!)).Stop();
                Directory.Delete(Path.GetDirectoryName(home.ServerFolder)!, recursive: true);
            }
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task It_starts_answers_and_stops_when_its_only_host_leaves()
    {
        await using (var postgres = await LocalPostgres.Start(Options(_folder), Ct))
        {
            Assert.Equal("quitanda quitanda off", await Ask(postgres, "select concat_ws(' ', current_database(), current_user, (select case when rolsuper then 'on' else 'off' end from pg_roles where rolname = current_user))"));
            Assert.Equal("UTF8 á UTC", await Ask(postgres, "select concat_ws(' ', current_setting('server_encoding'), lower('Á'), current_setting('timezone'))"));
            Assert.NotNull(await Server(_folder));
        }

        Assert.Null(await Server(_folder));
        Assert.Contains(_said, line => line.StartsWith("Creating", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_host_adopts_it_and_only_the_last_to_leave_stops_it()
    {
        var first = await LocalPostgres.Start(Options(_folder), Ct);
        var server = await Server(_folder);
        var second = await LocalPostgres.Start(Options(_folder), Ct);

        Assert.Equal(server!.Pid, (await Server(_folder))!.Pid);
        await first.DisposeAsync();
        await first.DisposeAsync();
        Assert.Equal("1", await Ask(second, "select '1'"));
        await second.DisposeAsync();
        Assert.Null(await Server(_folder));
    }

    [Fact]
    public async Task Hosts_that_start_at_once_share_one_server()
    {
        var hosts = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => LocalPostgres.Start(Options(_folder), Ct)));

        Assert.Single(hosts.Select(host => host.ConnectionString).Distinct(StringComparer.Ordinal));
        Assert.Single(_said, line => line.StartsWith("Creating", StringComparison.Ordinal));
        Assert.Single(_said, line => line.StartsWith("Starting", StringComparison.Ordinal));
        await Task.WhenAll(hosts.Select(host => host.DisposeAsync().AsTask()));
        Assert.Null(await Server(_folder));
    }

    [Fact]
    public async Task A_killed_server_starts_again_with_its_data()
    {
        await using (var postgres = await LocalPostgres.Start(Options(_folder) with { Durable = true }, Ct))
        {
            await Ask(postgres, "create table kept (word text); insert into kept values ('coxinha'); select ''");
            await Kill((await Server(_folder))!.Pid);
        }

        await using var again = await LocalPostgres.Start(Options(_folder), Ct);
        Assert.Equal("coxinha", await Ask(again, "select word from kept"));
    }

    [Fact]
    public async Task A_lock_file_that_names_a_process_of_somebody_else_does_not_keep_it_from_starting()
    {
        await using (await LocalPostgres.Start(Options(_folder), Ct))
        {
        }

        // As a new container finds it: the number is alive and belongs to the same user.
        var home = await PostgresHome.Open(_folder, Ct);
        using var stranger = Process.Start(new ProcessStartInfo("/bin/sleep", "60") { UseShellExecute = false })!;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(home.Cluster, "postmaster.pid"), $"{stranger.Id}\n{home.Cluster}\n0\n5432\n/nowhere\n\n0 0\nready   \n", Ct);
            await using var postgres = await LocalPostgres.Start(Options(_folder), Ct);
            Assert.Equal("1", await Ask(postgres, "select '1'"));
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
        }
    }

    [Fact]
    public async Task A_long_folder_with_odd_characters_will_do()
    {
        var data = Path.Combine(_folder, "$(touch oops) 'ção' \"," + new string('x', 120), new string('y', 60));

        await using var postgres = await LocalPostgres.Start(Options(data), Ct);

        Assert.Equal("1", await Ask(postgres, "select '1'"));
        Assert.True(new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host!.Length < 90);
    }

    [Fact]
    public async Task A_folder_that_only_the_host_may_enter_will_do()
    {
        const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var data = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "private"), Ours).FullName, "data");

        await using (var postgres = await LocalPostgres.Start(Options(data), Ct))
        {
            await Ask(postgres, "create table kept (word text); insert into kept values ('pastel'); select ''");
        }

        await using var again = await LocalPostgres.Start(Options(data), Ct);
        Assert.Equal("pastel", await Ask(again, "select word from kept"));
        Assert.Single(_said, line => line.StartsWith("Creating", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_that_was_moved_takes_its_cluster_along()
    {
        var (old, moved) = (Path.Combine(_folder, "old"), Path.Combine(_folder, "moved"));
        await using (var postgres = await LocalPostgres.Start(Options(old), Ct))
        {
            await Ask(postgres, "create table kept (word text); insert into kept values ('empada'); select ''");
        }

        Directory.Move(old, moved);
        await using var again = await LocalPostgres.Start(Options(moved), Ct);
        Assert.Equal("empada", await Ask(again, "select word from kept"));
    }

    [Fact]
    public async Task A_cluster_that_was_never_finished_is_made_anew()
    {
        var home = await PostgresHome.Open(_folder, Ct);
        var unfinished = Directory.CreateDirectory(Path.Combine(home.ServerFolder, "cluster.new")).FullName;
        await home.Account.MakePrivateFolder(unfinished, Ct);
        await home.Account.Run("/bin/sh", ["-c", "echo 15 > cluster.new/PG_VERSION"], home.ServerFolder, input: null, Ct);

        await using var postgres = await LocalPostgres.Start(Options(_folder), Ct);

        Assert.Equal("1", await Ask(postgres, "select '1'"));
        Assert.False(Directory.Exists(unfinished));
    }

    [Fact]
    public async Task A_cluster_that_went_missing_is_not_replaced_by_an_empty_one()
    {
        await using (await LocalPostgres.Start(Options(_folder), Ct))
        {
        }

        var home = await PostgresHome.Open(_folder, Ct);
        Directory.Move(home.Cluster, home.Cluster + ".away");
        var refused = await Assert.ThrowsAsync<PostgresFailedException>(() => LocalPostgres.Start(Options(_folder), Ct));
        Directory.Move(home.Cluster + ".away", home.Cluster);

        Assert.Contains(home.Cluster, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_of_a_version_that_is_not_installed_says_so()
    {
        await using (await LocalPostgres.Start(Options(_folder), Ct))
        {
        }

        var home = await PostgresHome.Open(_folder, Ct);
        await File.WriteAllTextAsync(Path.Combine(home.Cluster, "PG_VERSION"), "99\n", Ct);

        var refused = await Assert.ThrowsAsync<PostgresFailedException>(() => LocalPostgres.Start(Options(_folder), Ct));
        Assert.Contains("PostgreSQL 99", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_cannot_start_shows_the_end_of_its_log()
    {
        await using (await LocalPostgres.Start(Options(_folder), Ct))
        {
        }

        var home = await PostgresHome.Open(_folder, Ct);
        await File.AppendAllTextAsync(Path.Combine(home.Cluster, "postgresql.conf"), "\nno_such_setting = 1\n", Ct);

        var refused = await Assert.ThrowsAsync<PostgresFailedException>(() => LocalPostgres.Start(Options(_folder), Ct));
        Assert.Contains(home.LogFile, refused.Message, StringComparison.Ordinal);
        Assert.Contains("no_such_setting", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_start_that_is_called_off_leaves_no_server()
    {
        using var called = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var options = Options(_folder) with
        {
            Say = line =>
            {
                if (line.StartsWith("Starting", StringComparison.Ordinal))
                {
                    called.Cancel();
                }
            },
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LocalPostgres.Start(options, called.Token));

        Assert.Null(await Server(_folder));
    }

    [Fact]
    public async Task Its_password_is_the_hosts_alone_and_needed()
    {
        await using var postgres = await LocalPostgres.Start(Options(_folder), Ct);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "postgres", "password")));
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Password = "wrong", Pooling = false };
        await using var connection = new NpgsqlConnection(wrong.ConnectionString);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await Assert.ThrowsAsync<PostgresException>(() => connection.OpenAsync(Ct))).SqlState);
    }

    [Fact]
    public async Task It_does_not_listen_to_the_network_and_its_socket_is_private()
    {
        await using var postgres = await LocalPostgres.Start(Options(_folder), Ct);

        Assert.Equal("", await Ask(postgres, "select current_setting('listen_addresses')"));
        Assert.Equal("local", await Ask(postgres, "select coalesce(inet_server_addr()::text, 'local')"));
        var socketFolder = new NpgsqlConnectionStringBuilder(postgres.ConnectionString).Host!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(socketFolder));
    }

    private LocalPostgresOptions Options(string data) => new()
    {
        DataFolder = data,
        Durable = false,
        Say = line =>
        {
            lock (_said)
            {
                _said.Add(line);
            }
        },
    };

    private static async Task<Postmaster?> Server(string data) =>
        Postmaster.Of(Path.Combine((await PostgresHome.Open(data, Ct)).Cluster, "postmaster.pid"));

    private static async Task Kill(int pid)
    {
        using var server = Process.GetProcessById(pid);
        server.Kill();
        await server.WaitForExitAsync(Ct);
    }

    private static async Task<string> Ask(LocalPostgres postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Ct);
#pragma warning disable CA2100 // The tests' own constants.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(Ct);
        do
        {
            if (await reader.ReadAsync(Ct))
            {
                return reader.GetString(0);
            }
        }
        while (await reader.NextResultAsync(Ct));

        throw new InvalidOperationException($"No row came of: {sql}");
    }
}
