using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Quitanda.Accounts.Letters;
using Quitanda.Platform.Mails;

namespace Quitanda.Tests.Accounts;

/// <summary>That owners hear of what changed about how their account is opened.</summary>
public sealed class SecurityNoticeTests(SecurityNoticeTests.App app) : IClassFixture<SecurityNoticeTests.App>
{
    private const string Notice = "accounts.security-notice";
    private static readonly string[] Scopes = ["orders:read"];

    [Fact]
    public async Task A_passkey_that_is_added_or_removed_is_told()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = new SoftAuthenticator();
        var added = await (await person.Add(authenticator.Create(await person.Begin(), new() { Origin = "https://loja.exemplo.test" }), "Celular da Ana")).Body(HttpStatusCode.Created);
        Assert.Matches("passkey\\) foi adicionada[^:]*: Celular da Ana\\.", Assert.Single(await Notices(person)));

        await (await person.Client.Send(HttpMethod.Delete, $"/api/v1/auth/passkeys/{added.Id()}")).Body(HttpStatusCode.NoContent);
        Assert.Matches("passkey\\) foi removida[^:]*: Celular da Ana\\.", (await Notices(person))[0]);
    }

    [Fact]
    public async Task A_second_factor_that_goes_on_or_off_is_told_and_so_are_its_codes()
    {
        var person = await PasskeyPerson.SignUp(app);
        var totp = await TotpApp.SetUp(app, person.Client);
        Assert.Contains("foi ativada", Assert.Single(await Notices(person)), StringComparison.Ordinal);

        for (var used = 0; used < 8; used++)
        {
            Assert.Single(await Notices(person));
            await (await app.Guest.Post("/api/v1/auth/login", new { email = person.Email, password = People.Password, code = totp.RecoveryCodes[used] })).Body();
        }

        Assert.Matches("ainda restam: 2\\.", (await Notices(person))[0]);
        // With one of the two left, all are made anew: of those that were few nobody need hear.
        await (await person.Client.Post("/api/v1/auth/totp/recovery-codes", new { code = totp.RecoveryCodes[8] })).Body();
        var notices = await Notices(person);
        Assert.Equal(3, notices.Count);
        Assert.Contains("Novos códigos de recuperação", notices[0], StringComparison.Ordinal);

        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await (await person.Client.Post("/api/v1/auth/totp/disable", new { code = totp.Code() })).Body(HttpStatusCode.NoContent);
        Assert.Contains("foi desativada", (await Notices(person))[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_api_key_that_is_made_or_revoked_is_told_and_the_key_is_not()
    {
        var person = await PasskeyPerson.SignUp(app);
        var made = await (await person.Client.Post("/api/v1/api-keys", new { name = "Caixa", scopes = Scopes })).Body(HttpStatusCode.Created);
        var told = Assert.Single(await Notices(person));
        Assert.Matches("foi criada[^:]*: Caixa\\.", told);
        Assert.DoesNotContain(made.Text("key")[..11], told, StringComparison.Ordinal);

        await (await person.Client.Send(HttpMethod.Delete, $"/api/v1/api-keys/{made.Id()}")).Body(HttpStatusCode.NoContent);
        Assert.Matches("foi revogada[^:]*: Caixa\\.", (await Notices(person))[0]);
    }

    [Fact]
    public async Task What_was_refused_is_told_to_nobody_and_whoever_has_no_address_is_written_to_by_nobody()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = new SoftAuthenticator();
        await (await person.Add(authenticator.Create(await person.Begin()))).Refusal(HttpStatusCode.BadRequest);
        Assert.Empty(await Notices(person));

        var (user, client) = await app.InsertWithoutPassword(TimeSpan.Zero);
        await app.Execute($"update accounts.users set email = null where id = {user.Id}");
        await (await client.Post("/api/v1/api-keys", new { name = "Caixa", scopes = Scopes })).Body(HttpStatusCode.Created);
        await app.RunJobs();
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.mailbox where template = {Notice} and text_body like '%Pessoa%'"));
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'platform.send-mail'"));
    }

    [Fact]
    public void It_says_one_thing_at_a_time_in_either_language()
    {
        SecurityNotice[] all =
        [
            new() { PasskeyAdded = "x" }, new() { PasskeyRemoved = "x" }, new() { SecondFactorEnabled = true }, new() { SecondFactorDisabled = true }, new() { RecoveryCodesRenewed = true },
            new() { RecoveryCodesLeft = 0 }, new() { ApiKeyCreated = "x" }, new() { ApiKeyRevoked = "x" }, new() { WayLinked = "x" },
        ];
        Assert.Equal(typeof(SecurityNotice).GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance).Length, all.Length);
        foreach (var language in (Language[])[Language.Portuguese, Language.English])
        {
            var text = LetterKind.Of<SecurityNotice>().In(language);
            var said = all.Select(notice => string.Join('\n', text.Body(new Filling(notice, "Vai Coxinha", "Ana", TimeZoneInfo.Utc)).SelectMany(line => line.Parts))).ToArray();
            Assert.Equal(all.Length, said.Distinct(StringComparer.Ordinal).Count());
            // The heading, the greeting, what happened, and what to do.
            Assert.All(said, body => Assert.Equal(4, Regex.Count(body, "^\\S.*$", RegexOptions.Multiline, Eventually.Patience)));
        }
    }

    /// <summary>Notices to somebody, the newest first.</summary>
    private async Task<List<string>> Notices(PasskeyPerson person) => [.. (await app.LettersTo(person.Email)).Where(letter => letter.Template == Notice).Select(letter => letter.Text.ReplaceLineEndings(" "))];

    public sealed class App(TestPostgres postgres) : LettersApp(postgres)
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Accounts:AccessTokenSeconds"] = "3600";
        }
    }
}
