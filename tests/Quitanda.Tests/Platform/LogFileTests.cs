using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class LogFileTests(ProbeApp app) : IClassFixture<ProbeApp>, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quitanda-logs-");
    private readonly TestClock _clock = new();

    private string Path => System.IO.Path.Combine(_folder.FullName, "deep", "quitanda.log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void It_is_put_aside_when_it_is_full_and_the_oldest_are_forgotten()
    {
        using (var file = Open(bytes: 100, kept: 3))
            for (var i = 0; i < 10; i++)
                Write(file, $"{i} {new string('x', 60)}\n");
        Assert.Equal(["quitanda.2026-03-04.7.log", "quitanda.2026-03-04.8.log", "quitanda.2026-03-04.9.log", "quitanda.log"], Names());
        Assert.StartsWith("9 ", Text("quitanda.log"), StringComparison.Ordinal);
        Assert.StartsWith("8 ", Text("quitanda.2026-03-04.9.log"), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_put_aside_when_the_day_is_over_and_ten_is_after_nine()
    {
        using var file = Open(bytes: 50, kept: 11);
        for (var i = 0; i < 12; i++)
            Write(file, new string('x', 40) + "\n");
        _clock.Advance(TimeSpan.FromDays(1));
        Write(file, "tomorrow\n");
        // Twelve were put aside: the first is gone, and numbers are numbers.
        Assert.Equal(11, Names().Count(name => name != "quitanda.log"));
        Assert.DoesNotContain("quitanda.2026-03-04.1.log", Names(), StringComparer.Ordinal);
        Assert.Contains("quitanda.2026-03-04.10.log", Names(), StringComparer.Ordinal);
        Assert.Equal("tomorrow\n", Text("quitanda.log"));
        _clock.Advance(TimeSpan.FromDays(1));
        Write(file, "the day after\n");
        Assert.Equal("tomorrow\n", Text("quitanda.2026-03-05.1.log"));
    }

    [Fact]
    public void A_restart_goes_on_and_a_line_that_death_cut_off_is_ended()
    {
        using (var file = Open())
            Write(file, "one\n");
        File.AppendAllText(Path, "cut of");
        using (var file = Open())
            Write(file, "two\n");
        Assert.Equal("one\ncut of\ntwo\n", Text("quitanda.log"));
    }

    [Fact]
    public void Two_processes_with_one_name_write_two_files_and_the_name_is_free_again_afterwards()
    {
        using (var first = Open())
        {
            using var second = Open();
            Write(first, "first\n");
            Write(second, "second\n");
        }

        using (var third = Open())
            Write(third, "third\n");
        Assert.Equal(("first\nthird\n", "second\n"), (Text("quitanda.log"), Text("quitanda-2.log")));
    }

    [Fact]
    public void Others_may_not_read_it()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var file = Open();
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite));
        Assert.True(File.GetUnixFileMode(Path).HasFlag(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void A_full_disk_ends_nothing_and_is_tried_again_after_a_while()
    {
        if (!File.Exists("/dev/full"))
            return;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.CreateSymbolicLink(Path, "/dev/full");
        using var file = Open();
        var lost = RotatingFile.Lost;
        Write(file, "one\n");
        Write(file, "two\n");
        Assert.True(RotatingFile.Lost >= lost + 2);
        File.Delete(Path);
        Write(file, "still waiting\n");
        _clock.Advance(TimeSpan.FromSeconds(6));
        Write(file, "there is room again\n");
        Assert.Equal("there is room again\n", Text("quitanda.log"));
    }

    [Fact]
    public async Task A_host_writes_every_line_to_the_file_as_well()
    {
        await using (var logging = await app.StartAnother(builder =>
        {
            builder.Configuration["Logs:File"] = Path;
            builder.Logging.AddJsonLines();
        }))
        {
            await logging.GetTestServer().CreateClient().Send(HttpMethod.Get, "/nowhere/at/all", "X-Request-Id", "req-77");
            // Lines gather for a moment, and the answer does not wait for its own.
            await Eventually.Happens(() => Text("quitanda.log").Contains("/nowhere/at/all", StringComparison.Ordinal), "The line of the request");
        }

        var line = JsonDocument.Parse(Assert.Single(Text("quitanda.log").Split('\n'), line => line.Contains("/nowhere/at/all", StringComparison.Ordinal))).RootElement;
        Assert.Equal(("req-77", "info"), (line.GetProperty("requestId").GetString(), line.GetProperty("level").GetString()));
        Assert.Matches("^[0-9a-f]{32}$", line.GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_names_its_setting_and_stops_the_start()
    {
        await File.WriteAllTextAsync(System.IO.Path.Combine(_folder.FullName, "deep"), "no folder", TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<SettingException>(() => app.StartAnother(builder =>
        {
            builder.Configuration["Logs:File"] = Path;
            builder.Logging.AddJsonLines();
        }));
        Assert.Equal("Logs:File", error.Name);
    }

    [Fact]
    public async Task Levels_go_by_category()
    {
        using var log = new CapturedLog();
        await using (var quiet = await app.StartAnother(builder =>
        {
            builder.Configuration["Logs:Level"] = "error";
            builder.Configuration["Logs:Levels"] = "Probe.Loud=debug Microsoft.AspNetCore.Routing=debug";
            builder.Logging.AddProvider(log);
        }))
        {
            var factory = (ILoggerFactory)quiet.Services.GetService(typeof(ILoggerFactory))!;
            Say(factory, "Probe.Loud.Inside");
            Say(factory, "Probe.Other");
            await quiet.GetTestServer().CreateClient().Send(HttpMethod.Get, $"/api/v1/probe/things/{Guid.CreateVersion7()}");
        }

        Assert.Equal(["debug", "info", "warning", "error"], Levels("Probe.Loud.Inside"));
        Assert.Equal(["error"], Levels("Probe.Other"));
        Assert.NotEmpty(Levels("Microsoft.AspNetCore.Routing.Matching.DfaMatcher"));
        // Requests are said at the level of information.
        Assert.Empty(Levels("Quitanda.Platform.Edge"));

        string[] Levels(string category) => [.. log.Lines.Select(line => JsonDocument.Parse(line).RootElement).Where(line => line.GetProperty("category").GetString() == category).Select(line => line.GetProperty("level").GetString()!)];

        static void Say(ILoggerFactory factory, string category)
        {
            var logger = factory.CreateLogger(category);
            foreach (var level in (LogLevel[])[LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error])
                logger.Log(level, default, "said", null, (state, _) => state);
        }
    }

    [Theory]
    [InlineData("Logs:Level", "loud")]
    [InlineData("Logs:Levels", "Microsoft=loud")]
    [InlineData("Logs:Levels", "debug")]
    [InlineData("Logs:FilesKept", "0")]
    public async Task A_bad_setting_names_itself(string name, string value)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAnother(builder => builder.Configuration[name] = value));
        Assert.Contains(name.Split(':')[1], error.Message, StringComparison.Ordinal);
    }

    private static void Write(RotatingFile file, string text) => file.Write(Encoding.UTF8.GetBytes(text));

    private RotatingFile Open(long bytes = 1_000_000, int kept = 3) => RotatingFile.Open(Path, bytes, kept, _clock);

    private string Text(string name) => File.ReadAllText(System.IO.Path.Combine(_folder.FullName, "deep", name));

    private string[] Names() => [.. new DirectoryInfo(System.IO.Path.GetDirectoryName(Path)!).GetFiles("*.log").Select(file => file.Name).Where(name => name[0] != '.').Order(StringComparer.Ordinal)];
}
