using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>Somebody signs up with another's address, prepares to come back, and waits for its owner.</summary>
public sealed class TakeoverTests(OAuthApp app) : IClassFixture<OAuthApp>
{
    private const string NewPassword = "tapioca com coco às 8";

    [Fact]
    public async Task Whoever_owns_the_address_comes_by_a_provider_and_is_alone_in_the_account()
    {
        var planted = await Plant();
        var person = Claims.Of(planted.Email);

        var tokens = await new Visitor(app).Enter("casa", person);

        Assert.Equal(planted.UserId, tokens.GetProperty("user").Id());
        Assert.True(tokens.GetProperty("user").GetProperty("emailVerified").GetBoolean());
        Assert.Equal([person.Sub], await Subjects(planted.UserId), StringComparer.Ordinal);
        Assert.Equal(1, await app.Count($"accounts.users where id = {planted.UserId} and password_hash is null and verify_by is null"));
        await RequireShutOut(planted);
        Assert.Equal(1, await app.Count($"platform.audit_log where action = 'AccountTakenOver' and actor_id = {planted.UserId}"));
    }

    [Fact]
    public async Task So_is_whoever_sets_a_new_password_by_a_letter()
    {
        var planted = await Plant();

        await (await app.Reset(await app.Forgot(planted.Email), NewPassword)).Body(HttpStatusCode.NoContent);

        Assert.Empty(await Subjects(planted.UserId));
        await RequireShutOut(planted);
        await (await app.SignIn(planted.Email, NewPassword)).Body();
    }

