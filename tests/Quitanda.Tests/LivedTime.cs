using System.Diagnostics;

namespace Quitanda.Tests;

/// <summary>
/// Time as far as this machine ran anybody: for tests that measure a promise in seconds. A thread that only wakes fifty times a second sees how late it is woken; where that is more than
/// a moment, nobody was run, and what was measured meanwhile says nothing of the product.
/// </summary>
internal static class LivedTime
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);
    private static readonly Lock Gate = new();
    private static TimeSpan _lost;
    private static long _last = Stopwatch.GetTimestamp();

    static LivedTime() => new Thread(Watch) { IsBackground = true, Name = "lived time" }.Start();

    /// <summary>An instant, to be measured from with <see cref="Since"/>.</summary>
    public static (long At, TimeSpan Lost) Now
    {
        get
        {
            lock (Gate)
            {
                var at = Stopwatch.GetTimestamp();
                return (at, _lost + LateAt(at));
            }
        }
    }

    /// <summary>How much time was lived since an instant.</summary>
    public static TimeSpan Since((long At, TimeSpan Lost) instant)
    {
        var now = Now;
        // A beat that was hardly late at the instant, and is now, is lost whole although part of it came before.
        return Stopwatch.GetElapsedTime(instant.At, now.At) - (now.Lost - instant.Lost) is var lived && lived > TimeSpan.Zero ? lived : TimeSpan.Zero;
    }

    /// <summary>By how much a beat that is not there yet is late.</summary>
    private static TimeSpan LateAt(long at) => Stopwatch.GetElapsedTime(_last, at) - Beat is var late && late > Moment ? late : TimeSpan.Zero;

    private static void Watch()
    {
        using var never = new ManualResetEventSlim();
        while (!never.Wait(Beat))
            lock (Gate)
            {
                var at = Stopwatch.GetTimestamp();
                (_lost, _last) = (_lost + LateAt(at), at);
            }
    }
}
