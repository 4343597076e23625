using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;

namespace Quitanda.Tests.Host;

public sealed class ServeTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_start_fills_the_demo_prints_its_people_once_and_keeps_them_for_the_owner_alone()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        var credentials = Path.Combine(data.Path, "demo-credentials.json");
        string kept;
        using (var first = await HostProcess.Serve(data.Path, port))
        {
            kept = await File.ReadAllTextAsync(credentials, _ct);
            var people = JsonDocument.Parse(kept).RootElement;
            Assert.Equal(["admin", "customer", "moderator", "owner", "staff"], people.EnumerateObject().Select(person => person.Name), StringComparer.Ordinal);
            foreach (var person in people.EnumerateObject())
                Assert.Contains(person.Value.GetProperty("password").GetString()!, first.Output, StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(credentials));

            using var client = HostProcess.Client(port);
            var products = await client.GetFromJsonAsync<JsonElement>("/api/v1/products?limit=1", _ct);
            Assert.True(products.GetProperty("meta").GetProperty("total").GetInt32() >= 40);
            Assert.True((await client.GetFromJsonAsync<JsonElement>("/api/v1/categories", _ct)).GetProperty("data").GetArrayLength() >= 6);

            Assert.Contains("mails: /dev/mail", first.Output, StringComparison.Ordinal);
            Assert.Equal(System.Net.HttpStatusCode.OK, (await client.GetAsync("/dev/mail", _ct)).StatusCode);

            var login = await client.PostAsJsonAsync("/api/v1/auth/login", people.GetProperty("staff"), _ct);
            Assert.Equal(System.Net.HttpStatusCode.OK, login.StatusCode);
            Assert.Equal(0, await first.Interrupt());
        }

        using var second = await HostProcess.Serve(data.Path, port);
        Assert.DoesNotContain("staff@", second.Output, StringComparison.Ordinal);
        Assert.Equal(kept, await File.ReadAllTextAsync(credentials, _ct));
        Assert.Equal(0, await second.Interrupt());
    }

    [Fact]
    public async Task Ctrl_C_stops_the_host_and_its_database()
    {
        await using var data = new DataFolder();
        using var host = await HostProcess.Serve(data.Path, HostProcess.FreePort(), "--no-demo");
        var beside = new NpgsqlConnectionStringBuilder(await ConnectionString(data)) { Pooling = false, Timeout = 2 }.ConnectionString;

        Assert.Equal(0, await host.Interrupt());

        Assert.Contains("Quitanda has stopped.", host.Output, StringComparison.Ordinal);
        await using var connection = new NpgsqlConnection(beside);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => connection.OpenAsync(_ct));
    }

    [Fact]
    public async Task A_killed_host_comes_back_on_its_own_database_with_every_acknowledged_write()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        using var client = HostProcess.Client(port);
        string token;
        using (var killed = await HostProcess.Serve(data.Path, port, "--no-demo"))
        {
            var registered = await client.PostAsJsonAsync("/api/v1/auth/register", new { name = "Ana", email = "ana@example.com", password = "correct horse battery" }, _ct);
            Assert.Equal(System.Net.HttpStatusCode.Created, registered.StatusCode);
            token = (await registered.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("accessToken").GetString()!;
            await killed.Kill();
        }

        using var again = await HostProcess.Serve(data.Path, port, "--no-demo");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var me = await client.GetFromJsonAsync<JsonElement>("/api/v1/users/me", _ct);
        Assert.Equal("ana@example.com", me.GetProperty("email").GetString());
        Assert.Equal(0, await again.Interrupt());
    }

    [Fact]
    public async Task Without_the_demo_the_database_stays_empty_and_nothing_can_be_paid_in_the_sandbox()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        using var host = await HostProcess.Serve(data.Path, port, "--no-demo");
        using var client = HostProcess.Client(port);

        var products = await client.GetFromJsonAsync<JsonElement>("/api/v1/products", _ct);

        Assert.Equal(0, products.GetProperty("data").GetArrayLength());
        Assert.False(File.Exists(Path.Combine(data.Path, "demo-credentials.json")));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync("/dev/mail", _ct)).StatusCode);
        Assert.Contains("No mail is sent", host.Output, StringComparison.Ordinal);
        Assert.Equal(0, await host.Interrupt());
    }

    [Fact]
    public async Task A_taken_port_is_said_with_the_process_that_took_it()
    {
        await using var data = new DataFolder();
        var port = HostProcess.FreePort();
        using var taker = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, port);
        taker.Start();

        using var host = HostProcess.Start(null, "serve", "--data", data.Path, "--port", $"{port}", "--no-demo");

        Assert.Equal(4, await host.ExitCode());
        Assert.Contains($"Port {port} is taken by", host.Errors, StringComparison.Ordinal);
        Assert.Contains($"{Environment.ProcessId}", host.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http__Port", "ninety", "Http:Port")]
    [InlineData("Http__Port", "70000", "Port")]
    [InlineData("Database__PoolSize", "0", "PoolSize")]
    [InlineData("Http__Prot", "8080", "Prot")]
    [InlineData("Secrets__TokenSigning", "short", "Secrets:TokenSigning")]
    public async Task A_wrong_setting_names_itself_and_stops_the_boot(string name, string value, string said)
    {
        await using var data = new DataFolder();

        using var host = HostProcess.Start(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = value }, "serve", "--data", data.Path, "--no-demo");

        Assert.Equal(3, await host.ExitCode());
        Assert.Contains(said, host.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", host.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_exit_code_5_and_secrets_are_required_beside_it()
    {
        var elsewhere = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DATABASE_URL"] = $"postgres://nobody@127.0.0.1:{HostProcess.FreePort()}/nothing",
            ["Secrets__TokenSigning"] = new string('x', 40),
            ["Secrets__DataProtection"] = new string('x', 40),
        };
        using (var host = HostProcess.Start(elsewhere, "migrate"))
            Assert.Equal(5, await host.ExitCode());

        elsewhere.Remove("Secrets__DataProtection");
        using var without = HostProcess.Start(elsewhere, "migrate");
        Assert.Equal(3, await without.ExitCode());
        Assert.Contains("Secrets:DataProtection", without.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_explains_itself_and_refuses_what_it_does_not_know()
    {
        using var help = HostProcess.Start(null, "--help");
        Assert.Equal(0, await help.ExitCode());
        foreach (var command in (string[])["serve", "migrate", "seed", "version"])
            Assert.Contains(command, help.Output, StringComparison.Ordinal);

        using var version = HostProcess.Start(null, "version");
        Assert.Equal(0, await version.ExitCode());
        Assert.Matches(@"^\d+\.\d+\.\d+$", version.Output);

        using var unknown = HostProcess.Start(null, "serve", "--nope");
        Assert.Equal(2, await unknown.ExitCode());
    }

    private static async Task<string> ConnectionString(DataFolder data)
    {
        // Only to learn the address; the host is still there, so leaving again stops nothing.
        await using var beside = await data.Join();
        return beside.ConnectionString;
    }
}
