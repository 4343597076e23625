using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform.Mails;

public sealed class MailSettingsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Theory]
    [InlineData("Mail:From", "SmtpHost=mail.test")]
    [InlineData("Mail:From", "ResendKey=re_secret")]
    [InlineData("Mail:From", "SmtpHost=mail.test", "From=not an address")]
    [InlineData("Mail:ReplyTo", "ReplyTo=ana@exemplo.test\nBcc: x@exemplo.test")]
    [InlineData("Mail:FromName", "FromName=Loja\nBcc: x@exemplo.test")]
    [InlineData("Mail:SmtpHost", "Transport=smtp", "From=a@b.test")]
    [InlineData("Mail:SmtpHost", "SmtpUser=ana", "SmtpPassword=re_secret")]
    [InlineData("Mail:SmtpHost", "SmtpHost=mail test", "From=a@b.test")]
    [InlineData("Mail:SmtpPassword", "SmtpHost=mail.test", "From=a@b.test", "SmtpUser=ana")]
    [InlineData("Mail:SmtpUser", "SmtpHost=mail.test", "From=a@b.test", "SmtpPassword=re_secret")]
    [InlineData("Mail:SmtpStartTls", "SmtpHost=mail.test", "From=a@b.test", "SmtpUser=ana", "SmtpPassword=re_secret", "SmtpStartTls=false")]
    [InlineData("Mail:SmtpPort", "SmtpHost=mail.test", "From=a@b.test", "SmtpPort=465")]
    [InlineData("Mail:ResendKey", "Transport=resend", "From=a@b.test")]
    [InlineData("Mail:ResendKey", "ResendKey=re_secret\nX: y", "From=a@b.test")]
    [InlineData("Mail:ResendUrl", "ResendKey=re_secret", "From=a@b.test", "ResendUrl=http://api.test")]
    [InlineData("Mail:ResendUrl", "ResendKey=re_secret", "From=a@b.test", "ResendUrl=somewhere")]
    [InlineData("Mail:Transport", "SmtpHost=mail.test", "ResendKey=re_secret", "From=a@b.test")]
    [InlineData("Transport", "Transport=pigeon")]
    [InlineData("Locale", "Locale=fr")]
    [InlineData("TimeoutSeconds", "TimeoutSeconds=21")]
    public async Task Half_a_configuration_names_what_is_missing_and_tells_no_secret(string named, params string[] settings)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Start(settings));
        Assert.Contains(named, string.Join('\n', error.Failures), StringComparison.Ordinal);
        Assert.DoesNotContain("re_secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("smtp", "SmtpHost=mail.test", "From=a@b.test")]
    [InlineData("smtp", "SmtpHost=127.0.0.1", "From=a@b.test", "SmtpUser=ana", "SmtpPassword=x", "SmtpStartTls=false")]
    [InlineData("resend", "ResendKey=re_secret", "From=a@b.test")]
    [InlineData("resend", "ResendKey=re_secret", "SmtpHost=mail.test", "Transport=resend", "From=a@b.test")]
    [InlineData("mailbox", "Transport=mailbox")]
    [InlineData("none", "Transport=none", "SmtpHost=mail.test")]
    public void What_is_whole_decides_who_carries_mails(string carrier, params string[] settings)
    {
        var given = settings.Select(setting => setting.Split('=')).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        string Of(string name, string otherwise = "") => given.GetValueOrDefault(name, otherwise);
        var mail = new MailSettings
        {
            Transport = Of("Transport", "auto"),
            From = Of("From"),
            SmtpHost = Of("SmtpHost"),
            SmtpUser = Of("SmtpUser"),
            SmtpPassword = Of("SmtpPassword"),
            SmtpStartTls = Of("SmtpStartTls", "true") == "true",
            ResendKey = Of("ResendKey"),
        };
        Assert.Null(new MailSettingsRules().Validate(null, mail).FailureMessage);
        Assert.Equal(carrier, mail.Carrier);
        Assert.DoesNotContain("re_secret", $"{mail}", StringComparison.Ordinal);
    }

    private async Task Start(string[] settings)
    {
        await using var started = await app.StartAnother(builder =>
        {
            foreach (var setting in settings)
                builder.Configuration[$"Mail:{setting[..setting.IndexOf('=', StringComparison.Ordinal)]}"] = setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..];
        });
    }
}
