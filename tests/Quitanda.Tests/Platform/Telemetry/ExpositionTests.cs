using System.Diagnostics.Metrics;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Tests.Platform.Telemetry;

/// <summary>Instruments as Prometheus sees them.</summary>
public sealed class ExpositionTests : IDisposable
{
    private readonly Meter _meter = new("Quitanda.Tests.Exposition");

    public void Dispose() => _meter.Dispose();

    [Theory]
    [InlineData("http.server.request.duration", "s", Shape.Histogram, false, "http_server_request_duration_seconds")]
    [InlineData("http.server.active_requests", "{request}", Shape.Gauge, false, "http_server_active_requests")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", Shape.Counter, false, "dotnet_gc_heap_total_allocated_bytes_total")]
    [InlineData("quitanda.errors", "{error}", Shape.Counter, false, "quitanda_errors_total")]
    [InlineData("requests_total", null, Shape.Counter, false, "requests_total")]
    [InlineData("cpu.time.total", "s", Shape.Counter, false, "cpu_time_seconds_total")]
    [InlineData("wait_seconds", "s", Shape.Gauge, true, "wait_seconds")]
    [InlineData("memory.used", "1", Shape.Gauge, true, "memory_used_ratio")]
    [InlineData("things", "1", Shape.Gauge, false, "things")]
    [InlineData("things", "1", Shape.Counter, false, "things_total")]
    [InlineData("speed", "m/s", Shape.Gauge, true, "speed_meters_per_second")]
    [InlineData("rate", "{request}/min", Shape.Gauge, true, "rate_per_minute")]
    [InlineData("full", "%", Shape.Gauge, true, "full_percent")]
    [InlineData("odd", "barn", Shape.Gauge, true, "odd_barn")]
    [InlineData("a..b--c", null, Shape.Gauge, true, "a_b_c")]
    [InlineData("2nd.try", null, Shape.Gauge, true, "_2nd_try")]
    internal void Names_and_units_follow_the_rules(string name, string? unit, Shape shape, bool isRatio, string expected) =>
        Assert.Equal(expected, new PrometheusName(name, unit, shape, isRatio).Sample);

    [Fact]
    public void Labels_are_sorted_escaped_and_unambiguous()
    {
        Assert.Equal("""a_b="x;y",c="line\nfeed \"quoted\" back\\slash",exported_le="1",flag="true",number="1.5" """.TrimEnd(), Exposition.Labels(
            [new("number", 1.5), new("a.b", "x"), new("a_b", "y"), new("c", "line\nfeed \"quoted\" back\\slash"), new("flag", true), new("le", 1), new("none", null), new("empty", "")]));
        var counter = _meter.CreateCounter<int>("escaped", description: "Says \"hello\\\"\nand more");
        var instrument = new Instrumented(counter, 10);
        instrument.Record(1, [new("what", "é \"\n\\")]);
        Assert.Equal("# TYPE escaped_total counter\n# HELP escaped_total Says \"hello\\\\\"\\nand more\nescaped_total{what=\"é \\\"\\n\\\\\"} 1\n", Exposition.Write([instrument], isOpenMetrics: false));
        Assert.Equal("# TYPE escaped counter\n# HELP escaped Says \\\"hello\\\\\\\"\\nand more\nescaped_total{what=\"é \\\"\\n\\\\\"} 1\n# EOF\n", Exposition.Write([instrument], isOpenMetrics: true));
    }

    [Fact]
    public void A_value_on_a_bound_falls_into_its_bucket_and_the_rest_into_infinity()
    {
        var histogram = new Instrumented(_meter.CreateHistogram<double>("wait", "s", "", advice: new() { HistogramBucketBoundaries = [0.1, 1] }, tags: null), 10);
        foreach (var value in (double[])[0.05, 0.1, 0.5, 1, 2, double.NaN, double.PositiveInfinity])
            histogram.Record(value, []);
        Assert.Equal("""
            # TYPE wait_seconds histogram
            wait_seconds_bucket{le="0.1"} 2
            wait_seconds_bucket{le="1"} 4
            wait_seconds_bucket{le="+Inf"} 5
            wait_seconds_sum 3.65
            wait_seconds_count 5

            """, Exposition.Write([histogram], isOpenMetrics: false), ignoreLineEndingDifferences: true);
        Assert.Contains("# UNIT wait_seconds seconds\nwait_seconds_bucket{le=\"0.1\"} 2\nwait_seconds_bucket{le=\"1.0\"} 4\n", Exposition.Write([histogram], isOpenMetrics: true), StringComparison.Ordinal);
    }

    [Fact]
    public void A_counter_only_grows_an_up_down_counter_does_both_and_a_gauge_is_its_last_value()
    {
        var counter = new Instrumented(_meter.CreateCounter<long>("up"), 10);
        var both = new Instrumented(_meter.CreateUpDownCounter<long>("both"), 10);
        var gauge = new Instrumented(_meter.CreateGauge<double>("last"), 10);
        foreach (var value in (double[])[5, -2])
        {
            counter.Record(value, []);
            both.Record(value, []);
            gauge.Record(value, []);
        }

        Assert.Equal((5, 3, -2), (Assert.Single(counter.Series).Value, Assert.Single(both.Series).Value, Assert.Single(gauge.Series).Value));
        gauge.Record(double.NegativeInfinity, []);
        Assert.Contains("last -Inf\n", Exposition.Write([gauge], isOpenMetrics: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Series_beyond_the_limit_are_counted_together_and_none_is_lost()
    {
        var counter = new Instrumented(_meter.CreateCounter<long>("many"), 10);
        for (var round = 0; round < 3; round++)
            for (var user = 0; user < 1000; user++)
                counter.Record(1, [new("user", user)]);
        Assert.Equal(11, counter.Series.Count);
        Assert.Equal(3000, counter.Series.Sum(series => series.Value));
        Assert.Equal(2970, Assert.Single(counter.Series, series => series.Labels == "otel_metric_overflow=\"true\"").Value);
    }

    [Fact]
    public void The_same_tags_in_another_order_are_the_same_series()
    {
        var counter = new Instrumented(_meter.CreateCounter<long>("ordered"), 10);
        counter.Record(1, [new("a", "1"), new("b", 2)]);
        counter.Record(1, [new("b", 2), new("a", "1")]);
        counter.Record(1, [new("b", 2), new("a", new string('1', 1))]);
        Assert.Equal(3, Assert.Single(counter.Series).Value);
    }

    [Fact]
    public async Task What_many_threads_record_adds_up_while_it_is_read()
    {
        var histogram = new Instrumented(_meter.CreateHistogram<double>("raced", "s"), 1000);
        histogram.Record(0, [new("route", "0")]);
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
                Exposed.Parse(Exposition.Write([histogram], isOpenMetrics: false), isOpenMetrics: false);
        }, TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
                histogram.Record(0.25, [new("route", $"{i % 50}")]);
        })));
        await done.CancelAsync();
        await reader;
        var exposed = Exposed.Parse(Exposition.Write([histogram], isOpenMetrics: false), isOpenMetrics: false);
        Assert.Equal(160_001, exposed.Sum("raced_seconds_count"));
        Assert.Equal(40_000, exposed.Sum("raced_seconds_sum"));
        Assert.Equal(50, histogram.Series.Count);
    }

    [Fact]
    public void Recording_into_a_known_series_allocates_nothing()
    {
        var histogram = new Instrumented(_meter.CreateHistogram<double>("cheap", "s"), 1000);
        object status = 200;
        KeyValuePair<string, object?>[] tags = [new("http.route", "/api/v1/products/{idOrSlug}"), new("http.response.status_code", status), new("http.request.method", "GET")];
        histogram.Record(0.001, tags);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
            histogram.Record(0.001, tags);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
