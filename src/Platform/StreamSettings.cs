using System.ComponentModel.DataAnnotations;

namespace Quitanda.Platform;

/// <summary>Settings of event streams and the realtime hub. Section <c>Streams</c>.</summary>
public sealed record StreamSettings
{
    /// <summary>Seconds after which a stream says something though nothing happens, so that nothing in between takes it for dead.</summary>
    [Range(1, 60)]
    public int HeartbeatSeconds { get; init; } = 15;

    /// <summary>Milliseconds that a browser waits before it opens a stream again.</summary>
    [Range(100, 60_000)]
    public int RetryMilliseconds { get; init; } = 2000;

    /// <summary>Seconds between looks at what is watched when no process says that something changed: one statement for all streams of a kind.</summary>
    [Range(1, 60)]
    public int RereadSeconds { get; init; } = 5;

    /// <summary>Seconds between looks whether those with an open connection still may have it: one statement for all of them.</summary>
    [Range(1, 30)]
    public int CallerCheckSeconds { get; init; } = 20;

    /// <summary>Streams and realtime connections that one user may have open on a process; above, 429.</summary>
    [Range(1, 10_000)]
    public int PerCaller { get; init; } = 10;

    /// <summary>Streams and realtime connections that a process has open at the most; above, 429.</summary>
    [Range(1, 1_000_000)]
    public int PerProcess { get; init; } = 5000;

    /// <summary>Events that wait for a slow reader at the most. A stream reads on when they are gone; a realtime connection is closed.</summary>
    [Range(10, 10_000)]
    public int QueueLength { get; init; } = 100;

    /// <summary>Seconds that a ticket is good for.</summary>
    [Range(5, 300)]
    public int TicketSeconds { get; init; } = 60;
}
