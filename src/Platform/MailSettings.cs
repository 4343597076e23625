using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using Quitanda.Platform.Mails;

namespace Quitanda.Platform;

/// <summary>Settings of mail. Section <c>Mail</c>.</summary>
public sealed record MailSettings
{
    /// <summary>Who carries mails: <c>smtp</c>, <c>resend</c>, the local <c>mailbox</c> of development, <c>none</c>, or <c>auto</c> for whichever is configured.</summary>
    [AllowedValues("auto", "smtp", "resend", "mailbox", "none")]
    public string Transport { get; init; } = "auto";

    /// <summary>The address that mails come from.</summary>
    [StringLength(254)]
    public string From { get; init; } = "";

    /// <summary>The name beside it. Empty is the shop's own.</summary>
    [StringLength(100)]
    public string FromName { get; init; } = "";

    /// <summary>Where answers go. Empty is the address mails come from.</summary>
    [StringLength(254)]
    public string ReplyTo { get; init; } = "";

    /// <summary>The language of mails to whoever has no locale, or one we have no words for.</summary>
    [AllowedValues("pt-BR", "en")]
    public string Locale { get; init; } = "pt-BR";

    /// <summary>Seconds that a server may take to accept one mail; after that the mail is tried again, later.</summary>
    [Range(1, 20)]
    public int TimeoutSeconds { get; init; } = 15;

    /// <summary>Days that a mail which could not be sent stays among the dead jobs.</summary>
    [Range(1, 365)]
    public int DeadDays { get; init; } = 14;

    /// <summary>The mail server.</summary>
    [StringLength(253)]
    public string SmtpHost { get; init; } = "";

    /// <summary>Its port for submission.</summary>
    [Range(1, 65_535)]
    public int SmtpPort { get; init; } = 587;

    /// <summary>Whether the connection must be encrypted (STARTTLS). Without it nothing is sent.</summary>
    public bool SmtpStartTls { get; init; } = true;

    /// <summary>The name to sign in with. Empty signs in nowhere.</summary>
    public string SmtpUser { get; init; } = "";

    /// <summary>The password to sign in with.</summary>
    public string SmtpPassword { get; init; } = "";

    /// <summary>The base URL of Resend, or of whoever speaks its API.</summary>
    [StringLength(500)]
    public string ResendUrl { get; init; } = "https://api.resend.com";

    /// <summary>Its key.</summary>
    public string ResendKey { get; init; } = "";

    /// <summary>Mails that the local mailbox keeps.</summary>
    [Range(1, 10_000)]
    public int MailboxSize { get; init; } = 200;

    /// <summary>Who carries mails, with <c>auto</c> decided.</summary>
    internal string Carrier => Transport != "auto" ? Transport : SmtpHost.Length > 0 ? "smtp" : ResendKey.Length > 0 ? "resend" : "none";

    /// <summary>Whether mails go anywhere. Where they do not, none is queued.</summary>
    public bool IsOn() => Carrier != "none";

    /// <summary>Whether mails stay in the local mailbox.</summary>
    public bool IsMailbox() => Carrier == "mailbox";

    /// <summary>Which settings there are, and nothing of their values: a record's own text has them all.</summary>
    public override string ToString() => nameof(MailSettings);
}

/// <summary>Names what is missing from, or at odds with, a configuration of mail; never a secret's value.</summary>
internal sealed class MailSettingsRules : IValidateOptions<MailSettings>
{
    private const int ImplicitTlsPort = 465;

    public ValidateOptionsResult Validate(string? name, MailSettings options)
    {
        var wrong = Wrong(options).Select(pair => $"Mail:{pair.Setting} {pair.Why}").ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<(string Setting, string Why)> Wrong(MailSettings mail)
    {
        if (mail is { Transport: "auto", SmtpHost.Length: > 0, ResendKey.Length: > 0 })
            yield return (nameof(mail.Transport), "must say smtp or resend where both SmtpHost and ResendKey are set.");

        if (mail.From.Length > 0 && !Headers.IsAddress(mail.From))
            yield return (nameof(mail.From), "is not an e-mail address.");
        else if (mail.From.Length == 0 && mail.Carrier is "smtp" or "resend")
            yield return (nameof(mail.From), $"is required where mails go out by {mail.Carrier}.");
        if (mail.ReplyTo.Length > 0 && !Headers.IsAddress(mail.ReplyTo))
            yield return (nameof(mail.ReplyTo), "is not an e-mail address.");
        if (Headers.HasBreak(mail.FromName))
            yield return (nameof(mail.FromName), "must be one line.");

        foreach (var wrong in WrongOfSmtp(mail))
            yield return wrong;
        foreach (var wrong in WrongOfResend(mail))
            yield return wrong;
    }

    private static IEnumerable<(string, string)> WrongOfSmtp(MailSettings mail)
    {
        if (mail.SmtpHost.Length == 0)
        {
            if (mail.Transport == "smtp")
                yield return (nameof(mail.SmtpHost), "is required where Transport is smtp.");
            if (mail.SmtpUser.Length > 0 || mail.SmtpPassword.Length > 0)
                yield return (nameof(mail.SmtpHost), "is required where SmtpUser or SmtpPassword is set.");
            yield break;
        }

        if (Uri.CheckHostName(mail.SmtpHost) == UriHostNameType.Unknown)
            yield return (nameof(mail.SmtpHost), "is not the name or address of a host.");
        if (mail.SmtpUser.Length > 0 != mail.SmtpPassword.Length > 0)
            yield return (mail.SmtpUser.Length > 0 ? nameof(mail.SmtpPassword) : nameof(mail.SmtpUser), "is missing: name and password come together.");
        if (mail.SmtpUser.Length > 0 && !mail.SmtpStartTls && !IsHere(mail.SmtpHost))
            yield return (nameof(mail.SmtpStartTls), "must be true where SmtpUser is set: the password would travel in the clear.");
        if (mail.SmtpPort == ImplicitTlsPort)
            yield return (nameof(mail.SmtpPort), "must be one for submission with STARTTLS, usually 587: at 465 servers expect TLS from the first byte, which is not spoken here.");
    }

    private static IEnumerable<(string, string)> WrongOfResend(MailSettings mail)
    {
        if (mail is { Transport: "resend", ResendKey.Length: 0 })
            yield return (nameof(mail.ResendKey), "is required where Transport is resend.");
        if (mail.ResendKey.AsSpan().IndexOfAnyExceptInRange('!', '~') >= 0)
            yield return (nameof(mail.ResendKey), "has characters that no key has.");
        if (!Uri.TryCreate(mail.ResendUrl, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Query.Length > 0 || url.UserInfo.Length > 0)
            yield return (nameof(mail.ResendUrl), "is not an https:// address.");
        else if (url.Scheme == "http" && !IsHere(url.Host))
            yield return (nameof(mail.ResendUrl), "must begin with https://: the key would travel in the clear.");
    }

    /// <summary>Whether a host is this machine, where nobody listens in between.</summary>
    private static bool IsHere(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
