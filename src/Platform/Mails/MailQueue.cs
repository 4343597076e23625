using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform.Mails;

/// <summary>Puts mails into the unit of work.</summary>
internal sealed class MailQueue(Db db, IMailGate gate, Secrets secrets, IOptions<MailSettings> settings, TimeProvider clock) : IMail
{
    public void Send<T>(Guid userId, T letter, DateTimeOffset? until = null) where T : ILetter => Queue(userId, to: null, letter, until);

    public void Send<T>(Addressee to, T letter, DateTimeOffset? until = null) where T : ILetter
    {
        if (!Headers.IsAddress(to.Address))
            throw new ArgumentException("This is no address a mail can go to.", nameof(to));
        if (Headers.HasBreak(to.Name))
            throw new ArgumentException("A name is one line.", nameof(to));
        Queue(userId: null, to, letter, until);
    }

    private void Queue<T>(Guid? userId, Addressee? to, T letter, DateTimeOffset? until) where T : ILetter
    {
        if (!settings.Value.IsOn())
            return;
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        db.Schedule(SendMail.Kind, new SendMail.Message(id, T.Name, userId, Seal.Close(secrets, id, new SendMail.Contents(to, JsonSerializer.SerializeToElement(letter, Wire.Json))), until), now);
        gate.Queued(db, new(id, T.Name, T.Kind, userId));
    }
}

/// <summary>Sends a mail: at least once, always under its id, and not again once that has been written down.</summary>
internal sealed partial class SendMail(
    Db db, IMailGate gate, IEnumerable<LetterKind> kinds, IAddressees addressees, ILetterhead letterhead, IMailTransport transport, Secrets secrets, IOptions<MailSettings> settings, TimeProvider clock,
    ILogger<SendMail> log) : ICallOut<SendMail.Message, SendMail.Outcome>
{
    public const string Kind = "platform.send-mail";

    /// <summary>A mail in the queue. What is personal or secret in it is sealed.</summary>
    internal sealed record Message(Guid Id, string Letter, Guid? UserId, string Sealed, DateTimeOffset? Until);

    /// <summary>What is sealed.</summary>
    internal sealed record Contents(Addressee? To, JsonElement Letter);

    /// <summary>What became of it, or when it is asked about again.</summary>
    internal sealed record Outcome(MailEnd? End, DateTimeOffset? Again = null);

    public async Task<Outcome> Call(Message message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (message.Until < now)
            return new(MailEnd.TooLate);
        var kind = KindOf(message) ?? throw new InvalidOperationException($"Nobody here writes {message.Letter}.");
        var note = NoteOf(message);
        var verdict = await gate.Ask(note, ct);
        if (!verdict.IsWanted)
            return new(MailEnd.NotWanted);
        // What would be of no use by then goes out now.
        if (verdict.NotBefore is { } at && at > now && !(message.Until < at))
            return new(End: null, at);
        try
        {
            return new(await Send(message, kind, verdict.Exit, ct));
        }
        catch (Exception error) when (!ct.IsCancellationRequested)
        {
            // What nobody foresaw is told by its name alone: its words may have an address in them.
            await gate.Failed(note, error is PermanentFailureException or MailNotTakenException ? error.Message : error.GetType().Name, error is PermanentFailureException, ct);
            throw;
        }
    }

    public Task Write(Message message, Outcome outcome, CancellationToken ct)
    {
        if (outcome.End is { } end)
        {
            gate.Ended(db, NoteOf(message), end);
            Done(log, message.Letter, message.Id, end);
        }
        else
            db.Schedule(Kind, message, outcome.Again!.Value);

        return Task.CompletedTask;
    }

    private async Task<MailEnd> Send(Message message, LetterKind kind, MailExit? exit, CancellationToken ct)
    {
        var contents = Seal.Open(secrets, message.Id, message.Sealed);
        var to = contents.To ?? await addressees.Find(message.UserId!.Value, ct);
        if (to is null)
            return MailEnd.NobodyThere;
        if (!Headers.IsAddress(to.Address))
            throw new PermanentFailureException("The addressee's address is none that a mail can go to.");

        var shop = await letterhead.Read(ct);
        var mail = settings.Value;
        var from = new Addressee(mail.From.Length > 0 ? mail.From : "quitanda@localhost", Headers.Line(mail.FromName.Length > 0 ? mail.FromName : shop.Name, Headers.NameAtMost));
        await transport.Send(kind.Write(message.Id, Language.Of(to.Locale, mail.Locale), from, to with { Name = Headers.Line(to.Name, Headers.NameAtMost) }, contents.Letter, shop, exit), ct);
        return MailEnd.Sent;
    }

    private LetterKind? KindOf(Message message) => kinds.FirstOrDefault(kind => kind.Name == message.Letter);

    private MailNote NoteOf(Message message) => new(message.Id, message.Letter, KindOf(message)?.Notice, message.UserId);

    [LoggerMessage(60, LogLevel.Information, "Mail {Letter} {Id}: {Outcome}")]
    private static partial void Done(ILogger log, string letter, Guid id, MailEnd outcome);
}

/// <summary>
/// Keeps what waits in the queue from being read in the database, its backups and its replicas: AES-256-GCM under a key derived from the data-protection
/// secret, bound to the mail's id.
/// </summary>
internal static class Seal
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private static readonly byte[] Purpose = "quitanda mail"u8.ToArray();

    public static string Close(Secrets secrets, Guid id, SendMail.Contents contents)
    {
        var secret = secrets.DataProtection[0];
        var plain = JsonSerializer.SerializeToUtf8Bytes(contents, Wire.Json);
        var bytes = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(KeyOf(secret), TagBytes);
        aes.Encrypt(bytes.AsSpan(0, NonceBytes), plain, bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length), id.ToByteArray());
        return $"{secret.Id}.{Convert.ToBase64String(bytes)}";
    }

    public static SendMail.Contents Open(Secrets secrets, Guid id, string closed)
    {
        var dot = closed.IndexOf('.', StringComparison.Ordinal);
        var secret = secrets.DataProtection.FirstOrDefault(live => closed.AsSpan(0, Math.Max(dot, 0)).SequenceEqual(live.Id))
            ?? throw new CryptographicException("The secret that this mail was sealed with is not live any more.");
        var bytes = Convert.FromBase64String(closed[(dot + 1)..]);
        var plain = new byte[bytes.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(KeyOf(secret), TagBytes);
        aes.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(NonceBytes + plain.Length), plain, id.ToByteArray());
        return JsonSerializer.Deserialize<SendMail.Contents>(plain, Wire.Stored)!;
    }

    private static byte[] KeyOf(Secret secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.Bytes, 32, info: Purpose);
}

/// <summary>Forgets mails that could not be sent, once nobody can be expected to mend them: they were written to people.</summary>
internal sealed class ForgetDeadMails(Db db, IOptions<MailSettings> settings) : IHandle<Tick>
{
    public Task Handle(Tick message, CancellationToken ct) =>
        db.Execute($"delete from platform.jobs where kind = {SendMail.Kind} and state = 'dead' and run_at < {message.At - TimeSpan.FromDays(settings.Value.DeadDays)}", ct);
}
