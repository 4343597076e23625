using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>Gives events their places in the feed where nobody reads it, so that whoever begins to need not wait for all of them.</summary>
internal sealed class NumberEvents(Db db) : IHandle<Tick>
{
    public const string Kind = "notifications.number-events";

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const int AtMost = 10_000;

    public Task Handle(Tick message, CancellationToken ct) => db.ReadFirst($"select notifications.number_events({AtMost})", row => row.GetInt32(0), ct);
}
