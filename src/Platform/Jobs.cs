using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>
/// Runs when a <typeparamref name="T"/> is published or scheduled. Its database writes happen exactly once; anything it does outside the
/// database may happen again, and carries a key made from our own ids.
/// </summary>
public interface IHandle<in T>
{
    /// <summary>Does the work inside the job's own transaction. Throwing puts the job back, later.</summary>
    Task Handle(T message, CancellationToken ct);
}

/// <summary>Work that asks the outside: the call is made first, with no transaction and no connection; then its outcome is written with the job's end.</summary>
/// <typeparam name="T">The message.</typeparam>
/// <typeparam name="TOutcome">What the outside answered.</typeparam>
public interface ICallOut<in T, TOutcome>
{
    /// <summary>Asks the outside. At least once: the key for the other side is made from the message.</summary>
    Task<TOutcome> Call(T message, CancellationToken ct);

    /// <summary>Writes the outcome, in the job's own transaction: exactly once.</summary>
    Task Write(T message, TOutcome outcome, CancellationToken ct);
}

/// <summary>Settings of the job runner. Section <c>Jobs</c>.</summary>
public sealed record JobSettings
{
    /// <summary>Whether this process runs jobs. A process that does not still queues them.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Jobs that run at once in a process, but for those that ask the outside.</summary>
    [Range(1, 64)]
    public int Runners { get; init; } = 4;

    /// <summary>Jobs that ask the outside, such as a payment provider, and run at once in a process beside the others. While they wait for an answer they hold no connection.</summary>
    [Range(1, 256)]
    public int OutsideRunners { get; init; } = 8;

    /// <summary>Jobs that ask addresses which people named, such as webhooks', calendars' and browsers', and run at once in a process beside all others: however slow those are, providers are asked.</summary>
    [Range(1, 256)]
    public int NamedRunners { get; init; } = 8;

    /// <summary>How often a job is tried before it is dead.</summary>
    [Range(1, 100)]
    public int Attempts { get; init; } = 12;

    /// <summary>Seconds that one try of a job may take. One whose process died is tried again after two fifths more than that.</summary>
    [Range(5, 300)]
    public int TrySeconds { get; init; } = 25;

    /// <summary>Seconds between looks at the queue when nobody wakes the runner.</summary>
    [Range(1, 60)]
    public int PollSeconds { get; init; } = 1;

    /// <summary>Whether a job may wait for so many seconds for somebody's answer: four fifths of a try. One that waits longer could never write down what came of it.</summary>
    /// <param name="setting">The setting that says so.</param>
    /// <param name="seconds">Its value.</param>
    public ValidateOptionsResult MayWait(string setting, int seconds) => seconds * 5 <= TrySeconds * 4
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail($"{setting} is {seconds}, and may be four fifths of Jobs:TrySeconds at the most, which is {TrySeconds}.");
}

/// <summary>Which handlers hear which message, by stable kind. The kind is stored in the jobs table: never rename one. Jobs of a module that is off wait until it is on.</summary>
public sealed class Subscriptions
{
    private readonly Dictionary<string, Subscription> _byKind;
    private readonly Dictionary<string, Subscription> _resting;
    private readonly Dictionary<Type, string[]> _kindsByMessage;

    /// <summary>Made by the container of everything that subscribed.</summary>
    public Subscriptions(IEnumerable<Subscription> all, ModulesOff off)
    {
        var every = all.ToDictionary(subscription => subscription.Kind, StringComparer.Ordinal);
        _resting = every.Values.Where(subscription => off.Has(subscription.Handler) && !subscription.Handler.IsDefined(typeof(EvenWhenOffAttribute), inherit: false)).ToDictionary(subscription => subscription.Kind, StringComparer.Ordinal);
        _byKind = every.Values.Where(subscription => !_resting.ContainsKey(subscription.Kind)).ToDictionary(subscription => subscription.Kind, StringComparer.Ordinal);
        // What is told by a module that is off is little, and is about what is under way: it waits. Else whoever is off would be sent all that ever happened, on the day they are back.
        _kindsByMessage = every.Values.Where(subscription => subscription.IsPublished && (!_resting.ContainsKey(subscription.Kind) || off.Has(subscription.Message))).GroupBy(subscription => subscription.Message)
            .ToDictionary(group => group.Key, group => group.Select(subscription => subscription.Kind).ToArray());
        Kinds = [.. _byKind.Keys];
    }

    /// <summary>The kinds that this process does. Jobs of others are for whoever knows them: a newer version, or this one when their module is on.</summary>
    internal string[] Kinds { get; }

    internal Subscription? Find(string kind) => _byKind.GetValueOrDefault(kind) ?? (kind.IndexOf(Subscription.ShareMark, StringComparison.Ordinal) is > 0 and var at ? _byKind.GetValueOrDefault(kind[..at]) : null);

    internal IReadOnlyCollection<Subscription> All => _byKind.Values;

    internal string[] KindsFor(Type message) => _kindsByMessage.GetValueOrDefault(message, []);

    internal void Require(string kind, Type message)
    {
        if ((Find(kind) ?? _resting.GetValueOrDefault(kind))?.Message != message)
            throw new InvalidOperationException($"Nobody takes jobs of kind {kind} with a {message.Name}.");
    }
}

