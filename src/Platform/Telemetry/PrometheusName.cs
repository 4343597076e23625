using System.Text;

namespace Quitanda.Platform.Telemetry;

/// <summary>
/// An instrument's name in Prometheus, by the rules of OpenTelemetry's "Prometheus and OpenMetrics Compatibility": no dots, the unit in words at
/// the end, <c>_total</c> for what only grows, <c>_ratio</c> for a gauge of parts of one.
/// </summary>
internal sealed record PrometheusName
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["d"] = "days",
        ["h"] = "hours",
        ["min"] = "minutes",
        ["s"] = "seconds",
        ["ms"] = "milliseconds",
        ["us"] = "microseconds",
        ["ns"] = "nanoseconds",
        ["By"] = "bytes",
        ["KiBy"] = "kibibytes",
        ["MiBy"] = "mebibytes",
        ["GiBy"] = "gibibytes",
        ["TiBy"] = "tibibytes",
        ["KBy"] = "kilobytes",
        ["MBy"] = "megabytes",
        ["GBy"] = "gigabytes",
        ["TBy"] = "terabytes",
        ["m"] = "meters",
        ["V"] = "volts",
        ["A"] = "amperes",
        ["J"] = "joules",
        ["W"] = "watts",
        ["g"] = "grams",
        ["Cel"] = "celsius",
        ["Hz"] = "hertz",
        ["%"] = "percent",
    };

    private static readonly Dictionary<string, string> Per = new(StringComparer.Ordinal)
    {
        ["s"] = "second",
        ["m"] = "minute",
        ["min"] = "minute",
        ["h"] = "hour",
        ["d"] = "day",
        ["w"] = "week",
        ["mo"] = "month",
        ["y"] = "year",
    };

    public PrometheusName(string name, string? unit, Shape shape, bool isRatio)
    {
        var made = Clean(name);
        if (shape == Shape.Counter && made.EndsWith("_total", StringComparison.Ordinal))
            made = made[..^"_total".Length];
        Unit = unit == "1" ? isRatio ? "ratio" : "" : UnitOf(unit ?? "");
        if (Unit.Length > 0 && !made.EndsWith("_" + Unit, StringComparison.Ordinal))
            made = $"{made}_{Unit}";
        Family = made;
        Sample = shape == Shape.Counter ? made + "_total" : made;
    }

    /// <summary>What OpenMetrics calls it.</summary>
    public string Family { get; }

    /// <summary>What its lines begin with, and what the older format calls it.</summary>
    public string Sample { get; }

    /// <summary>The unit in words; empty where there is none.</summary>
    public string Unit { get; }

    /// <summary>Only letters, digits, colons and single underscores, and no digit first.</summary>
    public static string Clean(string name)
    {
        var clean = new StringBuilder(name.Length + 1);
        foreach (var letter in name)
        {
            if (clean.Length == 0 && char.IsAsciiDigit(letter))
                clean.Append('_');
            if (char.IsAsciiLetterOrDigit(letter) || letter == ':')
                clean.Append(letter);
            else if (clean.Length == 0 || clean[^1] != '_')
                clean.Append('_');
        }

        return clean.ToString();
    }

    private static string UnitOf(string unit)
    {
        // What stands in braces says what is counted; it is no unit.
        var bare = new StringBuilder(unit.Length);
        var depth = 0;
        foreach (var letter in unit)
            if (letter == '{')
                depth++;
            else if (letter == '}')
                depth--;
            else if (depth == 0)
                bare.Append(letter);

        var parts = bare.ToString().Split('/', 2);
        var of = Clean(Words.GetValueOrDefault(parts[0], parts[0])).Trim('_');
        if (parts.Length == 1 || parts[1].Length == 0)
            return of;
        var per = "per_" + Clean(Per.GetValueOrDefault(parts[1], parts[1])).Trim('_');
        return of.Length == 0 ? per : $"{of}_{per}";
    }
}
