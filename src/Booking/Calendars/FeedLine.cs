using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Booking.Calendars;

/// <summary>What a calendar's server answered.</summary>
/// <param name="Text">The calendar; null where it has not changed.</param>
/// <param name="Version">Its <c>ETag</c>.</param>
/// <param name="LastModified">What its server says of its age.</param>
internal sealed record FeedAnswer(string? Text, string? Version, string? LastModified);

/// <summary>
/// Fetches calendars that people name: in bounded time, of bounded size, and from nowhere inside (<see cref="OutsideHttp"/>).
/// </summary>
internal sealed class FeedLine(IHttpClientFactory clients, OutsideHttp outside, IOptions<BookingSettings> settings)
{
    private const string Client = "booking.feeds";

    /// <summary>Bytes at the most, unpacked.</summary>
    public const int BytesAtMost = 1024 * 1024;

    private const int RedirectsAtMost = 3;
    private const int LongestVersion = 500, LongestDate = 100;

    /// <summary>Adds the HTTP client.</summary>
    public static void Add(IServiceCollection services) => services.AddSingleton<FeedLine>().AddOutsideClient(Client, DecompressionMethods.All);

    /// <summary>Fetches a calendar, unless it is still the version that is known.</summary>
    /// <exception cref="FeedException">It cannot be had.</exception>
    public async Task<FeedAnswer> Fetch(string url, string? version, string? lastModified, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.Value.FeedTimeoutSeconds));
        try
        {
            return await Follow(new(url), version, lastModified, limit.Token);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or SocketException or InvalidDataException)
        {
            throw InsideAddressException.Caused(error) ? NotAllowed() : new FeedException(FeedError.Unreachable, "It cannot be reached.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new FeedException(FeedError.Unreachable, $"It did not answer within {settings.Value.FeedTimeoutSeconds} s.");
        }
    }

    private async Task<FeedAnswer> Follow(Uri address, string? version, string? lastModified, CancellationToken ct)
    {
        using var client = clients.CreateClient(Client);
        for (var redirects = 0; ; redirects++)
        {
            if (!outside.Allows(address))
                throw NotAllowed();
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/calendar"));
            request.Headers.UserAgent.Add(new("Quitanda", null));
            // Given back as they were said, whatever they are.
            if (version is not null)
                request.Headers.TryAddWithoutValidation("If-None-Match", version);
            if (lastModified is not null)
                request.Headers.TryAddWithoutValidation("If-Modified-Since", lastModified);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            var status = (int)response.StatusCode;
            if (status is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } next)
            {
                if (redirects >= RedirectsAtMost)
                    throw new FeedException(FeedError.Refused, "It leads on too often.");
                address = Uri.TryCreate(address, next, out var led) ? led : throw NotAllowed();
                continue;
            }

            if (status == 304 && (version ?? lastModified) is not null)
                return new(Text: null, version, lastModified);
            if (status != 200)
                throw new FeedException(FeedError.Refused, $"Its server answered {status}.");
            var text = await Read(response.Content, ct);
            return new(text, Kept(response.Headers.ETag?.ToString(), LongestVersion), Kept(response.Content.Headers.LastModified?.ToString("R"), LongestDate));
        }
    }

    private static async Task<string> Read(HttpContent content, CancellationToken ct)
    {
        if (content.Headers.ContentLength > BytesAtMost)
            throw TooLarge();
        await using var stream = await content.ReadAsStreamAsync(ct);
        var buffer = new byte[BytesAtMost + 1];
        var length = 0;
        for (int read; (read = await stream.ReadAsync(buffer.AsMemory(length), ct)) > 0;)
            if ((length += read) > BytesAtMost)
                throw TooLarge();
        var bytes = buffer.AsMemory(0, length);
        if (bytes.Span.Contains((byte)0))
            throw new FeedException(FeedError.NotACalendar, "It is not text.");
        return Encoding.UTF8.GetString(bytes.Span);
    }

    private static string? Kept(string? text, int most) => text is { Length: > 0 } && text.Length <= most ? text : null;

    private static FeedException NotAllowed() => new(FeedError.NotAllowed, "It lies, or leads, where calendars are not read from.");

    private static FeedException TooLarge() => new(FeedError.TooLarge, $"It has more than {BytesAtMost} bytes.");
}
