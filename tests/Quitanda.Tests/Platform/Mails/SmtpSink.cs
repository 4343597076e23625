using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Quitanda.Tests.Platform.Mails;

/// <summary>A mail server in a few lines: it takes mails, refuses them or keeps them waiting, as a test says, and remembers what it took.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    public const string User = "quitanda";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;
    private readonly ConcurrentBag<Task> _sessions = [];

    /// <param name="certificate">With one it offers STARTTLS.</param>
    public SmtpSink(X509Certificate2? certificate = null)
    {
        _certificate = certificate;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every mail it said yes to, in order.</summary>
    public ConcurrentQueue<ReceivedMail> Taken { get; } = [];

    /// <summary>Every mail that was handed over whole, whatever was answered.</summary>
    public ConcurrentQueue<ReceivedMail> Seen { get; } = [];

    /// <summary>Names and passwords that were said, and whether the line was encrypted.</summary>
    public ConcurrentQueue<(string User, string Password, bool IsEncrypted)> SignIns { get; } = [];

    /// <summary>What is answered to a recipient instead of yes.</summary>
    public Func<string, string?> OnRecipient { get; set; } = _ => null;

    /// <summary>What is answered to a whole mail instead of yes; null hangs up without a word, after taking it.</summary>
    public Func<ReceivedMail, Task<string?>> OnMail { get; set; } = _ => Task.FromResult<string?>("250 taken");

    /// <summary>Whether it greets nobody.</summary>
    public bool IsMute { get; set; }

    /// <summary>Clients that are connected right now.</summary>
    public int Connected;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _stop.Dispose();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _sessions.Add(Serve(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        Interlocked.Increment(ref Connected);
        try
        {
            using (client)
                await Session(client.GetStream());
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The other side went away, or was killed.
        }
        finally
        {
            Interlocked.Decrement(ref Connected);
        }
    }

    private async Task Session(Stream stream)
    {
        if (IsMute)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
        var line = new Lines(stream, _stop.Token);
        await line.Say("220 sink");
        var (from, to) = ("", "");
        var mayRelay = true;
        while (await line.Hear() is { } command)
        {
            var verb = command.Split(' ')[0].ToUpperInvariant();
            switch (verb)
            {
                case "EHLO":
                    await line.Say(_certificate is not null && line.Stream is not SslStream ? "250-sink\r\n250-STARTTLS\r\n250 AUTH LOGIN" : "250-sink\r\n250 AUTH LOGIN");
                    break;
                case "STARTTLS":
                    await line.Say("220 go");
                    var encrypted = new SslStream(line.Stream, leaveInnerStreamOpen: false);
                    await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    line = new Lines(encrypted, _stop.Token);
                    break;
                case "AUTH":
                    mayRelay = await SignIn(line, command);
                    break;
                case "MAIL":
                    from = Between(command);
                    await line.Say("250 ok");
                    break;
                case "RCPT":
                    to = Between(command);
                    await line.Say(!mayRelay ? $"554 5.7.1 <{to}>: Relay access denied" : OnRecipient(to) ?? "250 ok");
                    break;
                case "DATA":
                    await line.Say("354 go on");
                    if (!await Take(line, from, to))
                        return;
                    break;
                case "QUIT":
                    await line.Say("221 bye");
                    return;
                default:
                    await line.Say("250 ok");
                    break;
            }
        }
    }

    private async Task<bool> SignIn(Lines line, string command)
    {
        var words = command.Split(' ');
        var user = words.Length > 2 ? words[2] : await Ask("VXNlcm5hbWU6");
        var password = await Ask("UGFzc3dvcmQ6");
        // Whoever died in the middle of it did not sign in.
        if (user is null || password is null)
            return false;
        SignIns.Enqueue((Plain(user), Plain(password), line.Stream is SslStream));
        var isUser = Plain(user) == User;
        await line.Say(isUser ? "235 welcome" : "535 5.7.8 not you");
        return isUser;

        async Task<string?> Ask(string question)
        {
            await line.Say($"334 {question}");
            return await line.Hear();
        }

        static string Plain(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));
    }

    private async Task<bool> Take(Lines line, string from, string to)
    {
        var data = new StringBuilder();
        while (await line.Hear() is { } text)
        {
            if (text != ".")
            {
                // A dot that begins a line is doubled on the wire (RFC 5321, 4.5.2).
                data.Append(text.StartsWith('.') ? text[1..] : text).Append("\r\n");
                continue;
            }

            var mail = new ReceivedMail(from, to, data.ToString());
            Seen.Enqueue(mail);
            var answer = await OnMail(mail).WaitAsync(_stop.Token);
            if (answer?.StartsWith('2') != false)
                Taken.Enqueue(mail);
            if (answer is null)
                return false;
            await line.Say(answer);
            return true;
        }

        return false;
    }

    private static string Between(string command) => command[(command.IndexOf('<', StringComparison.Ordinal) + 1)..command.IndexOf('>', StringComparison.Ordinal)];

    /// <summary>Lines of bytes; what is not ASCII would be seen as such.</summary>
    private sealed class Lines(Stream stream, CancellationToken ct)
    {
        private readonly StreamReader _reader = new(stream, Encoding.Latin1, detectEncodingFromByteOrderMarks: false);

        public Stream Stream => stream;

        public async Task<string?> Hear() => await _reader.ReadLineAsync(ct);

        public async Task Say(string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), ct);
    }
}

