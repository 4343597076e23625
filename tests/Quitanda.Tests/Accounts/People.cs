using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

/// <summary>Who the tests of accounts are about, and how they read answers.</summary>
internal static class People
{
    public const string Password = "pão de queijo às 7";

    private static int _number;

    public static string NewEmail() => $"pessoa{Interlocked.Increment(ref _number)}@exemplo.test";

    /// <summary>A user who is simply there, without a password.</summary>
    public static async Task<User> Insert(this QuitandaApp app, Roles roles = Roles.Customer, bool isActive = true)
    {
        var user = new User { Email = NewEmail(), Name = "Pessoa", Roles = roles, IsActive = isActive, CreatedAt = app.Clock.GetUtcNow() };
        return await app.WithDb(db =>
        {
            db.Add(user);
            return Task.FromResult(user);
        });
    }

    /// <summary>A session that is simply there, without a token.</summary>
    public static async Task<Guid> InsertSession(this QuitandaApp app, User user)
    {
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.Execute($"insert into accounts.sessions (id, user_id, device, created_at, last_seen_at, expires_at) values ({id}, {user.Id}, 'Navegador', {now}, {now}, {now.AddDays(7)})");
        return id;
    }

    /// <summary>A passkey that is simply there, and opens nothing.</summary>
    public static async Task<Guid> InsertPasskey(this QuitandaApp app, Guid userId)
    {
        var id = Guid.CreateVersion7();
        await app.Execute($"""
            insert into accounts.passkeys (id, user_id, credential_id, public_key, sign_count, transports, is_backup_eligible, is_backed_up, name, created_at)
            values ({id}, {userId}, {id.ToByteArray()}, {id.ToByteArray()}, 0, array['internal'], false, false, 'Celular', {app.Clock.GetUtcNow()})
            """);
        return id;
    }

    public static string TokenOf(this QuitandaApp app, User user) => app.Services.GetRequiredService<AccessTokens>().Issue(user.Id, Guid.CreateVersion7(), user.Version);

    /// <summary>A client of somebody who has no password, and signed in some time ago.</summary>
    public static async Task<(User User, HttpClient Client)> InsertWithoutPassword(this QuitandaApp app, TimeSpan ago)
    {
        var user = await app.Insert();
        var session = await app.InsertSession(user);
        await app.Execute($"update accounts.sessions set created_at = created_at - {ago} where id = {session}");
        return (user, app.CreateClient(app.Services.GetRequiredService<AccessTokens>().Issue(user.Id, session, user.Version)));
    }

    public static HttpClient As(this QuitandaApp app, User user) => app.CreateClient(app.TokenOf(user));

    /// <summary>Signs up through the front door.</summary>
    public static async Task<JsonElement> Register(this QuitandaApp app, string? email = null) =>
        await (await app.Guest.Post("/api/v1/auth/register", new { name = "Ana Souza", email = email ?? NewEmail(), password = Password })).Body(HttpStatusCode.Created);

    public static Task<HttpResponseMessage> SignIn(this QuitandaApp app, string email, string password = Password) =>
        app.Guest.Post("/api/v1/auth/login", new { email, password });

    public static Task<HttpResponseMessage> Post(this HttpClient client, string path, object? body = null) => client.Send(HttpMethod.Post, path, body);

    public static Task<HttpResponseMessage> Send(this HttpClient client, HttpMethod method, string path, object? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = body is string text ? new StringContent(text, System.Text.Encoding.UTF8, "application/json") : JsonContent.Create(body);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static Task<HttpResponseMessage> Get(this HttpClient client, string path) => client.Send(HttpMethod.Get, path);

    /// <summary>The body of an answer that must have this status.</summary>
    public static async Task<JsonElement> Body(this HttpResponseMessage response, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == expected, $"{(int)response.StatusCode} instead of {(int)expected}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement.Clone();
    }

    /// <summary>The code of a problem that must have this status.</summary>
    public static async Task<string> Refusal(this HttpResponseMessage response, HttpStatusCode expected)
    {
        var problem = await response.Body(expected);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return problem.GetProperty("code").GetString()!;
    }

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static Guid Id(this JsonElement element) => element.GetProperty("id").GetGuid();

    /// <summary>The body that gives roles.</summary>
    public static object Holding(params string[] roles) => new { roles };

    /// <summary>One value out of the database.</summary>
    public static Task<T?> Scalar<T>(this QuitandaApp app, Sql sql) => app.WithDb(db => db.ReadFirst(sql, reader => reader.GetFieldValue<T>(0), CancellationToken.None));

    public static Task<int> Execute(this QuitandaApp app, Sql sql) => app.WithDb(db => db.Execute(sql, CancellationToken.None));
}