    [Fact]
    public async Task Whoever_had_proved_the_address_keeps_all_but_their_sessions_when_the_password_is_set_anew()
    {
        var planted = await Plant();
        await app.Execute($"update accounts.users set email_verified = true, verify_by = null where id = {planted.UserId}");

        await (await app.Reset(await app.Forgot(planted.Email), NewPassword)).Body(HttpStatusCode.NoContent);

        Assert.Equal(["planted"], await Subjects(planted.UserId), StringComparer.Ordinal);
        Assert.NotEqual(HttpStatusCode.Unauthorized, (await Keyed(planted.Key)).StatusCode);
        Assert.Equal("second_factor_required", await (await app.SignIn(planted.Email, NewPassword)).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task An_address_that_only_looks_verified_takes_nothing_over()
    {
        var planted = await Plant();
        Assert.Equal("email_not_verified", (await new Visitor(app).SignIn("casa", Claims.Of(planted.Email, isVerified: false))).Error);
        Assert.Equal(["planted"], await Subjects(planted.UserId), StringComparer.Ordinal);
        Assert.NotEqual(HttpStatusCode.Unauthorized, (await Keyed(planted.Key)).StatusCode);
    }

    [Fact]
    public async Task Of_two_owners_who_come_at_once_by_two_providers_both_have_the_account()
    {
        var planted = await Plant();
        var (one, two) = (new Visitor(app), new Visitor(app));
        var ways = (First: await one.At(await one.Begin("casa"), Claims.Of(planted.Email)), Second: await two.At(await two.Begin("casa-es"), Claims.Of(planted.Email)));

        var landed = await Task.WhenAll(one.Return(ways.First), two.Return(ways.Second));

        foreach (var landing in landed)
            Assert.Equal(planted.UserId, (await (await one.Exchange(landing.Code)).Body()).GetProperty("user").Id());
        Assert.Equal(2, (await Subjects(planted.UserId)).Count);
    }

    [Fact]
    public async Task Every_table_that_belongs_to_a_user_is_a_way_in_that_is_closed_or_opens_nothing()
    {
        // What somebody says of themselves, or what says when they were here. Sessions are ended, tokens of letters deleted.
        string[] opensNothing = ["addresses", "last_seen", "mail_tokens", "profiles", "sessions"];
        var closed = app.Services.GetServices<IWayIn>().SelectMany(way => way.Tables).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(new HashSet<string>(["api_keys", "authenticators", "identities", "passkeys", "wallets"], StringComparer.Ordinal), closed);
        Assert.Equal(opensNothing.Concat(closed).Order(StringComparer.Ordinal), await Belonging(), StringComparer.Ordinal);
        await app.WithDb<bool>(async db =>
        {
            await db.Execute(Sql.Raw("create table accounts.back_doors (user_id uuid primary key references accounts.users on delete cascade)"), CancellationToken.None);
            Assert.Contains("back_doors", await Belonging(db), StringComparer.Ordinal);
            throw new UndoneException();
        }).ContinueWith(undone => Assert.IsType<UndoneException>(undone.Exception?.InnerException), TaskScheduler.Default);
    }

    private sealed record Planted(Guid UserId, string Email, string AccessToken, string RefreshToken, string Key, string Change);

    /// <summary>An account with an address that was never proved, and every way back into it.</summary>
    private async Task<Planted> Plant()
    {
        var email = People.NewEmail();
        var registered = await app.Register(email);
        var (id, client) = (registered.GetProperty("user").Id(), app.CreateClient(registered.Text("accessToken")));
        await (await client.Get("/api/v1/users/me")).Body();
        var key = (await (await client.Post("/api/v1/api-keys", new { name = "Volta", scopes = "users:read".Split(' ') })).Body(HttpStatusCode.Created)).Text("key");
        await Keyed(key);
        await (await client.Post("/api/v1/auth/change-email", new { newEmail = "volta@exemplo.test", password = People.Password })).Body(HttpStatusCode.Accepted);
        var change = await app.TokenTo("volta@exemplo.test", "accounts.confirm-address");
        await app.Execute($"insert into accounts.identities (issuer, subject, user_id, provider, created_at, last_used_at) values ({"https://planted.test/" + id}, 'planted', {id}, 'casa', {app.Clock.GetUtcNow()}, {app.Clock.GetUtcNow()})");
        await app.GiveSecondFactor(id);
        await app.Execute($"insert into accounts.wallets (address, user_id, created_at) values (decode(md5({id.ToString()}) || '00112233', 'hex'), {id}, {app.Clock.GetUtcNow()})");
        await app.Execute($"""
            insert into accounts.passkeys (id, user_id, credential_id, public_key, sign_count, transports, is_backup_eligible, is_backed_up, name, created_at)
            values ({Guid.CreateVersion7()}, {id}, {id.ToByteArray()}, {new byte[] { 1 }}, 0, {Array.Empty<string>()}, false, false, 'Volta', {app.Clock.GetUtcNow()})
            """);
        return new(id, email, registered.Text("accessToken"), registered.Text("refreshToken"), key, change);
    }

    private async Task RequireShutOut(Planted planted)
    {
        await (await app.CreateClient(planted.AccessToken).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = planted.RefreshToken })).Refusal(HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Keyed(planted.Key)).StatusCode);
        Assert.Equal("invalid_credentials", await (await app.SignIn(planted.Email)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("invalid_token", await (await app.Verify(planted.Change)).Refusal(HttpStatusCode.BadRequest));
        foreach (var table in new[] { "api_keys", "authenticators", "mail_tokens", "passkeys", "wallets" })
            Assert.Equal(0, await app.Count($"accounts.{Sql.Raw(table)} where user_id = {planted.UserId}"));
        Assert.Equal(0, await app.Count($"accounts.recovery_codes where user_id = {planted.UserId}"));
    }

    private async Task<HttpResponseMessage> Keyed(string key)
    {
        using var client = app.CreateClient();
        return await client.Send(HttpMethod.Get, "/api/v1/users/me", null, ("X-Api-Key", key));
    }

    private Task<List<string>> Subjects(Guid userId) =>
        app.WithDb(db => db.Read($"select subject from accounts.identities where user_id = {userId} order by created_at", row => row.GetString(0), CancellationToken.None));

    private Task<List<string>> Belonging() => app.WithDb(Belonging);

    private static Task<List<string>> Belonging(Db db) => db.Read(Sql.Raw("""
        select distinct t.relname from pg_constraint c join pg_class t on t.oid = c.conrelid
        where c.contype = 'f' and c.confrelid = 'accounts.users'::regclass order by 1
        """), row => row.GetString(0), CancellationToken.None);

    private sealed class UndoneException : Exception;
}
