using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

internal sealed record Happened(string Name);

internal sealed record Errand(string Name);

internal sealed record OutsideErrand(string Name);

/// <summary>One of two subscribers of <see cref="Happened"/>.</summary>
internal sealed class NoteFirst(Db db, ProbeScripts scripts) : IHandle<Happened>
{
    public const string Kind = "probe.note-first";

    public Task Handle(Happened message, CancellationToken ct) =>
        scripts.Working.TryGetValue(message.Name, out var work) ? work(db, ct) : db.Execute($"insert into probe.effects (name) values ({"first " + message.Name})", ct);
}

internal sealed class NoteSecond(Db db) : IHandle<Happened>
{
    public const string Kind = "probe.note-second";

    public Task Handle(Happened message, CancellationToken ct)
    {
        db.Write($"insert into probe.effects (name) values ({"second " + message.Name})");
        return Task.CompletedTask;
    }
}

internal sealed class RunErrand(Db db, ProbeScripts scripts) : IHandle<Errand>
{
    public const string Kind = "probe.run-errand";

    public Task Handle(Errand message, CancellationToken ct)
    {
        if (scripts.Working.TryGetValue(message.Name, out var work))
            return work(db, ct);
        db.Write($"insert into probe.effects (name) values ({message.Name})");
        return Task.CompletedTask;
    }
}

internal sealed class AskElsewhere(Db db, ProbeScripts scripts) : ICallOut<OutsideErrand, string>
{
    public const string Kind = "probe.ask-elsewhere";

    public Task<string> Call(OutsideErrand message, CancellationToken ct) => scripts.Calling[message.Name](ct);

    public Task Write(OutsideErrand message, string outcome, CancellationToken ct) => db.Execute($"insert into probe.effects (name) values ({outcome})", ct);
}

internal sealed class RingBell(Db db, ProbeScripts scripts) : IHandle<Tick>
{
    public const string Kind = "probe.ring-bell";

    public Task Handle(Tick message, CancellationToken ct) =>
        scripts.Working.TryGetValue("bell", out var work) ? work(db, ct) : db.Execute($"insert into probe.effects (name) values ({"bell " + message.At.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture)})", ct);
}

/// <summary>Ticks every second, in whole processes only.</summary>
internal sealed class TickOften(Db db) : IHandle<Tick>
{
    public const string Kind = "probe.tick-often";

    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    public Task Handle(Tick message, CancellationToken ct)
    {
        db.Write($"insert into probe.effects (name) values ({"tick " + message.At.ToString("O", System.Globalization.CultureInfo.InvariantCulture)})");
        return Task.CompletedTask;
    }
}
