using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>How often something may be done.</summary>
/// <param name="Count">Times in a window; 0 is without limit.</param>
/// <param name="Seconds">The window, which begins with the first time.</param>
public sealed record Limit(int Count, int Seconds);

/// <summary>How a module limits a sensitive route. The counts are the database's, so the limit holds over all processes together.</summary>
public static class LimitedRoutes
{
    /// <summary>Limits a route by the address that it is called from: an IPv4 address, or the first 64 bits of an IPv6 one.</summary>
    /// <param name="route">The route, or a group of them, which then share their counts.</param>
    /// <param name="name">What is counted, stable; routes of one name share their counts.</param>
    /// <param name="limit">The limit out of the module's settings.</param>
    public static TBuilder Limited<TBuilder, TSettings>(this TBuilder route, string name, Func<TSettings, Limit> limit) where TBuilder : IEndpointConventionBuilder where TSettings : class =>
        route.WithMetadata(new LimitedRoute(name, services => limit(services.GetRequiredService<IOptions<TSettings>>().Value), null));

    /// <summary>Limits a route by what it is about, such as an e-mail address, wherever it is called from. May stand beside <see cref="Limited{TBuilder, TSettings}"/>.</summary>
    /// <param name="route">The route.</param>
    /// <param name="name">What is counted, stable.</param>
    /// <param name="limit">The limit out of the module's settings.</param>
    /// <param name="subject">Reads the subject out of the request, in one spelling; null where it names none.</param>
    public static TBuilder LimitedBy<TBuilder, TSettings, TRequest>(this TBuilder route, string name, Func<TSettings, Limit> limit, Func<TRequest, string?> subject)
        where TBuilder : IEndpointConventionBuilder where TSettings : class where TRequest : class =>
        route.WithMetadata(new LimitedRoute(name, services => limit(services.GetRequiredService<IOptions<TSettings>>().Value),
            arguments => arguments.OfType<TRequest>().FirstOrDefault() is { } request ? subject(request) : null)
        { IsByCaller = typeof(TRequest) == typeof(Caller) });

    /// <summary>Limits those without an account alone, by the address that they call from; who is signed in costs nothing here.</summary>
    /// <param name="route">The route.</param>
    /// <param name="name">What is counted, stable.</param>
    /// <param name="limit">The limit out of the module's settings.</param>
    /// <param name="onlyNew">Whether only guests count whom the request makes.</param>
    public static TBuilder LimitedForGuests<TBuilder, TSettings>(this TBuilder route, string name, Func<TSettings, Limit> limit, bool onlyNew = false)
        where TBuilder : IEndpointConventionBuilder where TSettings : class =>
        route.WithMetadata(new LimitedRoute(name, services => limit(services.GetRequiredService<IOptions<TSettings>>().Value), null)
        {
            Counts = http => Caller.Of(http) is var caller && caller is null or { IsGuest: true } && (!onlyNew || caller?.NewToken is not null),
        });
}

/// <summary>A limit on a route.</summary>
/// <param name="Name">What is counted.</param>
/// <param name="Limit">How often, out of the settings.</param>
/// <param name="Subject">What it is counted for, out of the handler's arguments; null for the address.</param>
internal sealed record LimitedRoute(string Name, Func<IServiceProvider, Limit> Limit, Func<IList<object?>, string?>? Subject)
{
    /// <summary>Whether the subject is the caller: then a guest, of whom there are as many as anybody likes, is counted by address.</summary>
    public bool IsByCaller { get; init; }

    /// <summary>Whether a request counts; null where each does.</summary>
    public Func<HttpContext, bool>? Counts { get; init; }
}

/// <summary>
/// Counts what is sensitive for all processes together: one statement of its own, before the use case and outside its transaction, so that what is
/// rolled back has counted too.
/// </summary>
internal sealed class SharedLimits(Database database, TimeProvider clock) : IQuotas
{
    /// <summary>Refusals remembered here; past that they are asked for again.</summary>
    private const int RefusalsKept = 10_000;

    /// <summary>What is refused, and until when. The count does not go down before, so the database need not be asked by a flood.</summary>
    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _refused = new();

