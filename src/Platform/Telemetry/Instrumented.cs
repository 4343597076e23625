using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Quitanda.Platform.Telemetry;

/// <summary>What an instrument's numbers are to Prometheus.</summary>
internal enum Shape
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One instrument and its series. Recording into a series that exists allocates nothing and takes no lock.</summary>
internal sealed class Instrumented
{
    private const string Overflow = "otel_metric_overflow=\"true\"";

    /// <summary>Tags in different orders lead to one series; past that many ways to it, the way is found anew each time.</summary>
    private const int WaysPerSeries = 4;

    private static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
    private static readonly double[] Others = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

    private readonly Lock _adding = new();
    private readonly int _seriesAtMost;
    private readonly double[] _bounds;
    private readonly bool _replaces;
    private Dictionary<string, Series> _byLabels = new(StringComparer.Ordinal);
    private Way?[] _ways = new Way?[16];
    private int _wayCount;

    public Instrumented(Instrument instrument, int seriesAtMost)
        : this(instrument.Name, instrument.Unit, instrument.Description, ShapeOf(KindOf(instrument)), ShapeOf(KindOf(instrument)) == Shape.Histogram ? BoundsOf(instrument) : [], seriesAtMost, KindOf(instrument) == typeof(Gauge<>) || KindOf(instrument) == typeof(ObservableGauge<>)) =>
        IsObservable = instrument.IsObservable;

    public Instrumented(string name, string? unit, string? help, Shape shape, double[] bounds, int seriesAtMost, bool replaces = false)
    {
        (Shape, _bounds, _seriesAtMost, _replaces) = (shape, bounds, seriesAtMost, replaces);
        Family = new(name, unit, shape, isRatio: replaces);
        Help = help ?? "";
    }

    public Shape Shape { get; }

    public PrometheusName Family { get; }

    public string Help { get; }

    /// <summary>Whether it is asked at each reading rather than told at each event.</summary>
    public bool IsObservable { get; }

    public IReadOnlyList<double> Bounds => _bounds;

    /// <summary>Every series there is, in the order of its labels.</summary>
    public IReadOnlyList<Series> Series
    {
        get
        {
            lock (_adding)
                return [.. _byLabels.Values.OrderBy(series => series.Labels, StringComparer.Ordinal)];
        }
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_replaces)
            Find(tags).Set(value);
        // One that is no number would spoil the sum for good; a counter that goes back is a mistake of its owner.
        else if (double.IsFinite(value) && (Shape != Shape.Counter || value >= 0))
            Find(tags).Add(value, _bounds);
    }

    /// <summary>Forgets every series: an observable instrument tells them all again, and those it does not tell are gone.</summary>
    public void Forget()
    {
        lock (_adding)
        {
            _byLabels = new(StringComparer.Ordinal);
            _wayCount = 0;
            Volatile.Write(ref _ways, new Way?[16]);
        }
    }

    private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = Hash(tags);
        var ways = Volatile.Read(ref _ways);
        for (var way = Volatile.Read(ref ways[hash & (ways.Length - 1)]); way is not null; way = way.Next)
            if (way.Hash == hash && Same(way.Tags, tags))
                return way.Series;
        return Add(hash, tags);
    }

    private Series Add(int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = Exposition.Labels(tags);
        lock (_adding)
        {
            if (!_byLabels.TryGetValue(labels, out var series))
            {
                if (_byLabels.Count >= _seriesAtMost)
                    labels = Overflow;
                ref var slot = ref CollectionsMarshal.GetValueRefOrAddDefault(_byLabels, labels, out _);
                series = slot ??= new(labels, _bounds.Length);
                // Nobody remembers the ways to the overflow, of which there is no end.
                if (labels == Overflow)
                    return series;
            }

            if (_wayCount >= WaysPerSeries * _seriesAtMost)
                return series;
            if (_wayCount >= _ways.Length)
                Grow();
            ref var head = ref _ways[hash & (_ways.Length - 1)];
            Volatile.Write(ref head, new(hash, tags.ToArray(), series, head));
            _wayCount++;
            return series;
        }
    }

    private void Grow()
    {
        var larger = new Way?[_ways.Length * 2];
        foreach (var chain in _ways)
            for (var way = chain; way is not null; way = way.Next)
                larger[way.Hash & (larger.Length - 1)] = new(way.Hash, way.Tags, way.Series, larger[way.Hash & (larger.Length - 1)]);
        Volatile.Write(ref _ways, larger);
    }

    // Names are literals that hardly tell two sets of tags apart; values do.
    private static int Hash(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var hash = tags.Length;
        foreach (ref readonly var tag in tags)
            hash = hash * 31 + (tag.Value?.GetHashCode() ?? 0);
        return hash ^ (hash >>> 15);
    }

    private static bool Same(KeyValuePair<string, object?>[] known, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (known.Length != tags.Length)
            return false;
        for (var at = 0; at < known.Length; at++)
        {
            ref readonly var one = ref known[at];
            ref readonly var other = ref tags[at];
            if (one.Key != other.Key || (!ReferenceEquals(one.Value, other.Value) && !Equals(one.Value, other.Value)))
                return false;
        }

        return true;
    }

    private static Type KindOf(Instrument instrument) => instrument.GetType() is { IsGenericType: true } type ? type.GetGenericTypeDefinition() : instrument.GetType();

    private static Shape ShapeOf(Type kind) => kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? Shape.Counter : kind == typeof(Histogram<>) ? Shape.Histogram : Shape.Gauge;

    private static double[] BoundsOf(Instrument instrument) => instrument switch
    {
        Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised } => [.. advised],
        Histogram<long> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised } => [.. advised.Select(bound => (double)bound)],
        Histogram<int> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised } => [.. advised.Select(bound => (double)bound)],
        Histogram<float> { Advice.HistogramBucketBoundaries: { Count: > 0 } advised } => [.. advised.Select(bound => (double)bound)],
        { Unit: "s" } => Seconds,
        _ => Others,
    };

    /// <summary>One order of tags that leads to a series.</summary>
    private sealed record Way(int Hash, KeyValuePair<string, object?>[] Tags, Series Series, Way? Next);
}

/// <summary>One set of labels and what was measured with it.</summary>
internal sealed class Series(string labels, int bounds)
{
    private readonly long[] _buckets = bounds == 0 ? [] : new long[bounds + 1];
    private double _value;

    /// <summary>As they stand between the braces, escaped.</summary>
    public string Labels { get; } = labels;

    /// <summary>The number, or the sum of a histogram.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>How many fell into each bucket; the last is above every bound.</summary>
    public long Bucket(int at) => Volatile.Read(ref _buckets[at]);

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double value, double[] bounds)
    {
        if (_buckets.Length > 0)
        {
            var at = 0;
            while (at < bounds.Length && value > bounds[at])
                at++;
            Interlocked.Increment(ref _buckets[at]);
        }

        double seen, replaced = Volatile.Read(ref _value);
        do
        {
            seen = replaced;
            replaced = Interlocked.CompareExchange(ref _value, seen + value, seen);
        }
        while (replaced.CompareTo(seen) != 0);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{{{Labels}}} {Value}");
}
