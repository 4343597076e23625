using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Accounts;

/// <summary>That one sees whether there is a second factor, and gets new recovery codes before there are none.</summary>
public sealed class RecoveryCodeTests(PasskeyTests.App app) : IClassFixture<PasskeyTests.App>
{
    private const string Path = "/api/v1/auth/totp";

    [Fact]
    public async Task One_sees_whether_there_is_a_second_factor_and_how_many_codes_are_left()
    {
        var person = await PasskeyPerson.SignUp(app);
        Assert.Equal((false, 0), State(await (await person.Client.Get(Path)).Body()));
        await (await person.Client.Post(Path)).Body();
        Assert.Equal((false, 0), State(await (await person.Client.Get(Path)).Body()));

        var totp = await TotpApp.SetUp(app, person.Client);
        Assert.Equal((true, 10), State(await (await person.Client.Get(Path)).Body()));
        await (await SignIn(person, totp.RecoveryCodes[0])).Body();
        Assert.Equal((true, 9), State(await (await person.Client.Get(Path)).Body()));
        Assert.Equal((false, 0), State(await (await (await PasskeyPerson.SignUp(app)).Client.Get(Path)).Body()));
        await (await app.Guest.Get(Path)).Refusal(HttpStatusCode.Unauthorized);

        await (await person.Client.Post($"{Path}/disable", new { code = totp.RecoveryCodes[1] })).Body(HttpStatusCode.NoContent);
        Assert.Equal((false, 0), State(await (await person.Client.Get(Path)).Body()));
    }

    [Fact]
    public async Task New_codes_take_the_place_of_all_there_were()
    {
        var person = await PasskeyPerson.SignUp(app);
        var totp = await TotpApp.SetUp(app, person.Client);
        app.Clock.Advance(TimeSpan.FromSeconds(30));

        var renewed = Codes(await (await person.Client.Post($"{Path}/recovery-codes", new { code = totp.Code() })).Body());

        Assert.Equal(10, renewed.Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(renewed.Intersect(totp.RecoveryCodes, StringComparer.Ordinal));
        Assert.Equal("invalid_credentials", await (await SignIn(person, totp.RecoveryCodes[0])).Refusal(HttpStatusCode.Unauthorized));
        await (await SignIn(person, renewed[0])).Body();
        // With one that is left, too: whoever lost the app still has those.
        var again = Codes(await (await person.Client.Post($"{Path}/recovery-codes", new { code = renewed[1] })).Body());
        Assert.Equal("invalid_credentials", await (await SignIn(person, renewed[2])).Refusal(HttpStatusCode.Unauthorized));
        await (await SignIn(person, again[9])).Body();
    }

    [Fact]
    public async Task New_codes_take_a_right_code_once_and_guesses_are_counted()
    {
        var person = await PasskeyPerson.SignUp(app);
        Assert.Equal("no_second_factor", await (await person.Client.Post($"{Path}/recovery-codes", new { code = "123456" })).Refusal(HttpStatusCode.Conflict));
        var totp = await TotpApp.SetUp(app, person.Client);

        // The code that confirmed is taken.
        Assert.Equal("wrong_code", await (await person.Client.Post($"{Path}/recovery-codes", new { code = totp.Code() })).Refusal(HttpStatusCode.Conflict));
        for (var i = 0; i < 4; i++)
            Assert.Equal("wrong_code", await (await person.Client.Post($"{Path}/recovery-codes", new { code = totp.Wrong() })).Refusal(HttpStatusCode.Conflict));
        Assert.Equal("account_locked", await (await person.Client.Post($"{Path}/recovery-codes", new { code = totp.RecoveryCodes[0] })).Refusal(HttpStatusCode.Locked));
        await (await app.SignIn(person.Email)).Refusal(HttpStatusCode.Locked);
        Assert.Equal((true, 10), State(await (await person.Client.Get(Path)).Body()));
    }

    [Fact]
    public async Task Of_many_at_once_with_one_code_one_gets_new_codes()
    {
        var person = await PasskeyPerson.SignUp(app);
        var totp = await TotpApp.SetUp(app, person.Client);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => person.Client.Post($"{Path}/recovery-codes", new { code = totp.RecoveryCodes[0] })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(10, await app.Scalar<long>($"select count(*) from accounts.recovery_codes where user_id = {person.Id}"));
    }

    private Task<HttpResponseMessage> SignIn(PasskeyPerson person, string code) => app.Guest.Post("/api/v1/auth/login", new { email = person.Email, password = People.Password, code });

    private static (bool IsActive, int Left) State(JsonElement json) => (json.GetProperty("isActive").GetBoolean(), json.GetProperty("recoveryCodesLeft").GetInt32());

    private static string[] Codes(JsonElement json) => [.. json.GetProperty("recoveryCodes").EnumerateArray().Select(code => code.GetString()!)];
}