    /// <summary>Counts the request for each of its limits. Gives the 429 where one is reached.</summary>
    public async ValueTask<Problem?> Count(IReadOnlyList<LimitedRoute> limited, EndpointFilterInvocationContext context)
    {
        var http = context.HttpContext;
        var now = clock.GetUtcNow();
        var asked = new SortedDictionary<Guid, Limit>();
        foreach (var route in limited)
            if (route.Limit(http.RequestServices) is { Count: > 0 } limit && Key(route, context) is { } key)
                asked[key] = limit;
        if (asked.Count == 0)
            return null;

        foreach (var (key, limit) in asked)
            if (_refused.TryGetValue(key, out var until) && until > now)
                return Refuse(http, limit, until - now);

        Problem? problem = null;
        var tightest = int.MaxValue;
        foreach (var (key, count, until) in await Take(asked, now, http.RequestAborted))
        {
            var limit = asked[key];
            var remaining = limit.Count - count;
            if (remaining < 0)
            {
                Remember(key, until);
                problem ??= Refuse(http, limit, until - now);
            }
            else if (problem is null && remaining < tightest)
            {
                tightest = remaining;
                Limits.Tell(http.Response.Headers, Text(limit), remaining, Seconds(until - now));
            }
        }

        return problem;
    }

    public async Task<bool> Take(string name, Limit limit, IReadOnlyCollection<string> subjects, CancellationToken ct)
    {
        if (limit.Count == 0)
            return true;
        var asked = new SortedDictionary<Guid, Limit>();
        foreach (var subject in subjects)
            asked[Hash(name, $"subject\n{subject}")] = limit;
        return (await Take(asked, clock.GetUtcNow(), ct)).TrueForAll(taken => taken.Count <= limit.Count);
    }

    private static Problem Refuse(HttpContext http, Limit limit, TimeSpan left)
    {
        Limits.Tell(http.Response.Headers, Text(limit), 0, Seconds(left));
        return Limits.TooMany(http, Seconds(left));
    }

    private static string Text(Limit limit) => limit.Count.ToString(CultureInfo.InvariantCulture);

    private static int Seconds(TimeSpan left) => Math.Max(1, (int)Math.Ceiling(left.TotalSeconds));

    /// <summary>A hash, so that the table holds neither addresses nor whom somebody asked about.</summary>
    private static Guid? Key(LimitedRoute route, EndpointFilterInvocationContext context)
    {
        var http = context.HttpContext;
        if (route.Counts?.Invoke(http) == false)
            return null;
        string? of;
        if (route.Subject is null || (route.IsByCaller && Caller.Of(http) is { IsGuest: true }))
        {
            var address = CallerKey.Of(http.Connection.RemoteIpAddress);
            of = $"address\n{address.First}\n{address.Second}";
        }
        else
        {
            of = route.Subject(context.Arguments) is { } subject ? $"subject\n{subject}" : null;
        }

        return of is null ? null : Hash(route.Name, of);
    }

    private static Guid Hash(string name, string of) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}\n{of}")).AsSpan(0, 16));

    private async Task<List<(Guid Key, int Count, DateTimeOffset Until)>> Take(SortedDictionary<Guid, Limit> asked, DateTimeOffset now, CancellationToken ct)
    {
        // Rows are locked in the order of their keys, so that two with the same limits cannot wait for each other.
        var (keys, ends) = (asked.Keys.ToArray(), asked.Values.Select(limit => now.AddSeconds(limit.Seconds)).ToArray());
        List<(Guid, int, DateTimeOffset)> counts = [];
        await database.Reading($"""
            insert into platform.limits as l (key, count, expires_at)
            select key, 1, expires_at from unnest({keys}, {ends}) as asked (key, expires_at) order by key
            on conflict (key) do update set
                count = case when l.expires_at > {now} then least(l.count, 1000000000) + 1 else 1 end,
                expires_at = case when l.expires_at > {now} then l.expires_at else excluded.expires_at end
            returning key, count, expires_at
            """, async reader =>
        {
            while (await reader.ReadAsync(CancellationToken.None))
                counts.Add((reader.GetGuid(0), reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(2)));
        }, ct);
        return counts;
    }

    private void Remember(Guid key, DateTimeOffset until)
    {
        if (_refused.Count >= RefusalsKept)
            _refused.Clear();
        _refused[key] = until;
    }
}

/// <summary>Deletes counts whose window is over.</summary>
internal sealed class ForgetLimits(Db db) : IHandle<Tick>
{
    public Task Handle(Tick message, CancellationToken ct) => db.Execute($"delete from platform.limits where expires_at < {message.At}", ct);
}
