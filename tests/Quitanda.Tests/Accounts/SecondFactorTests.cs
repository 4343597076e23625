using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

/// <summary>Codes of an authenticator and recovery codes at sign-in: each is good once, and guessing them is bounded as guessing passwords is.</summary>
public sealed class SecondFactorTests(SecondFactorTests.App app) : IClassFixture<SecondFactorTests.App>
{
    private const int AtOnce = 100;

    [Fact]
    public async Task Until_its_first_code_is_confirmed_an_authenticator_is_asked_for_nowhere()
    {
        var email = People.NewEmail();
        var client = app.CreateClient((await app.Register(email)).Text("accessToken"));
        await (await client.Post("/api/v1/auth/totp")).Body();
        var begun = await (await client.Post("/api/v1/auth/totp")).Body();
        var secret = Decode(begun.Text("secret"));

        Assert.Equal(20, secret.Length);
        Assert.Equal($"otpauth://totp/Quitanda:{Uri.EscapeDataString(email)}?secret={begun.Text("secret")}&issuer=Quitanda&algorithm=SHA1&digits=6&period=30", begun.Text("otpauthUri"));
        Assert.StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=", begun.Text("qrSvg"), StringComparison.Ordinal);
        await (await app.SignIn(email)).Body();
        Assert.Equal("wrong_code", await (await client.Post("/api/v1/auth/totp/confirm", new { code = Wrong(secret) })).Refusal(HttpStatusCode.Conflict));
        await (await app.SignIn(email)).Body();

        var codes = (await (await client.Post("/api/v1/auth/totp/confirm", new { code = Code(secret) })).Body()).GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!).ToArray();

