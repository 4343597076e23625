using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Quitanda.Tests.Notifications;

/// <summary>A text message as its provider was asked to send it.</summary>
internal sealed record SentText(string Key, string To, string From, string Body);

/// <summary>A message for a browser as its push service took it.</summary>
internal sealed record PushedMessage(string Endpoint, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>What lies across the network: a provider of text messages as Twilio documents itself, and a push service (RFC 8030). Both check who asks, take what they are given, and fail as a test says.</summary>
internal sealed class Providers : IAsyncDisposable
{
    public const string Account = "AC0123";
    public const string Token = "only-for-tests";
    public const string From = "+15005550006";

    private WebApplication? _app;

    /// <summary>Everything that was asked for, in order, whatever was answered.</summary>
    public ConcurrentQueue<SentText> Texts { get; } = [];

    /// <summary>Everything that was pushed, in order, whatever was answered.</summary>
    public ConcurrentQueue<PushedMessage> Pushed { get; } = [];

    /// <summary>An answer of the provider instead of taking the message, once it was noted.</summary>
    public Func<HttpContext, Task<IResult?>> OnText { get; set; } = _ => Task.FromResult<IResult?>(null);

    /// <summary>An answer of the push service instead of taking the message, once it was noted.</summary>
    public Func<HttpContext, Task<IResult?>> OnPush { get; set; } = _ => Task.FromResult<IResult?>(null);

    public string Url { get; private set; } = "";

    /// <summary>Settings that lead here, by their names in the environment.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Sms__Url", Url), ("Sms__AccountSid", Account), ("Sms__AuthToken", Token), ("Sms__From", From), ("Sms__TimeoutSeconds", "2"), ("WebPush__TimeoutSeconds", "2"),
        ("Outside__AllowHttp", "true"), ("Outside__AllowedNetworks", "127.0.0.0/8"),
    ];

    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/2010-04-01/Accounts/{sid}/Messages.json", async (string sid, HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            if (sid != Account || http.Request.Headers.Authorization != $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Account}:{Token}"))}")
                return Results.Json(new { code = 20003, message = "Authenticate", status = 401 }, statusCode: 401);
            Texts.Enqueue(new(http.Request.Headers["Idempotency-Key"].ToString(), form["To"].ToString(), form["From"].ToString(), form["Body"].ToString()));
            return await OnText(http) ?? Results.Json(new { sid = $"SM{Texts.Count:D8}", status = "queued", error_code = (int?)null }, statusCode: 201);
        });
        _app.MapPost("/push/{browser}", async (HttpContext http) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, http.RequestAborted);
            Pushed.Enqueue(new($"{Url}{http.Request.Path}", http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            return await OnPush(http) ?? Results.StatusCode(201);
        });
        await _app.StartAsync();
        Url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    /// <summary>Forgets what was asked and answers well again.</summary>
    public void BeWell()
    {
        Texts.Clear();
        Pushed.Clear();
        (OnText, OnPush) = (_ => Task.FromResult<IResult?>(null), _ => Task.FromResult<IResult?>(null));
    }

    /// <summary>Says nothing until whoever asks has gone.</summary>
    public static async Task<IResult?> Stall(HttpContext http)
    {
        var gone = new TaskCompletionSource();
        await using var heard = http.RequestAborted.Register(gone.SetResult);
        await gone.Task;
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }
}
