namespace Quitanda.Platform;

/// <summary>
/// Runners that share their places. Work inside the house and calls to the outside have a lane each, so that a slow provider holds up nothing but its own.
/// </summary>
/// <param name="runners">How many jobs run at once.</param>
/// <param name="atOnce">How many of a kind, or of somebody's share of one, at the most; null where that is not bounded.</param>
internal sealed class JobLane(int runners, Func<string, int?>? atOnce = null)
{
    /// <summary>Jobs claimed at once, where more is not asked for.</summary>
    public const int BatchSize = 50;

    /// <summary>Jobs held at the most: while half of them are worked at, the other half is claimed.</summary>
    private const int HeldAtMost = 2 * BatchSize;

    /// <summary>A process holds no more than it gets through in this time, by its pace so far: what it holds, no other process can do.</summary>
    private const double AheadSeconds = 0.5;

    /// <summary>A kind whose jobs take longer than this leaves one place to all others.</summary>
    private const double SlowSeconds = 0.1;

    /// <summary>
    /// Kinds whose jobs take longer than this hang: together they leave one place to those that answer. Of those that are bounded (what people named) they have half of the places together at the most.
    /// </summary>
    private const double HangingSeconds = 1;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Pace> _kinds = new(StringComparer.Ordinal);
    private double _seconds;
    private int _held;
    private int _turn;

    /// <summary>One for each job that may run at once.</summary>
    public SemaphoreSlim Places { get; } = new(runners);

    /// <summary>How many jobs are claimed and not done.</summary>
    public int Held
    {
        get
        {
            lock (_lock)
                return _held;
        }
    }

    /// <summary>How many jobs to claim now: as many as fit, once a runner would be idle or half of what may be held is done.</summary>
    public int Room
    {
        get
        {
            lock (_lock)
            {
                var target = _seconds == 0 ? runners : (int)Math.Clamp(runners * AheadSeconds / _seconds, runners, Math.Max(runners, HeldAtMost));
                var room = Math.Max(0, target - _held);
                return _held < runners || room >= (target + 1) / 2 ? room : 0;
            }
        }
    }

    /// <summary>
    /// Deals <paramref name="room"/> places out, one a kind in turn, so that a thousand jobs of one kind do not make one of another wait for them all. A kind that is
    /// slow never gets the last runner, and those that hang do not get it together either.
    /// </summary>
    public IEnumerable<(string Kind, int Most)> Share(IReadOnlyList<JobQueue.DueKind> due, int room)
    {
        var most = new int[due.Count];
        lock (_lock)
        {
            var left = due.Select(kind => Math.Min(kind.Jobs, Allowed(kind.Kind))).ToArray();
            var (hangs, hangsNamed) = (due.Select(kind => Hangs(kind.Kind)).ToArray(), due.Select(kind => HangsNamed(kind.Kind)).ToArray());
            var hangingLeft = Math.Max(1, runners - 1) - _kinds.Where(kind => Hangs(kind.Key)).Sum(kind => kind.Value.Held);
            var namedLeft = Math.Max(1, runners / 2) - _kinds.Where(kind => HangsNamed(kind.Key)).Sum(kind => kind.Value.Held);
            var (start, dealt) = (due.Count == 0 ? 0 : _turn++ % due.Count, true);
            while (room > 0 && dealt)
            {
                dealt = false;
                for (var step = 0; step < due.Count && room > 0; step++)
                {
                    var at = (start + step) % due.Count;
                    if (left[at] == 0 || (hangs[at] && hangingLeft <= 0) || (hangsNamed[at] && namedLeft <= 0))
                        continue;
                    if (hangs[at])
                        hangingLeft--;
                    if (hangsNamed[at])
                        namedLeft--;
                    (left[at], most[at], room, dealt) = (left[at] - 1, most[at] + 1, room - 1, true);
                }
            }
        }

        return due.Select((kind, at) => (kind.Kind, most[at])).Where(share => share.Item2 > 0);
    }

    /// <summary>A job was claimed.</summary>
    public void Take(string kind)
    {
        lock (_lock)
        {
            _held++;
            Of(kind).Held++;
        }
    }

    /// <summary>A job that was claimed is not held any more; <paramref name="took"/> says how long it ran, if it did.</summary>
    public void Done(string kind, TimeSpan? took)
    {
        lock (_lock)
        {
            _held--;
            var pace = Of(kind);
            pace.Held--;
            if (took is not { TotalSeconds: var seconds })
                return;
            _seconds = Blend(_seconds, seconds);
            pace.Seconds = Blend(pace.Seconds, seconds);
        }
    }

    private int Allowed(string kind)
    {
        var pace = _kinds.GetValueOrDefault(kind);
        var most = runners > 1 && pace?.Seconds > SlowSeconds ? runners - 1 : int.MaxValue;
        // Until one of a share has ended, nobody knows whether it ever will.
        if (atOnce?.Invoke(kind) is { } bound)
            most = Math.Min(most, pace is not { Seconds: > 0 } ? 1 : bound);
        return most == int.MaxValue ? most : Math.Max(0, most - (pace?.Held ?? 0));
    }

    private bool Hangs(string kind) => _kinds.TryGetValue(kind, out var pace) && pace.Seconds > HangingSeconds;

    /// <summary>Whether it is one of those that have half of the places together. One of which nothing has ended yet is: it may be one that never answers, and there may be many of them.</summary>
    private bool HangsNamed(string kind) => atOnce?.Invoke(kind) is not null && _kinds.GetValueOrDefault(kind) is not { Seconds: > 0 and <= HangingSeconds };

    private Pace Of(string kind)
    {
        if (!_kinds.TryGetValue(kind, out var pace))
            _kinds.Add(kind, pace = new());
        return pace;
    }

    private static double Blend(double before, double seconds) => before == 0 ? Math.Max(seconds, 0.0001) : 0.8 * before + 0.2 * seconds;

    private sealed class Pace
    {
        public double Seconds { get; set; }
        public int Held { get; set; }
    }
}
