using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>A kind of notices: the ways in which it can be told, and its words.</summary>
internal sealed class NoticeKind
{
    private readonly Lazy<(Phrases Long, Phrases Short)?> _phrases;

    /// <param name="name">Stable, <c>thing.what_happened</c>: clients go by it, and it is stored. Never rename one.</param>
    /// <param name="on">The ways in which it is told to whoever has said nothing.</param>
    /// <param name="off">The ways in which it is told to whoever asks for it.</param>
    /// <param name="facts">What its words are filled in from.</param>
    /// <param name="portuguese">Its words.</param>
    /// <param name="english">The same.</param>
    public NoticeKind(string name, Channel[] on, Channel[] off, Type? facts = null, Words? portuguese = null, Words? english = null)
    {
        (Name, On, Off, Facts) = (name, on, off, facts);
        // Nothing of it is needed before the first notice.
        _phrases = new(() => facts is null ? null : (new Phrases(facts, portuguese!.Long, english!.Long), new Phrases(facts, portuguese.Short, english.Short)));
    }

    /// <summary>What a notice says in one language.</summary>
    /// <param name="Long">Its title, and below a blank line what is shown in the client.</param>
    /// <param name="Short">One line, for a text message: it says by itself whose it is and what happened.</param>
    internal sealed record Words(string Long, string Short);

    public string Name { get; }

    public IReadOnlyList<Channel> On { get; }

    public IReadOnlyList<Channel> Off { get; }

    /// <summary>The record that its words are filled in from; null for what is told by letters alone.</summary>
    public Type? Facts { get; }

    /// <summary>Whether its mails are read at once or are of no use: they wait for no morning.</summary>
    public bool IsUrgent { get; init; }

    /// <summary>How long after it happened a text message or a message to a browser is of use: later it is not sent. In the client it stays, and a letter has its own end.</summary>
    public TimeSpan GoodFor { get; init; }

    /// <summary>Its words, read when they are first needed.</summary>
    /// <exception cref="FormatException">They say something that the record does not know, or not the same in both languages.</exception>
    public (Phrases Long, Phrases Short)? Phrases => _phrases.Value;

    /// <summary>Whether it can be told in this way.</summary>
    public bool Has(Channel channel) => On.Contains(channel) || Off.Contains(channel);
}
