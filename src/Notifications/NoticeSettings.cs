using System.ComponentModel.DataAnnotations;

namespace Quitanda.Notifications;

/// <summary>Settings of notices. Section <c>Notifications</c>.</summary>
public sealed record NoticeSettings
{
    /// <summary>Days that notices and the log of deliveries are kept. A link in a mail by which somebody asks for no more is good as long.</summary>
    [Range(30, 3650)]
    public int KeepDays { get; init; } = 180;

    /// <summary>How often a provider is asked to deliver one, with longer and longer pauses of up to an hour. Then it has failed.</summary>
    [Range(1, 100)]
    public int Attempts { get; init; } = 12;

    /// <summary>The page of a front end where somebody who reads a mail asks for no more of its kind; the token follows as <c>#token=</c>. Without it the link leads to the API, below <c>Payments:PublicUrl</c>.</summary>
    [RegularExpression("^(https?://[^\\s#]+)?$"), StringLength(500)]
    public string UnsubscribeUrl { get; init; } = "";
}

/// <summary>Settings of text messages. Section <c>Sms</c>. Without an account nothing is sent.</summary>
public sealed record SmsSettings
{
    /// <summary>The base URL of Twilio, or of whoever speaks its API.</summary>
    [Required, Url, StringLength(500)]
    public string Url { get; init; } = "https://api.twilio.com";

    /// <summary>The account (its SID).</summary>
    [RegularExpression("^[A-Za-z0-9_-]*$"), StringLength(100)]
    public string AccountSid { get; init; } = "";

    /// <summary>What the account signs in with.</summary>
    public string AuthToken { get; init; } = "";

    /// <summary>The number or name that messages come from; or a messaging service, whose SID begins with <c>MG</c>.</summary>
    [StringLength(100)]
    public string From { get; init; } = "";

    /// <summary>Text messages that one person, and one number whoever names it, is sent in 24 hours; what comes after them is not sent. 0 is without limit.</summary>
    [Range(0, 10_000)]
    public int PerPersonADay { get; init; } = 20;

    /// <summary>Seconds that an answer is waited for.</summary>
    [Range(1, 20)]
    public int TimeoutSeconds { get; init; } = 10;

    /// <summary>Whether messages go anywhere.</summary>
    public bool IsOn() => AccountSid.Length > 0 && AuthToken.Length > 0 && From.Length > 0;

    /// <summary>Which settings there are, and nothing of their values: a record's own text has them all.</summary>
    public override string ToString() => nameof(SmsSettings);
}

/// <summary>Settings of messages to browsers. Section <c>WebPush</c>.</summary>
public sealed record WebPushSettings
{
    /// <summary>How those who run a push service reach whoever runs this installation (RFC 8292, 2.1): <c>mailto:</c> or <c>https://</c>. Without it the address that mails come from.</summary>
    [RegularExpression("^(mailto:[^\\s@]+@[^\\s@]+|https://[^\\s]+)?$"), StringLength(300)]
    public string Subject { get; init; } = "";

    /// <summary>Hours that a push service keeps a message for a browser that is not there.</summary>
    [Range(1, 672)]
    public int KeepHours { get; init; } = 24;

    /// <summary>Seconds that an answer is waited for.</summary>
    [Range(1, 20)]
    public int TimeoutSeconds { get; init; } = 10;
}
