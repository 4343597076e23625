using Microsoft.AspNetCore.WebUtilities;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>Signing in by GitHub, as it documents itself.</summary>
public sealed class GitHubTests(OAuthApp app) : IClassFixture<OAuthApp>
{
    private static int _id = 1000;

    [Fact]
    public async Task Somebody_is_known_by_their_number_and_their_verified_primary_address()
    {
        var (id, email) = (Interlocked.Increment(ref _id), People.NewEmail());
        var visitor = new Visitor(app);
        var landed = await Land(visitor, User(id, "ana"), Email(People.NewEmail(), primary: false), Email(email));
        var user = (await (await visitor.Exchange(landed.Code)).Body()).GetProperty("user");
        Assert.Equal((email, "Ana Souza"), (user.Text("email"), user.Text("name")));

        // Whoever takes their name has not their number.
        var other = await Land(new Visitor(app), User(Interlocked.Increment(ref _id), "ana"), Email(People.NewEmail()));
        Assert.NotEqual(user.Id(), (await (await visitor.Exchange(other.Code)).Body()).GetProperty("user").Id());
        var again = await Land(new Visitor(app), User(id, "ana-renamed"), Email(People.NewEmail(), verified: false));
        Assert.Equal(user.Id(), (await (await visitor.Exchange(again.Code)).Body()).GetProperty("user").Id());
        Assert.Equal(app.GitHub.Url, await app.Scalar<string>($"select issuer from accounts.identities where user_id = {user.Id()}"));
    }

    [Fact]
    public async Task Who_has_no_name_there_is_called_as_they_sign_in()
    {
        var visitor = new Visitor(app);
        var landed = await Land(visitor, new { id = Interlocked.Increment(ref _id), login = "octo", name = (string?)null }, Email(People.NewEmail()));
        Assert.Equal("octo", (await (await visitor.Exchange(landed.Code)).Body()).GetProperty("user").Text("name"));
    }

    [Fact]
    public async Task An_address_that_is_not_verified_or_not_the_primary_one_is_none()
    {
        Assert.Equal("email_not_verified", (await Land(new Visitor(app), User(Interlocked.Increment(ref _id), "a"), Email(People.NewEmail(), verified: false), Email(People.NewEmail(), primary: false))).Error);
        Assert.Equal("email_not_verified", (await Land(new Visitor(app), User(Interlocked.Increment(ref _id), "b"))).Error);
    }

    [Fact]
    public async Task A_code_that_is_made_up_or_comes_again_is_refused_by_it_with_200_and_by_us_with_a_word()
    {
        var visitor = new Visitor(app);
        var sentTo = await visitor.Begin("github");
        Assert.Equal("provider_error", (await visitor.Return("github", sentTo, "&code=made-up")).Error);
        Assert.Equal("provider_error: It gave no access token.", await app.LastRefusal());

        var code = QueryHelpers.ParseQuery(app.GitHub.Agree(await visitor.Begin("github"), User(1, "a"), Array.Empty<object>()).Query)["code"];
        // Somebody else's code, in a sign-in of one's own: PKCE.
        Assert.Equal("provider_error", (await visitor.Return("github", await visitor.Begin("github"), $"&code={code}")).Error);
        Assert.Equal("provider_error", (await Land(new Visitor(app), new { login = "no number" }, Email(People.NewEmail()))).Error);
    }

    private async Task<Landing> Land(Visitor visitor, object user, params object[] emails) => await visitor.Return(app.GitHub.Agree(await visitor.Begin("github"), user, emails));

    private static object User(int id, string login) => new { id, login, name = "Ana Souza" };

    private static object Email(string email, bool primary = true, bool verified = true) => new { email, primary, verified, visibility = "private" };
}
