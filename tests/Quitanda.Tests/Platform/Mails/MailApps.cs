using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Platform.Mails;

namespace Quitanda.Tests.Platform.Mails;

/// <summary>A letter that has one of everything.</summary>
internal sealed record Sample(string Title, string? Secret = null, Uri? Link = null, Money? Price = null, DateTimeOffset? At = null, DateOnly? Day = null, Sample.Line[]? Lines = null, bool IsLoud = false) : ILetter
{
    internal sealed record Line(int Quantity, string What);

    public static string Name => "tests.sample";

    public static string Portuguese => """
        {title} da {shop}

        # Olá, {addressee}

        Primeira linha
        segunda linha, {title}

        {#secret}
        Segredo {secret}.
        {/secret}
        {^secret}
        Sem segredo.
        {/secret}
        - ponto {price}
        - outro ponto
        {#lines}
        | {quantity} × {what} | {title} |
        {/lines}
        {#day}
        Dia {day}, instante {at}
        {/day}
        {#isLoud}
        ALTO
        {/isLoud}
        {#link}
        [Abrir]({link})
        {/link}
        """;

    public static string English => Portuguese.Replace("Olá", "Hello", StringComparison.Ordinal).Replace("Dia", "Day", StringComparison.Ordinal);
}

/// <summary>An application whose mails go somewhere, and how tests send and look.</summary>
public abstract class MailApp(TestPostgres postgres) : ProbeApp(postgres)
{
    /// <summary>Sends a letter to an address, in a transaction of its own, and gives its id.</summary>
    internal Task<Guid> Send(Addressee to, Sample letter, DateTimeOffset? until = null) => Sending(mail => mail.Send(to, letter, until));

    internal Task<Guid> Send(Guid userId, Sample letter) => Sending(mail => mail.Send(userId, letter));

    /// <summary>A mail's job, if it is still there.</summary>
    internal Task<(string State, int Attempts, string? Error, string Payload)> JobOf(Guid mail) => WithDb(db => db.ReadFirst(
        $"select state, attempts, last_error, payload::text from platform.jobs where payload->>'id' = {mail.ToString()}",
        row => (row.GetString(0), row.GetInt32(1), row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3)), CancellationToken.None));

    /// <summary>Lets an hour pass and does what falls due in it.</summary>
    internal async Task Later()
    {
        Clock.Advance(TimeSpan.FromHours(1.5));
        await RunJobs();
    }

    protected abstract IReadOnlyDictionary<string, string?> Settings { get; }

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        Mailing(builder);
    }

    /// <summary>Sets an application up like this one.</summary>
    internal void Mailing(WebApplicationBuilder builder)
    {
        foreach (var (name, value) in Settings)
            builder.Configuration[name] = value;
        builder.Services.AddLetter<Sample>();
    }

    private Task<Guid> Sending(Action<IMail> send) => InScope(async scope =>
    {
        send(scope.GetRequiredService<IMail>());
        var db = scope.GetRequiredService<Db>();
        await db.Flush(CancellationToken.None);
        return await db.ReadFirst($"select (payload->>'id')::uuid from platform.jobs where kind = {SendMail.Kind} order by id desc limit 1", row => row.GetGuid(0), CancellationToken.None);
    });
}

/// <summary>Mails stay in the local mailbox, which is small.</summary>
public sealed class MailboxApp(TestPostgres postgres) : MailApp(postgres)
{
    public const int Size = 5;

    protected override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Mail:Transport"] = "mailbox", ["Mail:MailboxSize"] = $"{Size}" };

    internal async Task<JsonElement[]> Mailbox() => [.. (await (await Guest.Send(HttpMethod.Get, "/dev/mail.json")).Json()).GetProperty("data").EnumerateArray()];

    /// <summary>The one mail to an address.</summary>
    internal async Task<JsonElement> MailTo(string address) => (await Mailbox()).Single(mail => mail.GetProperty("toAddress").GetString() == address);
}

/// <summary>Mails go to a mail server of the test's own.</summary>
public sealed class SmtpApp(TestPostgres postgres) : MailApp(postgres)
{
    public const string Password = "senha-do-servidor";

    internal SmtpSink Sink { get; } = new();

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Mail:From"] = "loja@exemplo.test",
        ["Mail:FromName"] = "Vai Coxinha, \"pão\" & cia",
        ["Mail:ReplyTo"] = "respostas@exemplo.test",
        ["Mail:SmtpHost"] = "127.0.0.1",
        ["Mail:SmtpPort"] = $"{Sink.Port}",
        ["Mail:SmtpStartTls"] = "false",
        ["Mail:SmtpUser"] = SmtpSink.User,
        ["Mail:SmtpPassword"] = Password,
        ["Mail:TimeoutSeconds"] = "2",
    };
}