/// <summary>A mail as it came over the wire.</summary>
internal sealed record ReceivedMail(string From, string To, string Raw)
{
    /// <summary>A header's value, its folds undone; null where it is not there.</summary>
    public string? Header(string name) => Headers(Raw).Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).SingleOrDefault();

    /// <summary>A header's value with its encoded words read (RFC 2047).</summary>
    public string? ReadHeader(string name)
    {
        var value = Header(name);
        return value is null ? null : System.Text.RegularExpressions.Regex.Replace(
            System.Text.RegularExpressions.Regex.Replace(value, @"\?=\s+=\?", "?==?", System.Text.RegularExpressions.RegexOptions.None, Eventually.Patience), @"=\?utf-8\?(?<how>[BQ])\?(?<what>[^?]*)\?=", match =>
                match.Groups["how"].Value is "B" or "b" ? Encoding.UTF8.GetString(Convert.FromBase64String(match.Groups["what"].Value))
                : Printed(match.Groups["what"].Value.Replace('_', ' ')), System.Text.RegularExpressions.RegexOptions.IgnoreCase | System.Text.RegularExpressions.RegexOptions.ExplicitCapture, Eventually.Patience);
    }

    /// <summary>The names of all headers above the body.</summary>
    public IReadOnlyList<string> HeaderNames => [.. Headers(Raw).Select(header => header.Name)];

    /// <summary>The parts of a multipart mail by their type, decoded, in order.</summary>
    public IReadOnlyList<(string Type, string Text)> Parts
    {
        get
        {
            var type = Header("Content-Type")!;
            var boundary = System.Text.RegularExpressions.Regex.Match(type, "boundary=\"?(?<boundary>[^\";]+)\"?", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, Eventually.Patience).Groups["boundary"].Value;
            return [.. Raw.Split($"--{boundary}").Skip(1).Where(part => !part.StartsWith("--", StringComparison.Ordinal)).Select(part =>
            {
                var text = part.TrimStart('\r', '\n');
                var headers = Headers(text).ToDictionary(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);
                Assert.Equal("quoted-printable", headers["Content-Transfer-Encoding"]);
                return (headers["Content-Type"], Printed(text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
            })];
        }
    }

    private static List<(string Name, string Value)> Headers(string text)
    {
        List<(string Name, string Value)> headers = [];
        foreach (var line in text.Split("\r\n").TakeWhile(line => line.Length > 0))
            if (line[0] is ' ' or '\t')
                headers[^1] = headers[^1] with { Value = $"{headers[^1].Value} {line.Trim()}" };
            else
                headers.Add((line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()));
        return headers;
    }

    /// <summary>Quoted-printable text, read (RFC 2045, 6.7).</summary>
    private static string Printed(string text)
    {
        text = text.Replace("=\r\n", "", StringComparison.Ordinal);
        List<byte> bytes = [];
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '=' && i + 2 < text.Length)
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
