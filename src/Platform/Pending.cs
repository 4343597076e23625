namespace Quitanda.Platform;

/// <summary>What is still to be done, each thing once however often it was asked for, until one worker takes all of it.</summary>
internal sealed class Pending<T> : IDisposable where T : notnull
{
    private readonly SemaphoreSlim _any = new(0);
    private readonly Lock _lock = new();
    private HashSet<T> _things = [];

    public int Count
    {
        get
        {
            lock (_lock)
                return _things.Count;
        }
    }

    /// <summary>Asks for something to be done.</summary>
    public void Add(T thing)
    {
        lock (_lock)
        {
            var wasEmpty = _things.Count == 0;
            if (_things.Add(thing) && wasEmpty)
                _any.Release();
        }
    }

    /// <summary>Asks for many things to be done.</summary>
    public void Add(IEnumerable<T> things)
    {
        foreach (var thing in things)
            Add(thing);
    }

    /// <summary>Waits until there is something, and takes all there is.</summary>
    public async Task<IReadOnlyCollection<T>> Take(CancellationToken ct)
    {
        await _any.WaitAsync(ct);
        lock (_lock)
        {
            var taken = _things;
            _things = [];
            return taken;
        }
    }

    public void Dispose() => _any.Dispose();
}
