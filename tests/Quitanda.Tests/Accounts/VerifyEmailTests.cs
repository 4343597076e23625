using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Sessions;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

public sealed class VerifyEmailTests(LettersApp app) : IClassFixture<LettersApp>
{
    private const string Resend = "/api/v1/auth/verify-email/resend";

    [Fact]
    public async Task Whoever_signs_up_proves_their_address_with_the_link_in_their_welcome_once()
    {
        var email = People.NewEmail();
        var signedIn = await app.Register(email);
        var letter = Assert.Single(await app.LettersTo(email));
        Assert.Contains($"{LettersApp.Pages}/verify-email#token=", letter.Text, StringComparison.Ordinal);
        var token = await app.TokenTo(email, "accounts.welcome");

        Assert.False((await app.Me(signedIn.Text("accessToken"))).GetProperty("emailVerified").GetBoolean());
        await (await app.Verify(token)).Body(HttpStatusCode.NoContent);
        Assert.True((await app.Me(signedIn.Text("accessToken"))).GetProperty("emailVerified").GetBoolean());
        Assert.Equal("invalid_token", await (await app.Verify(token)).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Of_a_hundred_at_once_with_one_token_one_succeeds()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var token = await app.TokenTo(email, "accounts.welcome");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => app.Verify(token)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(99, answers.Count(answer => answer.StatusCode == HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_newer_token_takes_the_place_of_the_older()
    {
        var email = People.NewEmail();
        var client = app.CreateClient((await app.Register(email)).Text("accessToken"));
        var older = await app.TokenTo(email, "accounts.welcome");
        await (await client.Post(Resend)).Body(HttpStatusCode.Accepted);
        var newer = await app.TokenTo(email, "accounts.verify-address");

        Assert.Equal("invalid_token", await (await app.Verify(older)).Refusal(HttpStatusCode.BadRequest));
        await (await app.Verify(newer)).Body(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_token_is_good_for_24_hours_and_then_forgotten()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var token = await app.TokenTo(email, "accounts.welcome");
        app.Clock.Advance(TimeSpan.FromHours(24));

        Assert.Equal("invalid_token", await (await app.Verify(token)).Refusal(HttpStatusCode.BadRequest));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await app.InScope(async provider =>
        {
            await new ForgetExpired(provider.GetRequiredService<Db>()).Handle(new(app.Clock.GetUtcNow()), CancellationToken.None);
            return true;
        });
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from accounts.mail_tokens where email = {email}"));
    }

    [Fact]
    public async Task Whoever_asks_again_is_answered_alike_and_only_an_unproved_address_gets_a_letter()
    {
        var (proved, unproved, nobody) = (People.NewEmail(), People.NewEmail(), People.NewEmail());
        await app.Register(proved);
        await app.Register(unproved);
        await (await app.Verify(await app.TokenTo(proved, "accounts.welcome"))).Body(HttpStatusCode.NoContent);

        foreach (var email in new[] { proved, unproved, nobody, "no address at all" })
            Assert.Equal("", await Plain(await app.Guest.Post(Resend, new { email }), HttpStatusCode.Accepted));
        Assert.Equal("validation_failed", await (await app.Guest.Post(Resend, "{}")).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("validation_failed", await (await app.Guest.Post(Resend)).Refusal(HttpStatusCode.BadRequest));

        Assert.DoesNotContain(await app.LettersTo(proved), letter => letter.Template == "accounts.verify-address");
        Assert.Empty(await app.LettersTo(nobody));
        await (await app.Verify(await app.TokenTo(unproved, "accounts.verify-address"))).Body(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_token_waits_nowhere_in_the_clear()
    {
        var email = People.NewEmail();
        var client = app.CreateClient();
        client.DefaultRequestHeaders.Add("Idempotency-Key", $"token-{email}");
        await (await client.Post("/api/v1/auth/register", new { name = "Ana", email, password = People.Password })).Body(HttpStatusCode.Created);
        var jobs = string.Concat(await app.WithDb(db => db.Read($"select payload::text from platform.jobs", row => row.GetString(0), CancellationToken.None)));
        var answers = string.Concat(await app.WithDb(db => db.Read($"select coalesce(encode(body, 'escape'), '') from platform.idempotency_keys", row => row.GetString(0), CancellationToken.None)));
        var token = await app.TokenTo(email, "accounts.welcome");

        Assert.Contains("accounts.welcome", jobs, StringComparison.Ordinal);
        Assert.DoesNotContain(token, jobs, StringComparison.Ordinal);
        Assert.DoesNotContain(email, jobs, StringComparison.Ordinal);
        Assert.DoesNotContain(token, answers, StringComparison.Ordinal);
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.mail_tokens where email = {email} and position(convert_to({token}, 'UTF8') in hash) = 0"));
    }

    [Fact]
    public async Task A_token_is_good_for_its_own_purpose_alone()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var welcome = await app.TokenTo(email, "accounts.welcome");
        var reset = await app.Forgot(email);

        Assert.Equal("invalid_token", await (await app.Verify(reset)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("invalid_token", await (await app.Reset(welcome, People.Password)).Refusal(HttpStatusCode.BadRequest));
        await (await app.Verify(welcome)).Body(HttpStatusCode.NoContent);
        await (await app.Reset(reset, People.Password)).Body(HttpStatusCode.NoContent);
    }

    private static async Task<string> Plain(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
