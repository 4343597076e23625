using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed partial class SettingsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Theory]
    [InlineData("Http:Port", "0")]
    [InlineData("Http:MaxBodyBytes", "1")]
    [InlineData("Http:Address", "")]
    [InlineData("Database:PoolSize", "1")]
    [InlineData("Jobs:Runners", "65")]
    [InlineData("Cache:Seconds", "61")]
    public async Task A_value_out_of_bounds_names_itself_and_stops_the_start(string name, string value)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAnother(builder => builder.Configuration[name] = value));
        Assert.Contains(name.Split(':')[1], error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Webhooks:TimeoutSeconds", 20, 24, false)]
    [InlineData("Webhooks:TimeoutSeconds", 15, 12, false)]
    [InlineData("Webhooks:TimeoutSeconds", 20, 25, true)]
    [InlineData("Booking:FeedTimeoutSeconds", 20, 24, false)]
    [InlineData("Booking:FeedTimeoutSeconds", 8, 10, true)]
    public async Task A_call_that_would_outlast_its_job_stops_the_start(string name, int seconds, int trySeconds, bool isGood)
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal) { ["Webhooks:TimeoutSeconds"] = "4", ["Booking:FeedTimeoutSeconds"] = "4", [name] = $"{seconds}", ["Jobs:TrySeconds"] = $"{trySeconds}" };
        Task<OtherProcess> Start() => app.StartBeside([.. settings.Select(setting => (setting.Key, setting.Value))]);
        if (isGood)
            await (await Start()).DisposeAsync();
        else
            Assert.Contains(name, (await Assert.ThrowsAsync<OptionsValidationException>(Start)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http:Port", "eighty")]
    [InlineData("Jobs:Enabled", "perhaps")]
    [InlineData("Http:Prot", "8080")]
    [InlineData("Cache:Minutes", "1")]
    [InlineData("Secrets:Password", "hunter2")]
    public async Task A_value_of_another_type_or_a_name_that_does_not_exist_names_itself_and_stops_the_start(string name, string value)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAnother(builder => builder.Configuration[name] = value));
        Assert.Contains(name.Split(':')[1], error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_configuration_page_lists_every_setting_with_its_default_and_nothing_else() =>
        Assert.Empty(Differences(File.ReadAllText(Path.Combine(Sources.Root, "docs", "configuration.md")), app.Services.GetServices<SettingsSection>()));

    [Fact]
    public void A_page_that_lies_is_found_out()
    {
        SettingsSection[] sections = [new("Jobs", typeof(JobSettings))];
        const string page = """
            ## Jobs
            | `Enabled` | `true` | | Runs. |
            | `Runners` | `5` | | Runs. |
            | `Attempts` | `12` | | Runs. |
            | `Patience` | `1` | | Runs. |
            ## Weather
            | `Rain` | `true` | | Falls. |
            """;
        Assert.Equal(["Jobs:NamedRunners is missing (8)", "Jobs:OutsideRunners is missing (8)", "Jobs:Patience does not exist", "Jobs:PollSeconds is missing (1)", "Jobs:Runners is 5 on the page and 4 in the code", "Jobs:TrySeconds is missing (25)", "Weather:Rain does not exist"], Differences(page, sections), StringComparer.Ordinal);
    }

    private static IEnumerable<string> Differences(string page, IEnumerable<SettingsSection> sections)
    {
        var written = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = "";
        foreach (var line in page.Split('\n'))
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = line[3..].Trim();
            else if (Row().Match(line) is { Success: true } row && !section.Contains(' ', StringComparison.Ordinal))
                written[$"{section}:{row.Groups["name"].Value}"] = row.Groups["value"].Value.Trim(' ', '`');

        var real = sections.SelectMany(known => Settings(known.Type).Select(setting => (Name: $"{known.Name}:{setting.Name}", setting.Value))).ToDictionary(setting => setting.Name, setting => setting.Value, StringComparer.Ordinal);
        return written.Keys.Except(real.Keys, StringComparer.Ordinal).Select(name => $"{name} does not exist")
            .Concat(real.Where(setting => !written.ContainsKey(setting.Key)).Select(setting => $"{setting.Key} is missing ({setting.Value})"))
            .Concat(real.Where(setting => written.TryGetValue(setting.Key, out var value) && !Same(value, setting.Value)).Select(setting => $"{setting.Key} is {written[setting.Key]} on the page and {setting.Value} in the code"))
            .Order(StringComparer.Ordinal);
    }

    private static bool Same(string written, string real) => written == real || (real.Length == 0 && written is "none" or "empty");

    private static IEnumerable<(string Name, string Value)> Settings(Type type)
    {
        var defaults = Activator.CreateInstance(type)!;
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property =>
            (property.Name, property.GetValue(defaults) switch { bool flag => flag ? "true" : "false", var value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "" }));
    }

    [GeneratedRegex("^\\| `(?<name>\\w+)` \\|(?<value>[^|]*)\\|", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();
}
