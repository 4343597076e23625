using System.Net;

namespace Quitanda.Tests.Accounts;

public sealed class ResetPasswordTests(LettersApp app) : IClassFixture<LettersApp>
{
    private const string NewPassword = "tapioca com coco às 8";

    [Fact]
    public async Task A_new_password_ends_every_session_and_every_token_and_lifts_the_lock()
    {
        var email = People.NewEmail();
        var signedIn = await app.Register(email);
        var welcome = await app.TokenTo(email, "accounts.welcome");
        for (var i = 0; i < 5; i++)
            await (await app.SignIn(email, "wrong")).Refusal(HttpStatusCode.Unauthorized);
        var token = await app.Forgot(email);
        await app.Me(signedIn.Text("accessToken"));

        await (await app.Reset(token, NewPassword)).Body(HttpStatusCode.NoContent);

        await (await app.CreateClient(signedIn.Text("accessToken")).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = signedIn.Text("refreshToken") })).Refusal(HttpStatusCode.Unauthorized);
        Assert.Equal("invalid_token", await (await app.Reset(token, NewPassword)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("invalid_token", await (await app.Verify(welcome)).Refusal(HttpStatusCode.BadRequest));
        await (await app.SignIn(email)).Refusal(HttpStatusCode.Unauthorized);
        var again = await (await app.SignIn(email, NewPassword)).Body();
        Assert.True(again.GetProperty("user").GetProperty("emailVerified").GetBoolean());
        Assert.Equal("accounts.password-changed", (await app.LettersTo(email))[0].Template);
    }

    [Fact]
    public async Task Of_a_hundred_at_once_with_one_token_one_sets_the_password()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var token = await app.Forgot(email);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i => (Number: i, Answer: await app.Reset(token, $"{NewPassword} {i}"))));

        var winner = Assert.Single(answers, one => one.Answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal(99, answers.Count(one => one.Answer.StatusCode == HttpStatusCode.BadRequest));
        await (await app.SignIn(email, $"{NewPassword} {winner.Number}")).Body();
        Assert.Single(await app.LettersTo(email), letter => letter.Template == "accounts.password-changed");
    }

    [Fact]
    public async Task Nobody_learns_whether_an_address_has_an_account()
    {
        var (known, unknown) = (People.NewEmail(), People.NewEmail());
        var deactivated = await app.Insert(isActive: false);
        await app.Register(known);
        // What other tests have left to do.
        await app.RunJobs();

        foreach (var email in new[] { known, unknown, deactivated.Email, "no address at all" })
        {
            var answer = await app.Guest.Post("/api/v1/auth/forgot-password", new { email });
            Assert.Equal((HttpStatusCode.Accepted, ""), (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        }

        Assert.Equal(4, await app.Scalar<long>($"select count(*) from platform.jobs where kind = 'accounts.send-reset'"));
        Assert.Contains(await app.LettersTo(known), letter => letter.Template == "accounts.reset-link");
        Assert.Empty(await app.LettersTo(unknown));
        Assert.Empty(await app.LettersTo(deactivated.Email!));
    }

    [Fact]
    public async Task Only_the_newest_token_counts_and_for_an_hour()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var older = await app.Forgot(email);
        var newer = await app.Forgot(email);
        Assert.Equal("invalid_token", await (await app.Reset(older, NewPassword)).Refusal(HttpStatusCode.BadRequest));
        app.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal("invalid_token", await (await app.Reset(newer, NewPassword)).Refusal(HttpStatusCode.BadRequest));
        await (await app.SignIn(email)).Body();
    }

    [Fact]
    public async Task Whoever_was_deactivated_meanwhile_gets_no_new_password()
    {
        var email = People.NewEmail();
        var id = (await app.Register(email)).GetProperty("user").Id();
        var token = await app.Forgot(email);
        await app.Execute($"update accounts.users set is_active = false where id = {id}");

        Assert.Equal("invalid_token", await (await app.Reset(token, NewPassword)).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_common_password_is_refused_and_the_token_is_good_for_another()
    {
        var email = People.NewEmail();
        await app.Register(email);
        var token = await app.Forgot(email);
        foreach (var password in new[] { "Password1", "corinthians", "7 chars" })
        {
            var problem = await (await app.Reset(token, password)).Body(HttpStatusCode.BadRequest);
            Assert.Equal("validation_failed", problem.Text("code"));
            Assert.Equal(["password"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name), StringComparer.Ordinal);
        }

        await (await app.Reset(token, NewPassword)).Body(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Letters_for_one_address_are_limited_whether_it_has_an_account_or_not(bool hasAccount)
    {
        var email = People.NewEmail();
        if (hasAccount)
            await app.Register(email);
        for (var i = 0; i < 5; i++)
            await (await app.Guest.Post("/api/v1/auth/forgot-password", new { email = i % 2 == 0 ? email : email.ToUpperInvariant() })).Body(HttpStatusCode.Accepted);

        Assert.Equal("rate_limited", await (await app.Guest.Post("/api/v1/auth/forgot-password", new { email })).Refusal(HttpStatusCode.TooManyRequests));
    }
}
