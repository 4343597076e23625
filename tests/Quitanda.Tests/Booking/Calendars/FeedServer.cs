using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Quitanda.Booking.Listings;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking.Calendars;

/// <summary>A calendar's server in a few lines: it says what a test tells it to, be it a calendar or not, and remembers what it was asked.</summary>
internal sealed class FeedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly Task _accepting;

    public FeedServer()
    {
        _listener.Start();
        _accepting = Accept();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/calendar.ics";

    /// <summary>The heads of all requests.</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    /// <summary>Answers a request, whose head it is given.</summary>
    public Func<string, Stream, CancellationToken, Task> OnRequest { get; set; } = (_, _, _) => Task.CompletedTask;

    /// <summary>Has it answer with these days, from and until before, as a rental site would.</summary>
    public void Busy(params (DateOnly From, DateOnly Until)[] days) => Say(Calendar(days.Select(day => $"DTSTART;VALUE=DATE:{day.From:yyyyMMdd}\r\nDTEND;VALUE=DATE:{day.Until:yyyyMMdd}")));

    /// <summary>Has it answer with a body.</summary>
    public void Say(string body, string status = "200 OK", string headers = "") => Say(Encoding.UTF8.GetBytes(body), status, headers);

    public void Say(byte[] body, string status = "200 OK", string headers = "") => OnRequest = async (_, stream, ct) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: text/calendar\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{headers}\r\n"), ct);
        await stream.WriteAsync(body, ct);
    };

    /// <summary>A calendar of events, each given by its lines but for its UID.</summary>
    public static string Calendar(IEnumerable<string> events) =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Elsewhere//EN\r\n{string.Concat(events.Select((lines, at) => $"BEGIN:VEVENT\r\nUID:{at}@elsewhere.example\r\nDTSTAMP:20260101T000000Z\r\n{lines}\r\nSUMMARY:Ana Souza\r\nEND:VEVENT\r\n"))}END:VCALENDAR\r\n";

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
        try
        {
            while (true)
                _sessions.Add(Answer(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Answer(TcpClient client)
    {
        using (client)
            try
            {
                await using var stream = client.GetStream();
                var head = new StringBuilder();
                for (var buffer = new byte[4096]; !head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal);)
                {
                    var read = await stream.ReadAsync(buffer, _stop.Token);
                    if (read == 0)
                        return;
                    head.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }

                Asked.Enqueue(head.ToString());
                await OnRequest(head.ToString(), stream, _stop.Token);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
            {
                // Whoever asked has heard enough, or the test is over.
            }
    }
}

/// <summary>The application that may read calendars from this machine, and keeps its letters.</summary>
public sealed class FeedApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    /// <summary>What lets a process read calendars from this machine.</summary>
    internal static readonly (string Name, string Value)[] Here = [("Outside:AllowedNetworks", "127.0.0.0/8"), ("Outside:AllowHttp", "true")];

    protected override void Configure(WebApplicationBuilder builder)
    {
        foreach (var (name, value) in Here)
            builder.Configuration[name] = value;
        // A busy machine may take its time; how long a calendar may is the subject of one test.
        builder.Configuration["Booking:FeedTimeoutSeconds"] = "20";
        builder.Configuration["Mail:Transport"] = "mailbox";
        builder.Configuration["Mail:MailboxSize"] = "1000";
    }

    /// <summary>Adds a calendar to a listing and has it read.</summary>
    internal async Task<JsonElement> AddFeed(Party owner, Listing listing, FeedServer server)
    {
        var feed = await (await owner.Client.Post($"/api/v1/listings/{listing.Id}/feeds", new { name = "Praia", url = server.Url })).Body(HttpStatusCode.Created);
        await RunJobs();
        return await (await owner.Client.Get(PathOf(feed))).Body();
    }

    internal static string PathOf(JsonElement feed) => $"/api/v1/listings/{feed.GetProperty("listingId").GetGuid()}/feeds/{feed.Id()}";
}
