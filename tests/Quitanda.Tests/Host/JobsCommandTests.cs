using System.Text.Json;
using Npgsql;

namespace Quitanda.Tests.Host;

/// <summary>The queue by command line, beside a host that runs.</summary>
public sealed class JobsCommandTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_are_listed_shown_retried_deleted_and_kinds_paused_beside_a_running_host()
    {
        await using var data = new DataFolder();
        using var host = await HostProcess.Serve(data.Path, HostProcess.FreePort(), "--no-demo");
        var dead = await Insert(data, "payments.refund", "dead");
        var running = await Insert(data, "probe.running", "ready", "gen_random_uuid(), now() + interval '1 hour'");

        var listed = JsonDocument.Parse(await Run(0, "list", "--state", "dead", "--json")).RootElement.GetProperty("data");
        var id = Assert.Single(listed.EnumerateArray()).GetProperty("id").GetString()!;
        Assert.DoesNotContain("secret of", listed.GetRawText(), StringComparison.Ordinal);
        var shown = await Run(0, "show", id);
        Assert.Contains("secret of payments.refund", shown, StringComparison.Ordinal);
        Assert.Equal(shown, await Run(0, "show", $"{dead}"));
        Assert.Contains(id, await Run(0, "list", "--limit", "100"), StringComparison.Ordinal);

        Assert.Contains("paused", await Run(0, "pause", "payments.refund"), StringComparison.Ordinal);
        Assert.Contains("paused", await Run(0, "retry", id), StringComparison.Ordinal);
        Assert.Contains("payments.refund                   paused  due 1,", await Run(0, "kinds"), StringComparison.Ordinal);
        await Run(0, "delete", id);
        Assert.Contains("runs", await Run(0, "resume", "payments.refund"), StringComparison.Ordinal);

        await Run(6, "show", id);
        await Run(6, "delete", "nonsense");
        await Run(6, "pause", "payments.never");
        await Run(7, "delete", $"{running}");
        await Run(7, "retry", $"{running}");
        await Run(2, "list", "--state", "gone");
        await Run(2, "list", "--limit", "0");
        await Run(2, "show");

        Assert.Equal(0, await host.Interrupt());

        async Task<string> Run(int wanted, params string[] words)
        {
            using var command = HostProcess.Start(null, ["jobs", .. words, "--data", data.Path]);
            var exit = await command.ExitCode();
            Assert.True(exit == wanted, $"jobs {string.Join(' ', words)} ended with {exit}:\n{command.Output}\n{command.Errors}");
            return command.Output;
        }
    }

    [Fact]
    public async Task A_folder_without_a_database_stays_without_one()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"quitanda-none-{Guid.CreateVersion7():N}");
        using var command = HostProcess.Start(null, "jobs", "list", "--data", folder);
        Assert.Equal(5, await command.ExitCode());
        Assert.Contains(folder, command.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    private async Task<long> Insert(DataFolder data, string kind, string state, string lease = "null, null")
    {
        await using var postgres = await data.Join();
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        await using var command = source.CreateCommand($"insert into platform.jobs (kind, payload, run_at, state, token, leased_until) values ($1, $2::jsonb, now(), $3, {lease}) returning id");
        foreach (var value in (string[])[kind, $"{{\"note\": \"secret of {kind}\"}}", state])
            command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync(_ct))!;
    }
}
