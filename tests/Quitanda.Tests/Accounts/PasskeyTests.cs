using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

/// <summary>Passkeys as their owners use them, with an authenticator in software.</summary>
public sealed class PasskeyTests(PasskeyTests.App app) : IClassFixture<PasskeyTests.App>
{
    private const string Path = "/api/v1/auth/passkeys";

    [Fact]
    public async Task A_passkey_that_was_added_signs_its_owner_in_without_a_name()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = new SoftAuthenticator();
        var options = await person.Begin();
        var made = await person.Add(authenticator.Create(options), "  Celular da Ana ");
        var passkey = await made.Body(HttpStatusCode.Created);

        Assert.Equal("localhost", options.GetProperty("rp").Text("id"));
        Assert.Equal("Quitanda", options.GetProperty("rp").Text("name"));
        Assert.Equal(person.Email, options.GetProperty("user").Text("name"));
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(person.Email))[..8], options.GetProperty("user").Text("id"), StringComparison.Ordinal);
        Assert.Equal(("required", "required", "none"), (options.GetProperty("authenticatorSelection").Text("residentKey"), options.GetProperty("authenticatorSelection").Text("userVerification"), options.Text("attestation")));
        Assert.Contains(options.GetProperty("pubKeyCredParams").EnumerateArray(), algorithm => algorithm.GetProperty("alg").GetInt32() == -7);
        Assert.Equal(300_000, options.GetProperty("timeout").GetInt32());
        Assert.Equal("Celular da Ana", passkey.Text("name"));
        Assert.Equal(JsonValueKind.Null, passkey.GetProperty("lastUsedAt").ValueKind);
        Assert.Equal(await person.Client.TagOf(made.Headers.Location!.ToString()), made.Tag());

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var asked = await app.BeginPasskeySignIn();
        Assert.Equal(("localhost", "required"), (asked.Text("rpId"), asked.Text("userVerification")));
        Assert.Equal(0, asked.GetProperty("allowCredentials").GetArrayLength());
        var signedIn = await (await app.SignInWith(authenticator.Get(asked))).Body();

        Assert.Equal(person.Id, signedIn.GetProperty("user").Id());
        await (await app.CreateClient(signedIn.Text("accessToken")).Get("/api/v1/users/me")).Body();
        Assert.Equal(app.Clock.GetUtcNow(), (await (await person.Client.Get($"{Path}/{passkey.Id()}")).Body()).GetProperty("lastUsedAt").GetDateTimeOffset());
        await (await app.SignInWith(authenticator)).Body();
    }

    [Fact]
    public async Task It_needs_no_code_where_there_is_a_second_factor_since_it_is_two_by_itself()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        await TotpApp.SetUp(app, person.Client);

        Assert.Equal("second_factor_required", await (await app.SignIn(person.Email)).Refusal(HttpStatusCode.Unauthorized));
        await (await app.SignInWith(authenticator)).Body();
    }

    [Fact]
    public async Task Whoever_was_locked_out_by_wrong_passwords_still_comes_in()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        for (var i = 0; i < 6; i++)
            await app.SignIn(person.Email, "not the password");

        await (await app.SignIn(person.Email)).Refusal(HttpStatusCode.Locked);
        await (await app.SignInWith(authenticator)).Body();
    }

    [Fact]
    public async Task An_authenticator_that_does_not_count_signs_in_again_and_again()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey(new() { SignCount = 0, IsBackupEligible = true, IsBackedUp = true });

        for (var i = 0; i < 3; i++)
            await (await app.SignInWith(authenticator, new() { SignCount = 0, IsBackupEligible = true, IsBackedUp = i != 1 })).Body();
        Assert.True((await Only(person)).GetProperty("isBackedUp").GetBoolean());
    }

    [Fact]
    public async Task Adding_one_takes_the_password_and_a_wrong_one_counts()
    {
        var person = await PasskeyPerson.SignUp(app);

        Assert.Equal("invalid_credentials", await (await person.Client.Post($"{Path}/options", new { })).Refusal(HttpStatusCode.Unauthorized));
        for (var i = 0; i < 4; i++)
            Assert.Equal("invalid_credentials", await (await person.Client.Post($"{Path}/options", new { password = "not the password" })).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("account_locked", await (await person.Client.Post($"{Path}/options", new { password = People.Password })).Refusal(HttpStatusCode.Locked));
        Assert.Equal("account_locked", await (await app.SignIn(person.Email)).Refusal(HttpStatusCode.Locked));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.passkey_challenges c join accounts.sessions s on s.id = c.session_id where s.user_id = {person.Id}"));
    }

    [Fact]
    public async Task Where_there_is_no_password_a_session_of_the_last_minutes_stands_for_it()
    {
        var (user, fresh) = await app.InsertWithoutPassword(TimeSpan.FromMinutes(9));
        var (_, stale) = await app.InsertWithoutPassword(TimeSpan.FromMinutes(11));
        using var authenticator = new SoftAuthenticator();

        Assert.Equal("sign_in_again", await (await stale.Post($"{Path}/options", new { })).Refusal(HttpStatusCode.Forbidden));
        var options = await (await fresh.Post($"{Path}/options", new { })).Body();
        await (await fresh.Post(Path, new { credential = authenticator.Create(options) })).Body(HttpStatusCode.Created);
        Assert.Equal(user.Id, (await (await app.SignInWith(authenticator)).Body()).GetProperty("user").Id());
    }

    [Fact]
    public async Task One_lists_shows_and_removes_ones_own_and_what_is_removed_signs_nobody_in()
    {
        var (person, stranger) = (await PasskeyPerson.SignUp(app), await PasskeyPerson.SignUp(app));
        using var authenticator = await person.NewPasskey();
        var passkey = await Only(person);
        var path = $"{Path}/{passkey.Id()}";

        Assert.Equal("Passkey", passkey.Text("name"));
        Assert.Equal("""["internal","hybrid"]""", passkey.GetProperty("transports").GetRawText());
        Assert.Equal(0, (await (await stranger.Client.Get(Path)).Body()).GetProperty("data").GetArrayLength());
        Assert.Equal("not_found", await (await stranger.Client.Get(path)).Refusal(HttpStatusCode.NotFound));
        Assert.Equal("not_found", await (await stranger.Client.Send(HttpMethod.Delete, path)).Refusal(HttpStatusCode.NotFound));
        var tag = await person.Client.TagOf(path);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.SignInWith(authenticator)).Body();
        Assert.Equal("precondition_failed", await (await person.Client.SendIf(HttpMethod.Delete, path, tag)).Refusal(HttpStatusCode.PreconditionFailed));

        await (await person.Client.SendIf(HttpMethod.Delete, path, await person.Client.TagOf(path))).Body(HttpStatusCode.NoContent);

        Assert.Equal("invalid_credentials", await (await app.SignInWith(authenticator)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("not_found", await (await person.Client.Send(HttpMethod.Delete, path)).Refusal(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task The_options_exclude_what_is_there_and_there_are_twenty_at_the_most()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        var excluded = (await person.Begin()).GetProperty("excludeCredentials").EnumerateArray().ToArray();
        Assert.Equal(System.Buffers.Text.Base64Url.EncodeToString(authenticator.CredentialId), Assert.Single(excluded).Text("id"));

        for (var i = 0; i < 18; i++)
            await app.InsertPasskey(person.Id);
        // Two sessions that both begin before either has added the twentieth.
        var elsewhere = await person.Elsewhere();
        using SoftAuthenticator one = new(), other = new();
        var (here, there) = (one.Create(await person.Begin()), other.Create(await elsewhere.Begin()));
        var answers = await Task.WhenAll(person.Add(here), elsewhere.Add(there));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal("too_many_passkeys", await answers.Single(answer => answer.StatusCode != HttpStatusCode.Created).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("too_many_passkeys", await (await person.Client.Post($"{Path}/options", new { password = People.Password })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(20, await app.Scalar<long>($"select count(*) from accounts.passkeys where user_id = {person.Id}"));
    }

    [Fact]
    public async Task Whoever_is_deactivated_does_not_come_in()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        await (await app.As(await app.Insert(Roles.Admin)).Post($"/api/v1/users/{person.Id}/deactivate")).Body();

        Assert.Equal("invalid_credentials", await (await app.SignInWith(authenticator)).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task It_is_told_to_its_owner_goes_with_them_and_keeps_their_account_till_then()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        Assert.True(await Keeps(person.Id));
        Assert.False(await Keeps((await PasskeyPerson.SignUp(app)).Id));

        var exported = (await (await person.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("passkeys");
        Assert.Equal("Passkey", exported[0].Text("name"));
        await person.Begin();
        await (await person.Client.Send(HttpMethod.Delete, "/api/v1/users/me")).Body(HttpStatusCode.NoContent);

        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.passkeys where user_id = {person.Id}"));
        Assert.Equal("invalid_credentials", await (await app.SignInWith(authenticator)).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task What_happens_to_it_is_in_the_audit_log()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.SignInWith(authenticator)).Body();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.SignInWith(authenticator, new() { Altering = data => data[^1] ^= 1 })).Refusal(HttpStatusCode.Unauthorized);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await person.Client.Send(HttpMethod.Delete, $"{Path}/{(await Only(person)).Id()}")).Body(HttpStatusCode.NoContent);

        var rows = (await (await app.As(await app.Insert(Roles.Admin)).Get($"/api/v1/audit-log?person={person.Id}")).Body()).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(["PasskeyRemoved", "PasskeyRefused", "SignedIn", "PasskeyAdded"], rows.Select(row => row.Text("action")).Where(action => action != "UserRegistered"), StringComparer.Ordinal);
        Assert.Equal("passkey", rows.Single(row => row.Text("action") == "SignedIn").GetProperty("details").Text("way"));
    }

    [Fact]
    public async Task Challenges_that_nobody_answered_are_deleted_in_time()
    {
        var person = await PasskeyPerson.SignUp(app);
        await person.Begin();
        await app.BeginPasskeySignIn();
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        var open = await app.BeginPasskeySignIn();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await app.InScope(async provider =>
        {
            await provider.GetServices<ForgetExpired>().Single().Handle(new(app.Clock.GetUtcNow()), CancellationToken.None);
            return true;
        });

        Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.passkey_challenges"));
        Assert.NotEmpty(open.Text("challenge"));
    }

    [Fact]
    public async Task No_challenge_is_readable_in_the_database()
    {
        var person = await PasskeyPerson.SignUp(app);
        foreach (var options in (JsonElement[])[await person.Begin(), await app.BeginPasskeySignIn()])
        {
            var challenge = System.Buffers.Text.Base64Url.DecodeFromChars(options.Text("challenge"));
            Assert.Equal(32, challenge.Length);
            Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.passkey_challenges where hash = sha256({challenge})"));
            foreach (var written in (byte[][])[challenge, System.Text.Encoding.UTF8.GetBytes(options.Text("challenge")), System.Text.Encoding.UTF8.GetBytes(Convert.ToBase64String(challenge))])
                Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.passkey_challenges where position({written} in state) > 0 or position({written} in hash) > 0"));
        }
    }

    private async Task<JsonElement> Only(PasskeyPerson person) => Assert.Single((await (await person.Client.Get(Path)).Body()).GetProperty("data").EnumerateArray().ToArray());

    private Task<bool> Keeps(Guid userId) => app.InScope(async provider =>
    {
        foreach (var keeper in provider.GetServices<IKeepsAccounts>())
            if (await keeper.Keeps(provider.GetRequiredService<Db>(), userId, CancellationToken.None))
                return true;
        return false;
    });

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Configuration["Accounts:AccessTokenSeconds"] = "3600";
        }
    }
}
