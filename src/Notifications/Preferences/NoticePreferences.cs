using Quitanda.Notifications.Notices;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>How somebody wants to be told.</summary>
/// <param name="PersonId">Who.</param>
/// <param name="Kinds">Every kind of notices there is.</param>
/// <param name="QuietHours">When text messages, messages to browsers and mails that can wait do wait; null where they never do. What is shown in the client does not disturb anybody.</param>
internal sealed record NoticePreferences([Person] Guid PersonId, [property: Impersonal] NoticePreferences.Choice[] Kinds, QuietHours? QuietHours)
{
    /// <summary>In which ways somebody is told of a kind: null where it is not told in that way.</summary>
    /// <param name="Kind">The kind: <c>order.confirmed</c>.</param>
    /// <param name="InApp">In the client.</param>
    /// <param name="Email">By e-mail.</param>
    /// <param name="Sms">By a text message.</param>
    /// <param name="Push">In browsers that asked for it.</param>
    internal sealed record Choice([Impersonal] string Kind, bool? InApp, bool? Email, bool? Sms, bool? Push);

    /// <summary>Reads how somebody wants to be told.</summary>
    public static async Task<NoticePreferences> Read(Choices choices, QuietTimes quiet, Guid personId, CancellationToken ct)
    {
        var said = await choices.Of(personId, ct);
        return new(
            personId, [.. NoticeKinds.All.Select(kind => new Choice(kind.Name, IsOn(kind, Channel.InApp), IsOn(kind, Channel.Email), IsOn(kind, Channel.Sms), IsOn(kind, Channel.Push)))],
            await quiet.Of(personId, ct));

        bool? IsOn(NoticeKind kind, Channel channel) => !kind.Has(channel) ? null : said.TryGetValue((kind.Name, channel), out var isOn) ? isOn : kind.On.Contains(channel);
    }
}

/// <summary>What somebody has said about a kind and a way, as it is stored.</summary>
internal sealed class PreferenceRow
{
    public Guid PersonId { get; init; }
    public required string Kind { get; init; }
    public Channel Channel { get; init; }
    public bool IsOn { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>What is known of somebody to be told, as it is stored. Whoever changes what is theirs holds this row.</summary>
internal sealed class PersonRow
{
    public Guid PersonId { get; init; }
    public string? QuietFrom { get; init; }
    public string? QuietUntil { get; init; }
    public string? TimeZone { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}
