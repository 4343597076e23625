using Microsoft.EntityFrameworkCore;
using Quitanda.Accounts;
using Quitanda.Notifications.Events;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Why nothing is sent to an endpoint.</summary>
internal enum DisabledReason
{
    /// <summary>An admin said so.</summary>
    ByHand,

    /// <summary>It answered 410: it is not there any more.</summary>
    Gone,

    /// <summary>It answered nothing well for days.</summary>
    Failing,
}

/// <summary>Where another system is told of events. It and its deliveries are changed only by who holds its lock.</summary>
internal sealed class Endpoint
{
    /// <summary>Endpoints at the most: each is a share of the queue.</summary>
    public const int AtMost = 100;

    /// <summary>Characters of an address at the most, as it is kept.</summary>
    public const int UrlAtMost = 2000;

    /// <summary>What is asked for at the most.</summary>
    public const int EventsAtMost = 50;

    /// <summary>Whether endpoint <c>w</c> is sent anything.</summary>
    public static readonly Sql IsOpen = Sql.Raw("w.deleted_at is null and w.disabled_reason is null");

    public required Guid Id { get; init; }
    public required string Url { get; set; }
    public string? Description { get; set; }
    public required string[] Events { get; set; }
    public DisabledReason? DisabledReason { get; private set; }
    public DateTimeOffset? DisabledAt { get; private set; }
    public required byte[] Secret { get; set; }
    public byte[]? OldSecret { get; private set; }
    public DateTimeOffset? OldSecretEndsAt { get; private set; }
    public DateTimeOffset? FailingSince { get; private set; }
    public DateTimeOffset? ToldAt { get; private set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? DeletedAt { get; private set; }

    /// <summary>Locks an endpoint, which keeps nobody from beginning deliveries to it.</summary>
    public static async Task<Endpoint?> Lock(Db db, Guid id, CancellationToken ct) =>
        await db.ReadFirst($"select true from notifications.webhook_endpoints where id = {id} and deleted_at is null for no key update", row => row.GetBoolean(0), ct)
            ? await db.Set<Endpoint>().SingleOrDefaultAsync(endpoint => endpoint.Id == id && endpoint.DeletedAt == null, ct)
            : null;

    /// <summary>Checks what an endpoint asks for: each once, in the order given.</summary>
    /// <exception cref="InvalidException">There is no such event; says which there are.</exception>
    public static string[] RequireEvents(string[] events)
    {
        for (var i = 0; i < events.Length; i++)
            if (!EventType.Patterns.Contains(events[i], StringComparer.Ordinal))
                throw new InvalidException($"events[{i}]", $"is no event; there are {string.Join(", ", EventType.Patterns)}.");
        return [.. events.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>An address as it is kept.</summary>
    /// <exception cref="InvalidException">It is no address of the web, or none that is called, or too long.</exception>
    public static string RequireUrl(string url, OutsideHttp outside) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && outside.Allows(address)
            ? OutsideHttp.WrittenOut(address, UrlAtMost) ?? throw new InvalidException("url", $"must be at most {UrlAtMost} characters long once it is written out in ASCII.")
            : throw new InvalidException("url", "must be an https address that anyone can reach, without a name or a password in it.");

    /// <summary>Refuses to send to one that is disabled.</summary>
    /// <exception cref="RefusedException"><c>endpoint_disabled</c>.</exception>
    public void RequireEnabled()
    {
        if (DisabledReason is not null)
            throw new RefusedException("endpoint_disabled", "The endpoint is disabled; enable it first.");
    }

    /// <summary>Signs with a new secret, and with the one before it until then. False where two are live already.</summary>
    public bool Rotate(byte[] secret, DateTimeOffset now, DateTimeOffset oldEndsAt)
    {
        if (OldSecretEndsAt > now)
            return false;
        (OldSecret, OldSecretEndsAt, Secret, UpdatedAt) = (Secret, oldEndsAt, secret, now);
        return true;
    }

    /// <summary>Signs with the newest secret alone from here on.</summary>
    public void EndOldSecret(DateTimeOffset now) => (OldSecret, OldSecretEndsAt, UpdatedAt) = (null, null, now);

    /// <summary>Sends to another address from here on: what failed at the one before says nothing of it.</summary>
    public void MoveTo(string url)
    {
        if (url == Url)
            return;
        (Url, FailingSince, ToldAt) = (url, null, null);
    }

    /// <summary>Something got through.</summary>
    public void Succeed() => (FailingSince, ToldAt) = (null, null);

    /// <summary>Sends again, as if nothing had ever failed.</summary>
    public void Enable() => (DisabledReason, DisabledAt, FailingSince, ToldAt) = (null, null, null, null);

    /// <summary>
    /// Something did not get through. <paramref name="tries"/> is how often the same was tried by now. True where admins are to be told, once until something gets through: where the same failed
    /// several times, or nothing got through for a while. With much that waits, each is tried seldom.
    /// </summary>
    public bool Fail(int tries, DateTimeOffset now)
    {
        FailingSince ??= now;
        if (ToldAt is not null || (tries < Retries.UntilTold && now - FailingSince < Retries.FailingUntilTold))
            return false;
        ToldAt = now;
        return true;
    }

    /// <summary>Sends nothing any more. What waits has failed, and is written so afterwards, part by part: it may be much.</summary>
    public void Disable(Db db, DisabledReason reason, DateTimeOffset now)
    {
        if (DisabledReason is not null)
            return;
        (DisabledReason, DisabledAt) = (reason, now);
        db.Schedule(FailWaiting.Kind, new FailWaiting.Message(Id), now);
    }

    /// <summary>It is gone, and its secrets can never be read again. What was delivered, or waits, goes afterwards (<see cref="ForgetEndpoints"/>).</summary>
    public void Delete(Db db, DateTimeOffset now)
    {
        (DeletedAt, UpdatedAt) = (now, now);
        db.Erase(Id);
    }

    /// <summary>Writes to every admin.</summary>
    public static async Task Tell<T>(IAccounts accounts, IMail mail, T letter, CancellationToken ct) where T : ILetter
    {
        foreach (var admin in await accounts.Admins(ct))
            mail.Send(admin, letter);
    }
}
