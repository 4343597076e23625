using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform.Mails;

namespace Quitanda.Platform;

/// <summary>
/// Writes mails. A mail is a job in the caller's transaction: none of what was rolled back, none lost. It goes out at least once, and every
/// copy of it carries one and the same id.
/// </summary>
public interface IMail
{
    /// <summary>
    /// Writes to a user, whose address, name and locale are looked up when the mail goes out: none of them waits in the queue, and whoever is gone by then gets nothing.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="letter">What is written. It waits in the queue encrypted.</param>
    /// <param name="until">After this the mail is of no use, such as a link that is over, and is not sent any more.</param>
    void Send<T>(Guid userId, T letter, DateTimeOffset? until = null) where T : ILetter;

    /// <summary>Writes to an address that is not, or not yet, a user's own. The address waits in the queue encrypted, as the letter does.</summary>
    /// <exception cref="ArgumentException">The address is none, or the name has a line break.</exception>
    void Send<T>(Addressee to, T letter, DateTimeOffset? until = null) where T : ILetter;
}

/// <summary>
/// A kind of mail: a record of what it tells, and the words that tell it in both languages, all in one file. The module that sends it registers it
/// with <see cref="MailRegistration.AddLetter{T}"/>.
/// </summary>
/// <remarks>
/// The words are one source for text and HTML. The first line is the subject; after it blank lines part what follows:
/// <code>
/// # A heading
/// Text, with {placeholders}: a property of the record, or {shop} and {addressee}.
/// - A point of a list
/// | A row | of a table |
/// [A button]({link})
/// {#lines}  ...  {/lines}   Once for each of a list, whose properties come first; or once if the property is there and not false.
/// {^reason} ...  {/reason}  Once if the property is null, false or an empty list.
/// </code>
/// A property is a string, a number, <see cref="Money"/>, a day, an instant (shown in the shop's time zone), a <see cref="Uri"/> (for a button), a bool or a list of
/// records (for sections). Whatever it says is text: it can become neither markup nor a header.
/// </remarks>
public interface ILetter
{
    /// <summary>Stable, <c>module.in-words</c>, of lower-case letters, digits, <c>_</c> and <c>-</c>: 60 characters at the most. It is stored with mails that wait: never rename one.</summary>
    static abstract string Name { get; }

    /// <summary>
    /// The kind of notices that it is one of, such as <c>order.confirmed</c>: then its reader may turn it off, or have it wait until the morning. Null for what nobody can do without, such as whatever
    /// concerns the safety of an account: that is always sent, and at once.
    /// </summary>
    static virtual string? Kind => null;

    /// <summary>The words in Brazilian Portuguese.</summary>
    static abstract string Portuguese { get; }

    /// <summary>The words in English.</summary>
    static abstract string English { get; }
}

/// <summary>Whom a mail is for.</summary>
/// <param name="Address">An ASCII address, such as <c>ana@example.com</c>.</param>
/// <param name="Name">How the person is called; one line.</param>
/// <param name="Locale">A tag of BCP 47, which chooses the language; null for the one of <c>Mail:Locale</c>.</param>
public sealed record Addressee(string Address, string Name, string? Locale = null)
{
    /// <summary>Nothing of the person, so that none gets into a log by accident.</summary>
    public override string ToString() => nameof(Addressee);
}

/// <summary>Knows users' addresses. The module of accounts implements it.</summary>
public interface IAddressees
{
    /// <summary>A user's address, name and locale; null where there is no such user.</summary>
    Task<Addressee?> Find(Guid userId, CancellationToken ct);
}

/// <summary>Knows in whose name mails are written. The module that has the shop implements it.</summary>
[EvenWhenOff]
public interface ILetterhead
{
    /// <summary>The shop's name and its IANA time zone.</summary>
    Task<(string Name, string TimeZone)> Read(CancellationToken ct);
}

/// <summary>How modules say which mails they send.</summary>
public static class MailRegistration
{
    /// <summary>Has mails of this kind go out.</summary>
    /// <exception cref="ArgumentException">The letter's name, or that of its kind, is none that can be kept.</exception>
    public static IServiceCollection AddLetter<T>(this IServiceCollection services) where T : class, ILetter => services.AddSingleton(LetterKind.Of<T>());
}
