using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Accounts;

public sealed class ChangeEmailTests(LettersApp app) : IClassFixture<LettersApp>
{
    private const string Route = "/api/v1/auth/change-email";

    [Fact]
    public async Task The_address_changes_once_the_new_one_confirms_and_the_old_one_is_told()
    {
        var (old, email) = (People.NewEmail(), People.NewEmail());
        var signedIn = await app.Register(old);
        var reset = await app.Forgot(old);
        var client = app.CreateClient(signedIn.Text("accessToken"));

        await (await client.Post(Route, new { newEmail = email, password = People.Password })).Body(HttpStatusCode.Accepted);
        var token = await app.TokenTo(email, "accounts.confirm-address");
        Assert.Equal(old, (await app.Me(signedIn.Text("accessToken"))).Text("email"));
        Assert.DoesNotContain(await app.LettersTo(old), letter => letter.Text.Contains(token, StringComparison.Ordinal));
        await (await app.Verify(token)).Body(HttpStatusCode.NoContent);

        var me = await app.Me(signedIn.Text("accessToken"));
        Assert.Equal((email, true), (me.Text("email"), me.GetProperty("emailVerified").GetBoolean()));
        var told = (await app.LettersTo(old))[0];
        Assert.Equal("accounts.address-changed", told.Template);
        Assert.Contains(email, told.Text, StringComparison.Ordinal);
        Assert.Equal("invalid_token", await (await app.Verify(token)).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("invalid_token", await (await app.Reset(reset, People.Password)).Refusal(HttpStatusCode.BadRequest));
        await (await app.SignIn(old)).Refusal(HttpStatusCode.Unauthorized);
        await (await app.SignIn(email)).Body();
    }

    [Fact]
    public async Task Who_has_neither_address_nor_password_adds_an_address_with_a_fresh_sign_in()
    {
        var (user, client) = await app.InsertWithoutPassword(TimeSpan.FromMinutes(9));
        await app.Execute($"update accounts.users set email = null where id = {user.Id}");
        var email = People.NewEmail();

        await (await client.Post(Route, new { newEmail = email })).Body(HttpStatusCode.Accepted);
        Assert.Equal(JsonValueKind.Null, (await (await client.Get("/api/v1/users/me")).Body()).GetProperty("email").ValueKind);
        await (await app.Verify(await app.TokenTo(email, "accounts.confirm-address"))).Body(HttpStatusCode.NoContent);

        var me = await (await client.Get("/api/v1/users/me")).Body();
        Assert.Equal((email, true), (me.Text("email"), me.GetProperty("emailVerified").GetBoolean()));
    }

    [Fact]
    public async Task An_address_that_has_an_account_is_answered_alike_and_never_taken_over()
    {
        var (taken, free) = (People.NewEmail(), People.NewEmail());
        await app.Register(taken);
        var client = app.CreateClient((await app.Register()).Text("accessToken"));
        foreach (var newEmail in new[] { taken.ToUpperInvariant(), free })
            await (await client.Post(Route, new { newEmail, password = People.Password })).Body(HttpStatusCode.Accepted);
        // Letters that wait together go out in any order, and the newest is looked for below.
        await app.RunJobs();
        await (await client.Post(Route, new { newEmail = taken.ToUpperInvariant(), password = People.Password })).Body(HttpStatusCode.Accepted);

        Assert.Equal("email_taken", await (await app.Verify(await app.TokenTo(taken.ToUpperInvariant(), "accounts.confirm-address"))).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("invalid_token", await (await app.Verify(await app.TokenTo(free, "accounts.confirm-address"))).Refusal(HttpStatusCode.BadRequest));
        await (await app.SignIn(taken)).Body();
    }

    [Fact]
    public async Task Of_two_accounts_that_want_one_address_at_once_one_gets_it()
    {
        var email = People.NewEmail();
        List<string> tokens = [];
        for (var i = 0; i < 2; i++)
        {
            await (await app.CreateClient((await app.Register()).Text("accessToken")).Post(Route, new { newEmail = email, password = People.Password })).Body(HttpStatusCode.Accepted);
            tokens.Add(await app.TokenTo(email, "accounts.confirm-address"));
        }

        var answers = await Task.WhenAll(tokens.Select(app.Verify));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        Assert.Equal("email_taken", await answers.Single(answer => answer.StatusCode != HttpStatusCode.NoContent).Refusal(HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("no-at.example")]
    [InlineData("a@b")]
    public async Task What_is_no_address_is_refused(string newEmail)
    {
        var client = app.CreateClient((await app.Register()).Text("accessToken"));
        Assert.Equal("validation_failed", await (await client.Post(Route, new { newEmail, password = People.Password })).Refusal(HttpStatusCode.BadRequest));
    }
}