        Assert.Equal(10, codes.Distinct(StringComparer.Ordinal).Count());
        Assert.All(codes, code => Assert.Matches("^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$", code));
        Assert.Equal("second_factor_required", await (await app.SignIn(email)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("second_factor_active", await (await client.Post("/api/v1/auth/totp")).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("no_second_factor", await (await client.Post("/api/v1/auth/totp/confirm", new { code = Code(secret) })).Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_code_is_good_once_and_within_one_step_of_the_clock()
    {
        var person = await Somebody();

        // The one that confirmed is taken already.
        Assert.Equal("invalid_credentials", await Refused(person, Code(person.Secret)));
        app.Clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal("invalid_credentials", await Refused(person, Code(person.Secret, -2)));
        Assert.Equal("invalid_credentials", await Refused(person, Code(person.Secret, 2)));
        await (await SignIn(person, Code(person.Secret, -1))).Body();
        await (await SignIn(person, Code(person.Secret))).Body();
        Assert.Equal("invalid_credentials", await Refused(person, Code(person.Secret)));
        await (await SignIn(person, Code(person.Secret, 1).Insert(3, " "))).Body();
        // Older than the last one taken.
        Assert.Equal("invalid_credentials", await Refused(person, Code(person.Secret)));
    }

    [Fact]
    public async Task Of_a_hundred_sign_ins_at_once_with_one_code_one_succeeds()
    {
        var person = await Somebody();
        app.Clock.Advance(TimeSpan.FromSeconds(30));

        foreach (var code in (string[])[Code(person.Secret), person.RecoveryCodes[0]])
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => SignIn(person, code)));

            Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
            Assert.Equal(AtOnce - 1, answers.Count(answer => answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Locked));
            app.Clock.Advance(TimeSpan.FromMinutes(16));
        }
    }

    [Fact]
    public async Task Of_a_hundred_transactions_at_once_one_takes_a_code()
    {
        var person = await Somebody();
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        var secret = await app.Scalar<byte[]>($"select secret from accounts.authenticators where user_id = {person.Id}");

        // Without the count of failures before it, which would let no more than a few come this far.
        foreach (var code in (string[])[Code(person.Secret), person.RecoveryCodes[0]])
        {
            var taken = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => app.InScope(provider =>
                provider.GetRequiredService<SecondFactor>().Take(provider.GetRequiredService<Db>(), person.Id, secret!, code, app.Clock.GetUtcNow(), CancellationToken.None))));
            Assert.Single(taken, isTaken => isTaken);
        }
    }

    [Fact]
    public async Task Wrong_codes_count_as_failures_and_a_missing_one_neither_counts_nor_forgives()
    {
        var person = await Somebody();
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("invalid_credentials", await Refused(person, i % 2 == 0 ? Wrong(person.Secret) : "aaaa-bbbb-cccc-dddd"));
            Assert.Equal("second_factor_required", await Refused(person, null));
        }

        Assert.Equal("invalid_credentials", await (await app.SignIn(person.Email, "not the password")).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("account_locked", await (await SignIn(person, Code(person.Secret))).Refusal(HttpStatusCode.Locked));
        Assert.Equal("account_locked", await (await SignIn(person, null)).Refusal(HttpStatusCode.Locked));
        Assert.Equal("account_locked", await (await person.Client.Post("/api/v1/auth/totp/disable", new { code = Code(person.Secret) })).Refusal(HttpStatusCode.Locked));

        app.Clock.Advance(TimeSpan.FromMinutes(15));
        await (await SignIn(person, Code(person.Secret))).Body();
    }

    [Fact]
    public async Task Of_thirty_codes_at_once_no_more_than_five_are_tried()
    {
        var person = await Somebody();
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SignIn(person, Wrong(person.Secret))));

        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal(25, answers.Count(answer => answer.StatusCode == HttpStatusCode.Locked));
    }

    [Fact]
    public async Task A_code_without_the_password_is_worth_nothing_and_stays_good()
    {
        var person = await Somebody();
        app.Clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal("invalid_credentials", await (await app.Guest.Post("/api/v1/auth/login", new { email = person.Email, password = "not the password", code = Code(person.Secret) })).Refusal(HttpStatusCode.Unauthorized));
        await (await SignIn(person, Code(person.Secret))).Body();
        // And whoever has no second factor may send one: clients do not know.
        var other = People.NewEmail();
        await app.Register(other);
        await (await app.Guest.Post("/api/v1/auth/login", new { email = other, password = People.Password, code = "123456" })).Body();
        Assert.Equal("validation_failed", await (await app.Guest.Post("/api/v1/auth/login", new { email = other, password = People.Password, code = "%" })).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_recovery_code_is_good_once_however_it_is_typed()
    {
        var person = await Somebody();

        await (await SignIn(person, person.RecoveryCodes[0])).Body();
        Assert.Equal("invalid_credentials", await Refused(person, person.RecoveryCodes[0]));
        await (await SignIn(person, person.RecoveryCodes[1].ToUpperInvariant().Replace('-', ' '))).Body();
        var stranger = await Somebody();
        Assert.Equal("invalid_credentials", await Refused(stranger, person.RecoveryCodes[2]));
        Assert.Equal(8, await app.Scalar<long>($"select count(*) from accounts.recovery_codes where user_id = {person.Id}"));
    }

    [Fact]
    public async Task It_is_taken_away_by_a_code_and_its_recovery_codes_go_with_it()
    {
        var person = await Somebody();
        Assert.Equal("wrong_code", await (await person.Client.Post("/api/v1/auth/totp/disable", new { code = Wrong(person.Secret) })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("second_factor_required", await Refused(person, null));

        await (await person.Client.Post("/api/v1/auth/totp/disable", new { code = person.RecoveryCodes[0] })).Body(HttpStatusCode.NoContent);

        await (await app.SignIn(person.Email)).Body();
        Assert.Equal("no_second_factor", await (await person.Client.Post("/api/v1/auth/totp/disable", new { code = person.RecoveryCodes[1] })).Refusal(HttpStatusCode.Conflict));
        await Enable(person.Client);
        Assert.Equal("invalid_credentials", await Refused(person, person.RecoveryCodes[1]));
    }

    [Fact]
    public async Task Nothing_that_opens_an_account_is_readable_in_the_database()
    {
        var person = await Somebody();
        var row = await app.Scalar<byte[]>($"select secret from accounts.authenticators where user_id = {person.Id}");

        Assert.Equal(-1, row.AsSpan().IndexOf(person.Secret));
        var plain = person.RecoveryCodes[0].Replace("-", "", StringComparison.Ordinal);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.recovery_codes where user_id = {person.Id} and (position({System.Text.Encoding.UTF8.GetBytes(plain)} in hash) > 0 or hash = sha256({System.Text.Encoding.UTF8.GetBytes(plain)}))"));
        // Nor in the answer that an idempotency key would give again.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/totp");
        request.Headers.Add("Idempotency-Key", "segredo");
        var other = app.CreateClient((await app.Register()).Text("accessToken"));
        var secret = (await (await other.SendAsync(request, TestContext.Current.CancellationToken)).Body()).Text("secret");
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.idempotency_keys where position({System.Text.Encoding.UTF8.GetBytes(secret)} in body) > 0"));
    }

    [Fact]
    public async Task What_happens_to_it_is_in_the_audit_log()
    {
        var person = await Somebody();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Refused(person, Wrong(person.Secret));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await person.Client.Post("/api/v1/auth/totp/disable", new { code = Wrong(person.Secret) })).Refusal(HttpStatusCode.Conflict);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await person.Client.Post("/api/v1/auth/totp/disable", new { code = person.RecoveryCodes[0] })).Body(HttpStatusCode.NoContent);

        var rows = (await (await app.As(await app.Insert(Roles.Admin)).Get($"/api/v1/audit-log?person={person.Id}")).Body()).GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(["RecoveryCodeUsed", "SecondFactorDisabled"], rows[..2].Select(row => row.Text("action")).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(["SecondFactorFailed", "SignInFailed"], rows[2..4].Select(row => row.Text("action")), StringComparer.Ordinal);
        Assert.Equal("second", rows[3].GetProperty("details").Text("factor"));
        Assert.Contains(rows, row => row.Text("action") == "SecondFactorEnabled");
    }

    [Fact]
    public async Task It_goes_with_its_person_and_is_told_to_them_before()
    {
        var person = await Somebody();
        var told = await app.InScope(async provider => await Held(provider).Export(provider.GetRequiredService<Db>(), person.Id, CancellationToken.None).ToListAsync(TestContext.Current.CancellationToken));

        Assert.Contains("\"recoveryCodesLeft\":10", JsonSerializer.Serialize(Assert.Single(told), Wire.Json), StringComparison.Ordinal);
        await (await person.Client.Send(HttpMethod.Delete, "/api/v1/users/me")).Body(HttpStatusCode.NoContent);
        Assert.Equal(0, await app.Scalar<long>($"select (select count(*) from accounts.authenticators where user_id = {person.Id}) + (select count(*) from accounts.recovery_codes where user_id = {person.Id})"));

        static IPersonalData Held(IServiceProvider provider) => provider.GetServices<IPersonalData>().Single(held => held.Name == "secondFactor");
    }

    private sealed record Person(Guid Id, string Email, HttpClient Client, byte[] Secret, string[] RecoveryCodes);

    /// <summary>Somebody whose authenticator is confirmed, by the code of the step that is now.</summary>
    private async Task<Person> Somebody()
    {
        var email = People.NewEmail();
        var registered = await app.Register(email);
        var client = app.CreateClient(registered.Text("accessToken"));
        var (secret, codes) = await Enable(client);
        return new(registered.GetProperty("user").Id(), email, client, secret, codes);
    }

    private async Task<(byte[] Secret, string[] RecoveryCodes)> Enable(HttpClient client)
    {
        var secret = Decode((await (await client.Post("/api/v1/auth/totp")).Body()).Text("secret"));
        var confirmed = await (await client.Post("/api/v1/auth/totp/confirm", new { code = Code(secret) })).Body();
        return (secret, [.. confirmed.GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!)]);
    }

    private Task<HttpResponseMessage> SignIn(Person person, string? code) => app.Guest.Post("/api/v1/auth/login", new { email = person.Email, password = People.Password, code });

    private async Task<string> Refused(Person person, string? code) => await (await SignIn(person, code)).Refusal(HttpStatusCode.Unauthorized);

    private string Code(byte[] secret, int off = 0) => Totp.Code(secret, Totp.StepAt(app.Clock.GetUtcNow()) + off);

    /// <summary>Six digits that are no code of now.</summary>
    private string Wrong(byte[] secret)
    {
        var good = Enumerable.Range(-1, 3).Select(off => Code(secret, off)).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(0, 4).Select(number => $"00000{number}").First(code => !good.Contains(code));
    }

    private static byte[] Decode(string base32)
    {
        const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var bits = string.Concat(base32.Select(letter => Convert.ToString(Letters.IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => Convert.ToByte(new string(eight), 2))];
    }

    public sealed class App(TestPostgres postgres) : QuitandaApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            // The codes move the clock, and what was shown at the beginning must still do.
            builder.Configuration["Accounts:AccessTokenSeconds"] = "3600";
        }
    }
}
