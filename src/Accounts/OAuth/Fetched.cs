namespace Quitanda.Accounts.OAuth;

/// <summary>
/// What was fetched from outside, remembered for a while by this process. Whoever asks while it is being fetched waits for the same answer; a failure is remembered
/// for nobody else.
/// </summary>
internal sealed class Fetched<T>(Func<CancellationToken, Task<T>> fetch, TimeSpan lifetime, TimeSpan apart, TimeProvider clock) where T : class
{
    private readonly Lock _lock = new();
    private Task<T>? _fetching;
    private T? _value;
    private long _fetchedAt;

    /// <summary>The value, fetched where it is not there or too old.</summary>
    public Task<T> Get(CancellationToken ct)
    {
        lock (_lock)
            return _value is { } value && clock.GetElapsedTime(_fetchedAt) < lifetime ? Task.FromResult(value) : Fetch().WaitAsync(ct);
    }

    /// <summary>A newer value than <paramref name="known"/>, or the same where the last was fetched too short a time ago to ask again: whoever makes us ask cannot make us ask often.</summary>
    public Task<T> Newer(T known, CancellationToken ct)
    {
        lock (_lock)
            return _value is { } value && (!ReferenceEquals(value, known) || clock.GetElapsedTime(_fetchedAt) < apart) ? Task.FromResult(value) : Fetch().WaitAsync(ct);
    }

    /// <summary>Called with the lock held.</summary>
    private Task<T> Fetch() => _fetching ??= Task.Run(async () =>
    {
        try
        {
            // One who gives up waiting does not end it for the others; it has a time-out of its own.
            var value = await fetch(CancellationToken.None);
            lock (_lock)
                (_value, _fetchedAt) = (value, clock.GetTimestamp());
            return value;
        }
        finally
        {
            lock (_lock)
                _fetching = null;
        }
    });
}
