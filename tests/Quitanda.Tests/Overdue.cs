using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Xunit.v3;

[assembly: Quitanda.Tests.Watched]
[assembly: AssemblyFixture(typeof(Quitanda.Tests.Overdue))]

namespace Quitanda.Tests;

/// <summary>
/// Sees to it that a run ends. A test that goes on far longer than any should is cancelled, and so fails under its own name; where nothing begins or ends
/// for longer than that, whatever goes on is named and the process is ended, as no answer at all would tell least.
/// </summary>
public sealed class Overdue
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(Size.Of(20, 60));
    private static readonly TimeSpan Silence = Patience + TimeSpan.FromMinutes(3);
    private static readonly ConcurrentDictionary<Doing, bool> Running = new();
    private static long _lastChange = Stopwatch.GetTimestamp();

    public Overdue() =>
        // A thread of its own, because what hangs may be the pool; and it outlives the tests, because their end may hang as well.
        new Thread(Watch) { IsBackground = true, Name = "overdue tests" }.Start();

    /// <summary>Says that something begins, until what is returned is disposed.</summary>
    internal static IDisposable Begin(string what) => new Doing(what);

    private static void Watch()
    {
        using var never = new ManualResetEventSlim();
        while (!never.Wait(TimeSpan.FromSeconds(5)))
        {
            foreach (var late in Running.Keys.Where(late => late.Lasted > Patience))
                late.Cancel();
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref _lastChange)) > Silence)
                Environment.FailFast(Say($"Nothing has begun or ended for {Silence.TotalMinutes} minutes. What goes on: {string.Join("; ", Running.Keys.Select(running => $"{running.What} for {running.Lasted.TotalSeconds:0} s"))}"));
        }
    }

    /// <summary>Tells it where it is seen: whoever runs the tests may show nothing of what they write before they end.</summary>
    private static string Say(string line)
    {
        Console.Error.WriteLine(line);
        if (Environment.GetEnvironmentVariable("QUITANDA_TESTS_OVERDUE") is { Length: > 0 } file)
            File.AppendAllLines(file, [line]);
        return line;
    }

    private sealed class Doing : IDisposable
    {
        private readonly ITestContext _test = TestContext.Current;
        private readonly long _begun = Stopwatch.GetTimestamp();
        private bool _isCancelled;

        public Doing(string what)
        {
            What = what;
            Running[this] = true;
            Volatile.Write(ref _lastChange, Stopwatch.GetTimestamp());
        }

        public string What { get; }

        public TimeSpan Lasted => Stopwatch.GetElapsedTime(_begun);

        public void Cancel()
        {
            if (_isCancelled)
                return;
            _isCancelled = true;
            Say($"{What} has gone on for {Lasted.TotalSeconds:0} s, and is cancelled.");
            _test.CancelCurrentTest();
        }

        public void Dispose()
        {
            Running.TryRemove(this, out _);
            Volatile.Write(ref _lastChange, Stopwatch.GetTimestamp());
        }
    }
}

/// <summary>Has each test of an assembly watched by <see cref="Overdue"/>.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class WatchedAttribute : BeforeAfterTestAttribute
{
    private static readonly ConcurrentDictionary<string, IDisposable> Begun = new(StringComparer.Ordinal);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => Begun[test.UniqueID] = Overdue.Begin(test.TestDisplayName);

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Begun.TryRemove(test.UniqueID, out var doing))
            doing.Dispose();
    }
}
