using Quitanda.Platform.Mails;

namespace Quitanda.Platform;

/// <summary>
/// Is asked about every mail before it goes out, and told what becomes of it. The module that knows what people want to be told, and keeps the log of it, implements it.
/// </summary>
/// <remarks>It stays while the module is off: what somebody asked not to be sent is owed to them.</remarks>
[EvenWhenOff]
public interface IMailGate
{
    /// <summary>Notes that a mail waits, in the unit of work that writes it.</summary>
    void Queued(Db db, MailNote mail);

    /// <summary>Whether its reader wants it, and when. Asked again before each try.</summary>
    Task<MailVerdict> Ask(MailNote mail, CancellationToken ct);

    /// <summary>Notes what became of it, in the unit of work that ends it.</summary>
    void Ended(Db db, MailNote mail, MailEnd end);

    /// <summary>Notes that a try failed, in a unit of work of its own.</summary>
    /// <param name="mail">The mail.</param>
    /// <param name="why">What the other side said, without any address.</param>
    /// <param name="isFinal">Whether it is never tried again.</param>
    /// <param name="ct">Ends the work.</param>
    Task Failed(MailNote mail, string why, bool isFinal, CancellationToken ct);
}

/// <summary>A mail, as far as anybody but its reader may know.</summary>
/// <param name="Id">Its id, which every copy of it carries.</param>
/// <param name="Letter">The letter's name: <c>ordering.order-confirmed</c>.</param>
/// <param name="Kind">The kind of notices that it is one of; null for what is always sent, and at once.</param>
/// <param name="UserId">Whose it is; null where it goes to an address that is no user's.</param>
public sealed record MailNote(Guid Id, string Letter, string? Kind, Guid? UserId)
{
    /// <summary>The mails for which a job waits or runs, as a query with the one column <c>id</c>.</summary>
    public static Sql Queued => Sql.Of($"select (job.payload ->> 'id')::uuid as id from ({Db.Queued(SendMail.Kind)}) job");
}

/// <summary>What is decided about a mail.</summary>
/// <param name="IsWanted">Whether it is sent at all.</param>
/// <param name="NotBefore">When, where that is not now.</param>
/// <param name="Exit">How its reader asks for no more of its kind; null where they cannot.</param>
public sealed record MailVerdict(bool IsWanted, DateTimeOffset? NotBefore = null, MailExit? Exit = null)
{
    /// <summary>It goes out now.</summary>
    public static MailVerdict Send { get; } = new(IsWanted: true);
}

/// <summary>How somebody asks for no more mails of a kind.</summary>
/// <param name="OneClick">Where a mail program posts to, as RFC 8058 says; null where no address of ours is known.</param>
/// <param name="Page">Where somebody who reads the mail goes.</param>
public sealed record MailExit(Uri? OneClick, Uri Page);

/// <summary>What became of a mail.</summary>
public enum MailEnd
{
    /// <summary>The other side has taken it on.</summary>
    Sent,

    /// <summary>It was of no use any more.</summary>
    TooLate,

    /// <summary>Its reader is gone, or has no address.</summary>
    NobodyThere,

    /// <summary>Its reader wants no such mails.</summary>
    NotWanted,
}
