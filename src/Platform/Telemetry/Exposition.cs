using System.Globalization;
using System.Text;

namespace Quitanda.Platform.Telemetry;

/// <summary>Prometheus's text format 0.0.4, and OpenMetrics 1.0.0, which differs from it in a few words.</summary>
internal static class Exposition
{
    public const string Text = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// <summary>Writes every instrument that has been heard of.</summary>
    public static string Write(IEnumerable<Instrumented> instruments, bool isOpenMetrics)
    {
        var text = new StringBuilder(32 * 1024);
        // Two meters may have an instrument of one name; they are one family, and the first says what it is.
        foreach (var family in instruments.GroupBy(instrument => instrument.Family.Family, StringComparer.Ordinal).OrderBy(family => family.Key, StringComparer.Ordinal))
        {
            var first = family.First();
            var written = new HashSet<string>(StringComparer.Ordinal);
            foreach (var instrument in family.Where(other => other.Shape == first.Shape))
                foreach (var series in instrument.Series)
                {
                    if (!written.Add(series.Labels))
                        continue;
                    if (written.Count == 1)
                        Head(text, first, isOpenMetrics);
                    if (instrument.Shape == Shape.Histogram)
                        Histogram(text, instrument, series, isOpenMetrics);
                    else
                        Line(text, instrument.Family.Sample, "", series.Labels, series.Value);
                }
        }

        if (isOpenMetrics)
            text.Append("# EOF\n");
        return text.ToString();
    }

    /// <summary>Tags as they stand between the braces, in the order of their names; what comes under one name is joined.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var byName = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in tags)
        {
            var name = LabelName(key);
            var said = value switch
            {
                null => "",
                bool flag => flag ? "true" : "false",
                _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
            };
            // Npgsql names a pool that nobody named by its connection string, which says where the database is.
            if (key == "db.client.connection.pool.name" && said.Contains('=', StringComparison.Ordinal))
                said = "unnamed";
            // A label without a value is a label that is not there.
            if (said.Length > 0)
                byName[name] = byName.TryGetValue(name, out var before) ? $"{before};{said}" : said;
        }

        var text = new StringBuilder();
        foreach (var (name, value) in byName)
            Escape(text.Append(text.Length > 0 ? "," : "").Append(name).Append("=\""), value, quotes: true).Append('"');
        return text.ToString();
    }

    private static string LabelName(string key)
    {
        // A colon is for the rules of who runs Prometheus.
        var name = PrometheusName.Clean(key).Replace(':', '_');
        // The bucket's bound is written by us, and what begins with two underscores belongs to Prometheus.
        return name is "le" or "quantile" ? "exported_" + name : name;
    }

    private static void Head(StringBuilder text, Instrumented instrument, bool isOpenMetrics)
    {
        var name = isOpenMetrics ? instrument.Family.Family : instrument.Family.Sample;
        text.Append("# TYPE ").Append(name).Append(' ').Append(instrument.Shape switch { Shape.Counter => "counter", Shape.Histogram => "histogram", _ => "gauge" }).Append('\n');
        if (isOpenMetrics && instrument.Family.Unit.Length > 0)
            text.Append("# UNIT ").Append(name).Append(' ').Append(instrument.Family.Unit).Append('\n');
        if (instrument.Help.Length > 0)
            Escape(text.Append("# HELP ").Append(name).Append(' '), instrument.Help, quotes: isOpenMetrics).Append('\n');
    }

    private static void Histogram(StringBuilder text, Instrumented instrument, Series series, bool isOpenMetrics)
    {
        var name = instrument.Family.Sample;
        var comma = series.Labels.Length > 0 ? "," : "";
        long count = 0;
        // Counted here rather than kept, so that the buckets and their count are of one moment.
        for (var at = 0; at <= instrument.Bounds.Count; at++)
        {
            count += series.Bucket(at);
            var bound = at == instrument.Bounds.Count ? "+Inf" : Bound(instrument.Bounds[at], isOpenMetrics);
            Line(text, name, "_bucket", $"{series.Labels}{comma}le=\"{bound}\"", count);
        }

        Line(text, name, "_sum", series.Labels, series.Value);
        Line(text, name, "_count", series.Labels, count);
    }

    private static string Bound(double bound, bool isOpenMetrics)
    {
        var text = Number(bound);
        return isOpenMetrics && !text.AsSpan().ContainsAny('.', 'E') ? text + ".0" : text;
    }

    private static void Line(StringBuilder text, string name, string suffix, string labels, double value)
    {
        text.Append(name).Append(suffix);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture);

    private static StringBuilder Escape(StringBuilder text, string value, bool quotes)
    {
        foreach (var letter in value)
            _ = letter switch
            {
                '\\' => text.Append("\\\\"),
                '\n' => text.Append("\\n"),
                '"' when quotes => text.Append("\\\""),
                // A lone surrogate has no bytes in UTF-8; the encoder replaces it.
                _ => text.Append(letter),
            };
        return text;
    }
}
