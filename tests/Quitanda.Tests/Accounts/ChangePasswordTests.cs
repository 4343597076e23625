using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Accounts;

public sealed class ChangePasswordTests(LettersApp app) : IClassFixture<LettersApp>
{
    private const string Route = "/api/v1/auth/change-password";
    private const string NewPassword = "tapioca com coco às 8";

    [Fact]
    public async Task Other_sessions_end_and_this_one_goes_on()
    {
        var email = People.NewEmail();
        var here = await app.Register(email);
        var there = await (await app.SignIn(email)).Body();
        var token = await app.Forgot(email);
        var client = app.CreateClient(here.Text("accessToken"));

        var body = await (await client.Post(Route, new { currentPassword = People.Password, newPassword = NewPassword })).Body();

        Assert.Equal((900, "Bearer"), (body.GetProperty("expiresIn").GetInt32(), body.Text("tokenType")));
        await app.Me(body.Text("accessToken"));
        await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.CreateClient(there.Text("accessToken")).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized);
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = there.Text("refreshToken") })).Refusal(HttpStatusCode.Unauthorized);
        await (await app.Guest.Post("/api/v1/auth/refresh", new { refreshToken = here.Text("refreshToken") })).Body();
        Assert.Equal("invalid_token", await (await app.Reset(token, NewPassword)).Refusal(HttpStatusCode.BadRequest));
        await (await app.SignIn(email)).Refusal(HttpStatusCode.Unauthorized);
        await (await app.SignIn(email, NewPassword)).Body();
        Assert.Equal("accounts.password-changed", (await app.LettersTo(email))[0].Template);
    }

    [Theory]
    [InlineData(Route)]
    [InlineData("/api/v1/auth/change-email")]
    public async Task Five_wrong_passwords_lock_the_account_here_and_at_sign_in(string route)
    {
        var email = People.NewEmail();
        var client = app.CreateClient((await app.Register(email)).Text("accessToken"));
        for (var i = 0; i < 5; i++)
            Assert.Equal("invalid_credentials", await (await Try($"wrong number {i}")).Refusal(HttpStatusCode.Unauthorized));

        Assert.Equal("account_locked", await (await Try(People.Password)).Refusal(HttpStatusCode.Locked));
        Assert.Equal("account_locked", await (await app.SignIn(email)).Refusal(HttpStatusCode.Locked));
        app.Clock.Advance(TimeSpan.FromMinutes(15));
        await (await app.SignIn(email)).Body();

        Task<HttpResponseMessage> Try(string password) => client.Post(route, route == Route
            ? JsonSerializer.Serialize(new { currentPassword = password, newPassword = NewPassword })
            : JsonSerializer.Serialize(new { newEmail = $"de.{email}", password }));
    }

    [Fact]
    public async Task Of_thirty_at_once_with_the_same_password_one_changes_it()
    {
        var email = People.NewEmail();
        var client = app.CreateClient((await app.Register(email)).Text("accessToken"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(async i => (Number: i, Answer: await client.Post(Route, new { currentPassword = People.Password, newPassword = $"{NewPassword} {i}" }))));

        var winner = Assert.Single(answers, one => one.Answer.StatusCode == HttpStatusCode.OK);
        // Whoever comes after five of them finds the account locked.
        Assert.All(answers.Where(one => one.Number != winner.Number), one => Assert.True(one.Answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Locked));
        await app.Execute($"delete from accounts.sign_in_failures");
        await (await app.SignIn(email, $"{NewPassword} {winner.Number}")).Body();
    }

    [Fact]
    public async Task A_common_password_is_refused_by_name()
    {
        var client = app.CreateClient((await app.Register()).Text("accessToken"));
        var problem = await (await client.Post(Route, new { currentPassword = People.Password, newPassword = "QWERTY123456" })).Body(HttpStatusCode.BadRequest);

        Assert.Equal(("validation_failed", "newPassword"), (problem.Text("code"), problem.GetProperty("errors").EnumerateObject().Single().Name));
    }

    [Fact]
    public async Task Who_has_no_password_sets_the_first_with_a_fresh_sign_in()
    {
        var (user, client) = await app.InsertWithoutPassword(TimeSpan.FromMinutes(9));
        await (await client.Post(Route, new { newPassword = NewPassword })).Body();

        await (await app.SignIn(user.Email!, NewPassword)).Body();
        // From now on there is a password to show.
        var again = app.CreateClient((await (await app.SignIn(user.Email!, NewPassword)).Body()).Text("accessToken"));
        Assert.Equal("invalid_credentials", await (await again.Post(Route, new { newPassword = People.Password })).Refusal(HttpStatusCode.Unauthorized));
    }

    [Theory]
    [InlineData(Route)]
    [InlineData("/api/v1/auth/change-email")]
    public async Task A_sign_in_of_ten_minutes_ago_stands_for_no_password(string route)
    {
        var (user, client) = await app.InsertWithoutPassword(TimeSpan.FromMinutes(10));
        var body = route == Route ? (object)new { newPassword = NewPassword } : new { newEmail = People.NewEmail() };

        Assert.Equal("sign_in_again", await (await client.Post(route, body)).Refusal(HttpStatusCode.Forbidden));
        Assert.Null(await app.Scalar<string>($"select password_hash from accounts.users where id = {user.Id} and password_hash is not null"));
    }
}
