using System.Net;
using System.Text.Json;
using Quitanda.Platform;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Accounts;

/// <summary>Where somebody is signed in, and that what has ended is over: here at once, everywhere within a minute.</summary>
public sealed class OwnSessionsTests(OwnSessionsTests.App app) : IClassFixture<OwnSessionsTests.App>
{
    private const string Sessions = "/api/v1/auth/sessions";

    /// <summary>Less than a minute, and as long as a process may remember.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task One_sees_where_one_is_signed_in_and_which_of_them_this_is()
    {
        var email = People.NewEmail();
        await app.Register(email);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var phone = app.CreateClient();
        phone.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", "Telefone");
        var there = await (await phone.Post("/api/v1/auth/login", new { email, password = People.Password })).Body();
        var client = app.CreateClient(there.Text("accessToken"));

        var listed = (await (await client.Get(Sessions)).Body()).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["Telefone", ""], listed.Select(session => session.Text("device")), StringComparer.Ordinal);
        Assert.Equal([true, false], listed.Select(session => session.GetProperty("isCurrent").GetBoolean()));
        Assert.Equal(listed[1].GetRawText(), (await (await client.Get($"{Sessions}/{listed[1].Id()}")).Body()).GetRawText());
        Assert.DoesNotContain("hash", listed[0].GetRawText(), StringComparison.OrdinalIgnoreCase);

        // Refreshing is being seen.
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = there.Text("refreshToken") });
        Assert.Equal(app.Clock.GetUtcNow(), (await (await client.Get($"{Sessions}/{listed[0].Id()}")).Body()).GetProperty("lastSeenAt").GetDateTimeOffset());
        app.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(5));
        var later = app.CreateClient((await (await app.SignIn(email)).Body()).Text("accessToken"));
        Assert.Equal(2, (await (await later.Get(Sessions)).Body()).GetProperty("data").GetArrayLength());
    }

    [Fact]
    public async Task Ending_one_ends_its_tokens_at_once_and_no_others()
    {
        var email = People.NewEmail();
        var (here, there, stranger) = (await app.Register(email), await (await app.SignIn(email)).Body(), await app.Register());
        var (client, lost) = (app.CreateClient(here.Text("accessToken")), app.CreateClient(there.Text("accessToken")));
        var id = await SessionOf(lost);
        await (await lost.Get("/api/v1/users/me")).Body();

        foreach (var other in (HttpClient[])[app.CreateClient(stranger.Text("accessToken")), app.As(await app.Insert(Roles.Admin))])
            Assert.Equal("not_found", await (await other.Delete($"{Sessions}/{id}")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete($"{Sessions}/{id}")).StatusCode);

        Assert.Equal("unauthenticated", await (await lost.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
        await (await Refresh(there)).Refusal(HttpStatusCode.Unauthorized);
        Assert.Equal("not_found", await (await client.Delete($"{Sessions}/{id}")).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await client.Get($"{Sessions}/{id}")).Refusal(HttpStatusCode.NotFound));
        await (await client.Get("/api/v1/users/me")).Body();
        await (await Refresh(here)).Body();
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from platform.audit_log where action = 'SessionEnded' and resource_id = {id.ToString()}"));
        // One's own, too: that is signing out without the refresh token.
        Assert.Equal(HttpStatusCode.NoContent, (await client.Delete($"{Sessions}/{await SessionOf(client)}")).StatusCode);
        await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Signing_out_and_a_stolen_refresh_token_end_the_access_tokens_of_that_session_too()
    {
        var email = People.NewEmail();
        var (left, stolen, stays) = (await app.Register(email), await (await app.SignIn(email)).Body(), await (await app.SignIn(email)).Body());
        foreach (var signedIn in (JsonElement[])[left, stolen, stays])
            await (await Call(signedIn)).Body();

        await (await app.Guest.Post("/api/v1/auth/logout", new { refreshToken = left.Text("refreshToken") })).Body(HttpStatusCode.NoContent);
        await (await Refresh(stolen)).Body();
        await (await Refresh(stolen)).Refusal(HttpStatusCode.Unauthorized);

        await (await Call(left)).Refusal(HttpStatusCode.Unauthorized);
        await (await Call(stolen)).Refusal(HttpStatusCode.Unauthorized);
        await (await Call(stays)).Body();
    }

    [Fact]
    public async Task A_process_that_was_not_there_when_a_session_ended_knows_of_it()
    {
        var signedIn = await app.Register();
        await (await app.Guest.Post("/api/v1/auth/logout", new { refreshToken = signedIn.Text("refreshToken") })).Body(HttpStatusCode.NoContent);
        app.Clock.Advance(TimeSpan.FromSeconds(899));
        await using var other = await app.StartBeside();

        await (await other.ClientFor(app.CreateClient(signedIn.Text("accessToken"))).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("sign-out")]
    [InlineData("everywhere")]
    [InlineData("role")]
    [InlineData("deactivation")]
    [InlineData("password")]
    [InlineData("erasure")]
    [InlineData("erasure-by-admin")]
    public async Task Access_that_was_ended_is_over_on_both_of_two_processes_within_a_minute(string how)
    {
        await using var other = await app.StartBeside();
        var admin = app.As(await app.Insert(Roles.Admin));
        var (signedIn, stranger) = (await app.Register(), await app.Register());
        var id = signedIn.GetProperty("user").Id();
        var (here, strangerHere) = (app.CreateClient(signedIn.Text("accessToken")), app.CreateClient(stranger.Text("accessToken")));
        var (there, strangerThere) = (other.ClientFor(here), other.ClientFor(strangerHere));
        foreach (var client in (HttpClient[])[here, there, strangerHere, strangerThere])
            await (await client.Get("/api/v1/users/me")).Body();

        var ended = how switch
        {
            "session" => await here.Delete($"{Sessions}/{await SessionOf(here)}"),
            "sign-out" => await app.Guest.Post("/api/v1/auth/logout", new { refreshToken = signedIn.Text("refreshToken") }),
            "everywhere" => await here.Post("/api/v1/auth/logout-all"),
            "role" => await admin.Send(HttpMethod.Put, $"/api/v1/users/{id}/roles", People.Holding("staff")),
            "deactivation" => await admin.Post($"/api/v1/users/{id}/deactivate"),
            "erasure" => await here.Delete("/api/v1/users/me"),
            "erasure-by-admin" => await admin.Delete($"/api/v1/users/{id}"),
            // What every change of a password does, whichever route makes it: the version goes up. Nobody is told here, so the time alone must do.
            _ => await Changed(id),
        };
        Assert.True(ended.IsSuccessStatusCode, ended.StatusCode.ToString());
        if (how != "password")
            await (await here.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        app.Clock.Advance(Soon);

        await (await here.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await there.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await strangerHere.Get("/api/v1/users/me")).Body();
        await (await strangerThere.Get("/api/v1/users/me")).Body();
    }

    private static async Task<Guid> SessionOf(HttpClient client) =>
        (await (await client.Get(Sessions)).Body()).GetProperty("data").EnumerateArray().Single(session => session.GetProperty("isCurrent").GetBoolean()).Id();

    private async Task<HttpResponseMessage> Changed(Guid id)
    {
        await app.Execute($"update accounts.users set version = version + 1 where id = {id}");
        return new(HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> Call(JsonElement signedIn) => app.CreateClient(signedIn.Text("accessToken")).Get("/api/v1/users/me");

    private Task<HttpResponseMessage> Refresh(JsonElement signedIn) => app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = signedIn.Text("refreshToken") });

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres);
}
