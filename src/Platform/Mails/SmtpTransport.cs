using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform.Mails;

/// <summary>Hands mails to a mail server: submission with STARTTLS, one connection a mail.</summary>
internal sealed class SmtpTransport(IOptions<MailSettings> settings) : IMailTransport
{
    private static readonly Encoding Utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public async Task Send(OutgoingMail mail, CancellationToken ct)
    {
        using var page = new Page(Utf8.GetBytes(mail.Html.ReplaceLineEndings("\r\n")));
        using var message = Write(mail, page, settings.Value);
        using var client = new SmtpClient(settings.Value.SmtpHost, settings.Value.SmtpPort)
        {
            EnableSsl = settings.Value.SmtpStartTls,
            Credentials = settings.Value.SmtpUser.Length > 0 ? new NetworkCredential(settings.Value.SmtpUser, settings.Value.SmtpPassword) : null,
        };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Value.TimeoutSeconds));
        try
        {
            // The framework's client reads the server's last word on the thread it is called on, whatever the token says; the token closes the connection under it.
            await Task.Run(() => client.SendMailAsync(message, limit.Token), CancellationToken.None).WaitAsync(limit.Token);
        }
        catch (SmtpException error)
        {
            throw Judged(error, mail, page.WasRead);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new MailNotTakenException($"The mail server did not take the mail within {settings.Value.TimeoutSeconds} s.");
        }
    }

    /// <summary>The mail as RFC 5322 and MIME have it: text first, the page after it, since readers show the last they can.</summary>
    private static MailMessage Write(OutgoingMail mail, Page html, MailSettings settings)
    {
        var message = new MailMessage
        {
            From = Address(mail.From),
            Subject = mail.Subject,
            SubjectEncoding = Utf8,
            HeadersEncoding = Utf8,
            // Line ends as the wire wants them: encoded, a lone line feed would be no line end.
            Body = mail.Text.ReplaceLineEndings("\r\n"),
            BodyEncoding = Utf8,
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
        };
        message.To.Add(Address(mail.To));
        if (settings.ReplyTo.Length > 0)
            message.ReplyToList.Add(new MailAddress(settings.ReplyTo));
        message.AlternateViews.Add(new AlternateView(html, new ContentType(MediaTypeNames.Text.Html) { CharSet = Utf8.WebName }) { TransferEncoding = TransferEncoding.QuotedPrintable });
        message.Headers.Add("Message-ID", $"<{mail.Id:N}@{mail.From.Address.Split('@')[1]}>");
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("Content-Language", mail.Locale);
        foreach (var (name, value) in Headers.OfExit(mail.Exit))
            message.Headers.Add(name, value);
        return message;
    }

    private static MailAddress Address(Addressee who)
    {
        try
        {
            return new(who.Address, who.Name, Utf8);
        }
        catch (FormatException)
        {
            // Narrower than the rule we check by, such as two dots in a row.
            throw new PermanentFailureException("The address or the name cannot be written into a mail.");
        }
    }

    /// <summary>
    /// Whether the server's answer is about this mail and final, or about the moment or the configuration, which an operator mends. Addresses are taken out:
    /// the text is kept with the job and logged.
    /// </summary>
    private static Exception Judged(SmtpException error, OutgoingMail mail, bool wasRead)
    {
        var code = (int)error.StatusCode;
        var cause = error.InnerException is { } inner ? $" {inner.Message}" : "";
        var said = $"The mail server did not take the mail ({(code > 0 ? code : "no answer")}): {error.Message}{cause}".Replace(mail.To.Address, "(address)", StringComparison.OrdinalIgnoreCase);
        // 550 to 555 answer to a recipient or to a mail that was read; 530 to 538 are about signing in, 500 to 504 about commands.
        var isFinal = code is >= 550 and <= 555 && (wasRead || (error is SmtpFailedRecipientException && !IsAboutUs(said)));
        return isFinal ? new PermanentFailureException(said) : new MailNotTakenException(said);
    }

    /// <summary>
    /// Whether a recipient was refused because of who we are: class 5.7 of RFC 3463, or in words. The framework's client goes on when a password was refused, and
    /// is told then that it may not relay; a wrong password must not kill the mails of its time.
    /// </summary>
    private static bool IsAboutUs(string said) =>
        said.Contains(" 5.7.", StringComparison.Ordinal) || said.Contains("relay", StringComparison.OrdinalIgnoreCase) || said.Contains("authenti", StringComparison.OrdinalIgnoreCase);

    /// <summary>The page of a mail, which knows whether it was read: the framework does not say how far a mail had come when its server refused.</summary>
    private sealed class Page(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public bool WasRead { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            WasRead = true;
            return base.Read(buffer, offset, count);
        }

        public override int Read(Span<byte> buffer)
        {
            WasRead = true;
            return base.Read(buffer);
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            WasRead = true;
            return base.ReadAsync(buffer, cancellationToken);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            WasRead = true;
            return base.ReadAsync(buffer, offset, count, cancellationToken);
        }
    }
}
