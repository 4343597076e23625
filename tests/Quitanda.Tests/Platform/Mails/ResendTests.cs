using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform.Mails;

public sealed class ResendTests(ResendApp app) : IClassFixture<ResendApp>, IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        app.Resend.Before = _ => null;
        app.Resend.After = _ => null;
        app.Resend.Requests.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_mail_is_one_request_as_the_provider_documents_it()
    {
        var id = await app.Send(new Addressee("ana@exemplo.test", "Ana \"Nina\" Conceição \\ <x@y.test>"), new Sample("Promoção"));
        await app.RunJobs();
        var request = Assert.Single(app.Resend.Requests);
        Assert.Equal(($"mail-{id:N}", $"Bearer {ResendApp.Key}"), (request.IdempotencyKey, request.Authorization));
        Assert.Equal("\"Quitanda\" <loja@exemplo.test>", request.Body.GetProperty("from").GetString());
        Assert.Equal(["\"Ana \\\"Nina\\\" Conceição \\\\ <x@y.test>\" <ana@exemplo.test>"], request.Body.GetProperty("to").EnumerateArray().Select(to => to.GetString()), StringComparer.Ordinal);
        Assert.Equal("Promoção da Quitanda", request.Body.GetProperty("subject").GetString());
        Assert.Contains("Olá, Ana", request.Body.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", request.Body.GetProperty("html").GetString(), StringComparison.Ordinal);
        Assert.Equal(id.ToString("N"), request.Body.GetProperty("headers").GetProperty("X-Entity-Ref-ID").GetString());
        Assert.Null((await app.JobOf(id)).Payload);
        Assert.DoesNotContain(app.Log.Lines, line => line.Contains(ResendApp.Key, StringComparison.Ordinal) || line.Contains("ana@", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lost_answer_is_asked_for_again_under_the_same_key_and_makes_one_mail()
    {
        var calls = 0;
        app.Resend.After = http =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                http.Abort();
            return null;
        };
        var before = app.Resend.Sent.Count;
        var id = await app.Send(new Addressee("dobro@exemplo.test", "Dobro"), new Sample("Uma vez"));
        await app.RunJobs();
        Assert.Equal("ready", (await app.JobOf(id)).State);
        for (var i = 0; i < 3; i++)
            await app.Later();
        Assert.Equal([$"mail-{id:N}", $"mail-{id:N}"], app.Resend.Requests.Select(request => request.IdempotencyKey), StringComparer.Ordinal);
        Assert.Equal(before + 1, app.Resend.Sent.Count);
        Assert.Null((await app.JobOf(id)).Payload);
    }

    [Fact]
    public async Task A_mail_that_was_taken_before_somebody_changed_their_name_is_not_taken_twice()
    {
        app.Resend.After = http =>
        {
            http.Abort();
            return null;
        };
        var user = await Quitanda.Tests.Accounts.People.Insert(app);
        var id = await app.Send(user.Id, new Sample("Uma vez"));
        await app.RunJobs();
        app.Resend.After = _ => null;
        await app.WithDb(db => db.Execute($"update accounts.users set name = 'Outra' where id = {user.Id}", _ct));
        await app.Later();
        Assert.Equal(2, app.Resend.Requests.Count);
        Assert.Null((await app.JobOf(id)).Payload);
        Assert.Single(app.Resend.Sent, sent => sent.Key == $"mail-{id:N}");
    }

    [Theory]
    [InlineData(422, "validation_error", "dead")]
    [InlineData(400, "validation_error", "dead")]
    [InlineData(401, "missing_api_key", "ready")]
    [InlineData(403, "invalid_api_key", "ready")]
    [InlineData(409, "concurrent_idempotent_requests", "ready")]
    [InlineData(429, "rate_limit_exceeded", "ready")]
    [InlineData(500, "internal_server_error", "ready")]
    public async Task What_is_about_the_mail_is_final_and_what_is_about_the_moment_or_the_key_comes_again(int status, string name, string state)
    {
        app.Resend.Before = _ => Results.Json(new { statusCode = status, name, message = "not to fim@exemplo.test" }, statusCode: status);
        var id = await app.Send(new Addressee("fim@exemplo.test", "Fim"), new Sample("Oi"));
        await app.RunJobs();
        var job = await app.JobOf(id);
        Assert.Equal((state, 1), (job.State, job.Attempts));
        Assert.Contains($"({status} {name})", job.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fim@", job.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(ResendApp.Key, job.Error, StringComparison.Ordinal);
        app.Resend.Before = _ => null;
        await app.Later();
        Assert.Equal(state == "dead", !app.Resend.Sent.ContainsKey($"mail-{id:N}"));
    }

    [Theory]
    [InlineData("https://elsewhere.test/emails", 308)]
    [InlineData(null, 200)]
    public async Task A_redirect_is_not_followed_and_an_endless_answer_not_read(string? to, int status)
    {
        app.Resend.Before = _ => to is null ? Results.Text(new string('x', 500_000)) : Results.Redirect(to, permanent: true, preserveMethod: true);
        var id = await app.Send(new Addressee("longe@exemplo.test", "Longe"), new Sample("Oi"));
        await app.RunJobs();
        Assert.True(app.Resend.Requests.Count == 1, $"{status}");
        Assert.Equal("ready", (await app.JobOf(id)).State);
        await app.WithDb(db => db.Execute($"delete from platform.jobs where payload->>'id' = {id.ToString()}", _ct));
    }
}

/// <summary>Mails go to a provider of the test's own.</summary>
public sealed class ResendApp(TestPostgres postgres) : MailApp(postgres), IAsyncLifetime
{
    public const string Key = "re_only_for_tests";

    internal FakeResend Resend { get; } = new();

    protected override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Mail:From"] = "loja@exemplo.test",
        ["Mail:ResendUrl"] = Resend.Url,
        ["Mail:ResendKey"] = Key,
        ["Mail:TimeoutSeconds"] = "5",
    };

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await Resend.Start();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await Resend.DisposeAsync();
    }
}

/// <summary>The provider as it documents itself: <c>POST /emails</c>, one mail for each key, another body under a used key refused.</summary>
internal sealed class FakeResend : IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>Every request, in order.</summary>
    public ConcurrentQueue<(string? IdempotencyKey, string? Authorization, JsonElement Body)> Requests { get; } = [];

    /// <summary>Every mail that was taken, by its key.</summary>
    public ConcurrentDictionary<string, string> Sent { get; } = new(StringComparer.Ordinal);

    /// <summary>An answer instead of taking the mail.</summary>
    public Func<HttpContext, IResult?> Before { get; set; } = _ => null;

    /// <summary>An answer, or an end, once the mail is taken.</summary>
    public Func<HttpContext, IResult?> After { get; set; } = _ => null;

    /// <summary>How long it takes to take a mail.</summary>
    public TimeSpan Takes { get; set; }

    public string Url { get; private set; } = "";

    public async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/emails", async (HttpContext http) =>
        {
            var body = await http.Request.ReadFromJsonAsync<JsonElement>(http.RequestAborted);
            var key = http.Request.Headers["Idempotency-Key"].ToString();
            Requests.Enqueue((key, http.Request.Headers.Authorization, body));
            if (Before(http) is { } refused)
                return refused;
            // What an impatient or dying process on the other side meets.
            if (Takes > TimeSpan.Zero)
                await Task.Delay(Takes, TimeProvider.System);
            var text = body.GetRawText();
            if (Sent.GetOrAdd(key, text) != text)
                return Results.Json(new { statusCode = 409, name = "invalid_idempotent_request", message = "Same key, other body." }, statusCode: 409);
            return After(http) ?? Results.Json(new { id = Guid.CreateVersion7() });
        });
        await _app.StartAsync();
        Url = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
            await _app.DisposeAsync();
    }
}