/// <summary>One handler of one kind of job. That of a module that is off is known, so that jobs of it may be made, and rests: <see cref="Subscriptions"/>.</summary>
/// <param name="Kind">Stable, <c>module.effect-in-words</c>.</param>
/// <param name="Message">What it is given.</param>
/// <param name="Handler">Who does it; its module is the one whose jobs these are.</param>
/// <param name="IsPublished">Whether publishing a message of that type makes such a job; a scheduled kind is only made by name.</param>
/// <param name="Call">Asks the outside before the transaction; null for work that does not.</param>
/// <param name="Run">Does the work in the transaction.</param>
[EvenWhenOff]
public sealed record Subscription(
    string Kind, Type Message, Type Handler, bool IsPublished,
    Func<IServiceProvider, string, CancellationToken, Task<object>>? Call,
    Func<IServiceProvider, string, object?, CancellationToken, Task> Run)
{
    /// <summary>What parts a kind from whose share of it a job is, in the name that is stored.</summary>
    internal const char ShareMark = ':';

    /// <summary>Whether it asks addresses that people named: it runs beside what asks those that we chose.</summary>
    public bool AsksNamed { get; init; }

    /// <summary>How many of one share run at once in a process; null where only the lane bounds it.</summary>
    public int? AtOnce { get; init; }

    /// <summary>The kind of jobs that are somebody's share of a kind.</summary>
    internal static string ShareOf(string kind, Guid whose) => $"{kind}{ShareMark}{whose:N}";

    /// <summary>Whether a stored kind is somebody's share of one.</summary>
    internal static bool IsShare(string kind) => kind.Contains(ShareMark, StringComparison.Ordinal);

    /// <summary>How far apart the ticks of a timer are; null for a job that is not a timer.</summary>
    public TimeSpan? Every { get; init; }

    /// <summary>
    /// How long it may run. Past its lease a job is still run by one alone: its transaction holds the job's row from the first statement on, and whoever claims passes over
    /// rows that are held. That is so for the transaction, and not for asking the outside.
    /// </summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>The timer's first tick after an instant.</summary>
    internal DateTimeOffset Next(DateTimeOffset after) => new((after.Ticks / Every!.Value.Ticks + 1) * Every.Value.Ticks, TimeSpan.Zero);

    /// <summary>What makes a tick one, whoever asks for it.</summary>
    internal string KeyOf(DateTimeOffset tick) => $"{Kind}@{tick:O}";
}

/// <summary>The job that a handler runs for.</summary>
public sealed class CurrentJob
{
    /// <summary>Its number: no other job ever has it, and it stays the same however often the job is tried. 0 outside of jobs.</summary>
    public long Number { get; internal set; }

    /// <summary>When it was made, or when it was due if that came before.</summary>
    public DateTimeOffset MadeAt { get; internal set; }
}

/// <summary>A tick of a timer.</summary>
/// <param name="At">The instant it stands for: a multiple of its period.</param>
public sealed record Tick(DateTimeOffset At);

/// <summary>How modules say what runs when.</summary>
public static class JobRegistration
{
    /// <summary>Has <typeparamref name="THandler"/> hear every published <typeparamref name="T"/>, under a stable <paramref name="kind"/>.</summary>
    public static IServiceCollection Subscribe<T, THandler>(this IServiceCollection services, string kind) where THandler : class, IHandle<T> =>
        services.AddScoped<THandler>().AddSingleton(Handler<T, THandler>(kind, isPublished: true));

    /// <summary>Has <typeparamref name="THandler"/> do jobs of <paramref name="kind"/>, which are made with <see cref="Db.Schedule"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="kind">Stable.</param>
    /// <param name="limit">How long one may run; without it as long as <see cref="JobSettings.TrySeconds"/> says.</param>
    public static IServiceCollection AddJob<T, THandler>(this IServiceCollection services, string kind, TimeSpan? limit = null) where THandler : class, IHandle<T> =>
        services.AddScoped<THandler>().AddSingleton(Handler<T, THandler>(kind, isPublished: false) with { Limit = limit });

    /// <summary>Has <typeparamref name="THandler"/> do jobs of <paramref name="kind"/> that ask the outside.</summary>
    /// <param name="services">The services.</param>
    /// <param name="kind">Stable.</param>
    /// <param name="asksNamed">Whether they ask addresses that people named, and run beside those that ask ours (<see cref="JobSettings.NamedRunners"/>).</param>
    /// <param name="atOnce">How many of one share (<see cref="Db.ScheduleFor"/>), or of the kind where there are none, run at once in a process.</param>
    public static IServiceCollection AddOutsideJob<T, TOutcome, THandler>(this IServiceCollection services, string kind, bool asksNamed = false, int? atOnce = null) where THandler : class, ICallOut<T, TOutcome> =>
        services.AddScoped<THandler>().AddSingleton(new Subscription(kind, typeof(T), typeof(THandler), IsPublished: false,
            async (provider, payload, ct) => (await provider.GetRequiredService<THandler>().Call(Read<T>(payload), ct))!,
            (provider, payload, outcome, ct) => provider.GetRequiredService<THandler>().Write(Read<T>(payload), (TOutcome)outcome!, ct))
        {
            AsksNamed = asksNamed,
            AtOnce = atOnce,
        });

    /// <summary>Runs <typeparamref name="THandler"/> once every <paramref name="period"/>, however many processes there are.</summary>
    public static IServiceCollection Every<THandler>(this IServiceCollection services, string kind, TimeSpan period) where THandler : class, IHandle<Tick> =>
        services.AddScoped<THandler>().AddSingleton(Handler<Tick, THandler>(kind, isPublished: false) with { Every = period });

    private static Subscription Handler<T, THandler>(string kind, bool isPublished) where THandler : class, IHandle<T> =>
        new(kind, typeof(T), typeof(THandler), isPublished, Call: null, (provider, payload, _, ct) => provider.GetRequiredService<THandler>().Handle(Read<T>(payload), ct));

    private static T Read<T>(string payload) => JsonSerializer.Deserialize<T>(payload, Wire.Stored)!;
}
