using System.Globalization;
using System.Text.RegularExpressions;

namespace Quitanda.Tests.Platform.Telemetry;

/// <summary>What <c>/metrics</c> said, read as strictly as the format's own readers do.</summary>
internal sealed partial class Exposed
{
    private readonly Dictionary<string, double> _samples = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _types = new(StringComparer.Ordinal);

    private Exposed(string text) => Text = text;

    public string Text { get; }

    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>Every sample by its name and labels as they were written.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    public IEnumerable<string> Names => _samples.Keys.Select(sample => sample.Split('{')[0]).Distinct(StringComparer.Ordinal);

    public static async Task<Exposed> Of(HttpClient client, string? accept = null)
    {
        var response = await client.Send(HttpMethod.Get, "/metrics", accept is null ? [] : ["Accept", accept]);
        Assert.Equal(200, (int)response.StatusCode);
        return Parse(await response.Text(), isOpenMetrics: response.Content.Headers.ContentType?.MediaType == "application/openmetrics-text");
    }

    /// <summary>The sum of a name's samples that have all these labels.</summary>
    public double Sum(string name, params string[] labels) => _samples.Where(sample =>
        sample.Key.Split('{')[0] == name && labels.All(label => sample.Key.Contains(label, StringComparison.Ordinal))).Sum(sample => sample.Value);

    public static Exposed Parse(string text, bool isOpenMetrics)
    {
        var exposed = new Exposed(text);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        var lines = text[..^1].Split('\n');
        if (isOpenMetrics)
        {
            Assert.Equal("# EOF", lines[^1]);
            lines = lines[..^1];
        }

        var family = "";
        foreach (var line in lines)
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                Assert.Equal(4, parts.Length);
                Assert.True(exposed._types.TryAdd(parts[2], parts[3]), $"{parts[2]} comes twice");
                Assert.Contains(parts[3], (string[])["counter", "gauge", "histogram"], StringComparer.Ordinal);
                family = parts[2];
            }
            else if (line.StartsWith('#'))
            {
                Assert.Matches(isOpenMetrics ? "^# (HELP|UNIT) " + family + " " : "^# HELP " + family + " ", line);
            }
            else
            {
                var match = Sample().Match(line);
                Assert.True(match.Success, $"not a sample: {line}");
                var name = match.Groups["name"].Value;
                var suffixes = (exposed._types[family], isOpenMetrics) switch { ("histogram", _) => new[] { "_bucket", "_sum", "_count" }, ("counter", true) => ["_total"], _ => [""] };
                Assert.True(suffixes.Any(suffix => name == family + suffix), $"{name} is not of the family {family}");
                var labels = Label().Matches(match.Groups["labels"].Value).Select(label => label.Groups["name"].Value).ToList();
                Assert.Equal(labels.Distinct(StringComparer.Ordinal).Count(), labels.Count);
                Assert.True(exposed._samples.TryAdd(name + match.Groups["labels"].Value, double.Parse(match.Groups["value"].Value.Replace("+Inf", "∞", StringComparison.Ordinal), CultureInfo.InvariantCulture)), $"{line} comes twice");
            }

        exposed.RequireWholeHistograms();
        return exposed;
    }

    private void RequireWholeHistograms()
    {
        foreach (var name in _types.Where(type => type.Value == "histogram").Select(type => type.Key))
            foreach (var group in _samples.Where(sample => sample.Key.StartsWith(name + "_bucket{", StringComparison.Ordinal)).GroupBy(sample => Le().Replace(sample.Key, ""), StringComparer.Ordinal))
            {
                var counts = group.Select(sample => sample.Value).ToList();
                Assert.Equal(counts.Order(), counts);
                var infinite = Assert.Single(group, sample => sample.Key.Contains("le=\"+Inf\"", StringComparison.Ordinal));
                var labels = group.Key[(name.Length + "_bucket".Length)..].Replace("{}", "", StringComparison.Ordinal);
                Assert.Equal(_samples[$"{name}_count{labels}"], infinite.Value);
                Assert.True(_samples.ContainsKey($"{name}_sum{labels}"));
            }
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*"(,(?=[a-zA-Z_])|(?=\})))*\})? (?<value>[-+]?(\d+(\.\d+)?([eE][-+]?\d+)?|Inf)|NaN)$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sample();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="([^"\\]|\\.)*""" + "\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(""",?le="[^"]*""" + "\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Le();
}
