using System.Net;
using System.Text;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Tests.Accounts;

/// <summary>What an authenticator, a page or somebody in between may try. Each changes one thing of an answer that is right otherwise.</summary>
public sealed class PasskeyAttackTests(PasskeyTests.App app) : IClassFixture<PasskeyTests.App>
{
    private const int AtOnce = 30;

    public static TheoryData<string> Lies => ["other_origin", "origin_below", "cross_origin", "other_domain", "other_challenge", "other_ceremony", "not_present", "not_verified", "altered", "backed_up_though_it_cannot_be"];

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_sign_in_that_lies_is_refused_and_spends_its_challenge(string lie)
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        var options = await app.BeginPasskeySignIn();

        Assert.Equal("invalid_credentials", await (await app.SignInWith(authenticator.Get(options, Telling(lie)))).Refusal(HttpStatusCode.Unauthorized));
        // What named another challenge left this one alone.
        var again = await app.SignInWith(authenticator.Get(options));
        Assert.Equal(lie == "other_challenge" ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, again.StatusCode);
        await (await app.SignInWith(authenticator)).Body();
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_passkey_that_lies_is_not_added_and_spends_its_challenge(string lie)
    {
        var person = await PasskeyPerson.SignUp(app);
        var options = await person.Begin();
        using var authenticator = new SoftAuthenticator();

        Assert.Equal("invalid_passkey", await (await person.Add(authenticator.Create(options, Telling(lie)))).Refusal(HttpStatusCode.BadRequest));
        var again = await person.Add(authenticator.Create(options));
        Assert.Equal(lie == "other_challenge" ? HttpStatusCode.Created : HttpStatusCode.BadRequest, again.StatusCode);
    }

    [Fact]
    public async Task An_answer_is_good_once()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = new SoftAuthenticator();
        var made = authenticator.Create(await person.Begin());
        await (await person.Add(made)).Body(HttpStatusCode.Created);
        Assert.Equal("invalid_passkey", await (await person.Add(made)).Refusal(HttpStatusCode.BadRequest));

        var used = authenticator.Get(await app.BeginPasskeySignIn());
        await (await app.SignInWith(used)).Body();
        Assert.Equal("invalid_credentials", await (await app.SignInWith(used)).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task Of_many_at_once_with_one_answer_one_gets_a_session()
    {
        var person = await PasskeyPerson.SignUp(app);
        // One that counts, and one that does not.
        foreach (var count in (uint?[])[null, 0])
        {
            using var authenticator = await person.NewPasskey(new() { SignCount = count });
            var used = authenticator.Get(await app.BeginPasskeySignIn(), new() { SignCount = count });

            var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => app.SignInWith(used)));

            Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
            Assert.Equal(AtOnce - 1, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        }

        Assert.Equal(3, await app.Scalar<long>($"select count(*) from accounts.sessions where user_id = {person.Id}"));
    }

    [Fact]
    public async Task Of_many_at_once_with_one_new_passkey_one_adds_it()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = new SoftAuthenticator();
        var made = authenticator.Create(await person.Begin());

        var answers = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => person.Add(made)));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(1, await app.Scalar<long>($"select count(*) from accounts.passkeys where user_id = {person.Id}"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-5)]
    public async Task A_count_that_does_not_go_up_is_refused_as_a_copy(int by)
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey(new() { SignCount = 10 });
        using var copy = authenticator.Copy();
        await (await app.SignInWith(authenticator, new() { SignCount = 20 })).Body();

        Assert.Equal("invalid_credentials", await (await app.SignInWith(copy, new() { SignCount = (uint)(20 + by) })).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("invalid_credentials", await (await app.SignInWith(copy, new() { SignCount = 0 })).Refusal(HttpStatusCode.Unauthorized));

        Assert.Equal(2, await Noted(person, "PasskeyCloneSuspected"));
        Assert.Equal(20, await app.Scalar<long>($"select sign_count from accounts.passkeys where user_id = {person.Id}"));
        await (await app.SignInWith(authenticator, new() { SignCount = 21 })).Body();
    }

    [Fact]
    public async Task Of_two_at_once_with_one_count_one_is_a_copy()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        using var copy = authenticator.Copy();
        var (one, other) = (authenticator.Get(await app.BeginPasskeySignIn()), copy.Get(await app.BeginPasskeySignIn()));

        var answers = await Task.WhenAll(app.SignInWith(one), app.SignInWith(other));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(1, await Noted(person, "PasskeyCloneSuspected"));
    }

    [Fact]
    public async Task Nobody_comes_in_as_somebody_else()
    {
        var (person, victim) = (await PasskeyPerson.SignUp(app), await PasskeyPerson.SignUp(app));
        using var mine = await person.NewPasskey();
        using var theirs = await victim.NewPasskey();

        foreach (var answering in (Answering[])[
            new() { UserHandle = theirs.UserHandle },
            new() { CredentialId = theirs.CredentialId },
            new() { UserHandle = theirs.UserHandle, CredentialId = theirs.CredentialId },
            new() { UserHandle = "" },
            new() { UserHandle = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(victim.Email)) },
            new() { UserHandle = System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Guid.CreateVersion7().ToString("N"))) },
        ])
        {
            var answer = await app.SignInWith(mine, answering);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest, $"{answering} answered {answer.StatusCode}");
        }

        // It knew what the victim's is called, and could not sign with it.
        Assert.Equal(1, await Noted(victim, "PasskeyRefused"));
        Assert.Equal(0, await Noted(person, "PasskeyRefused"));
    }

    [Fact]
    public async Task A_passkey_that_is_somebodys_is_added_to_nobody_else()
    {
        var (person, thief) = (await PasskeyPerson.SignUp(app), await PasskeyPerson.SignUp(app));
        using var authenticator = await person.NewPasskey();
        using var other = new SoftAuthenticator();

        foreach (var whoever in (PasskeyPerson[])[thief, person])
            Assert.Equal("passkey_taken", await (await whoever.Add(other.Create(await whoever.Begin(), new() { CredentialId = authenticator.CredentialId }))).Refusal(HttpStatusCode.Conflict));
        Assert.Equal(person.Id, (await (await app.SignInWith(authenticator)).Body()).GetProperty("user").Id());
    }

    [Fact]
    public async Task What_was_asked_in_one_session_is_answered_in_that_alone()
    {
        var (person, thief) = (await PasskeyPerson.SignUp(app), await PasskeyPerson.SignUp(app));
        var elsewhere = await person.Elsewhere();
        using var authenticator = new SoftAuthenticator();
        var asked = await person.Begin();
        var made = authenticator.Create(asked);

        foreach (var other in (PasskeyPerson[])[thief, elsewhere])
            Assert.Equal("invalid_passkey", await (await other.Add(made)).Refusal(HttpStatusCode.BadRequest));
        // Nor does a sign-in's challenge add anything, or that of an addition sign in.
        Assert.Equal("invalid_passkey", await (await person.Add(authenticator.Create(asked, new() { Challenge = (await app.BeginPasskeySignIn()).Text("challenge") }))).Refusal(HttpStatusCode.BadRequest));
        using var known = await thief.NewPasskey();
        Assert.Equal("invalid_credentials", await (await app.SignInWith(known.Get(await app.BeginPasskeySignIn(), new() { Challenge = asked.Text("challenge") }))).Refusal(HttpStatusCode.Unauthorized));
        await (await person.Add(made)).Body(HttpStatusCode.Created);
    }

    [Fact]
    public async Task The_newest_that_was_asked_counts_and_only_for_five_minutes()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = new SoftAuthenticator();
        var (older, newer) = (authenticator.Create(await person.Begin()), authenticator.Create(await person.Begin()));
        Assert.Equal("invalid_passkey", await (await person.Add(older)).Refusal(HttpStatusCode.BadRequest));
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("invalid_passkey", await (await person.Add(newer)).Refusal(HttpStatusCode.BadRequest));

        using var known = await person.NewPasskey();
        var (late, inTime) = (known.Get(await app.BeginPasskeySignIn()), await app.BeginPasskeySignIn());
        app.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        await (await app.SignInWith(known.Get(inTime))).Body();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("invalid_credentials", await (await app.SignInWith(late)).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task What_a_session_was_asked_ends_with_it()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = new SoftAuthenticator();
        var made = authenticator.Create(await person.Begin());
        var elsewhere = await person.Elsewhere();
        // As another process knows it a moment before it hears of it.
        await app.Execute($"update accounts.sessions set revoked_at = {app.Clock.GetUtcNow()} where user_id = {person.Id}");

        Assert.Equal("unauthenticated", await (await person.Add(made)).Refusal(HttpStatusCode.Unauthorized));
        Assert.Equal("invalid_credentials", await (await elsewhere.Client.Post("/api/v1/auth/passkeys/options", new { password = People.Password })).Refusal(HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task What_is_no_answer_at_all_is_refused_and_breaks_nothing()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var authenticator = await person.NewPasskey();
        var used = JsonSerializer.SerializeToNode(authenticator.Get(await app.BeginPasskeySignIn()))!;
        static string Rubbish(string text) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
        foreach (var (member, value, status) in new (string, string, HttpStatusCode)[]
        {
            ("clientDataJSON", Rubbish("not json"), HttpStatusCode.Unauthorized),
            ("clientDataJSON", Rubbish("[]"), HttpStatusCode.Unauthorized),
            ("clientDataJSON", Rubbish("""{"challenge":7}"""), HttpStatusCode.Unauthorized),
            ("clientDataJSON", Rubbish("""{"challenge":"%%%"}"""), HttpStatusCode.Unauthorized),
            ("clientDataJSON", "A", HttpStatusCode.Unauthorized),
            ("clientDataJSON", "a b", HttpStatusCode.BadRequest),
            ("clientDataJSON", new string('A', 8_001), HttpStatusCode.BadRequest),
            ("signature", new string('A', 2_001), HttpStatusCode.BadRequest),
            ("authenticatorData", new string('A', 8_001), HttpStatusCode.BadRequest),
            ("userHandle", new string('A', 89), HttpStatusCode.BadRequest),
        })
        {
            var lie = used.DeepClone();
            lie["response"]![member] = value;
            Assert.Equal(status, (await app.SignInWith(lie)).StatusCode);
        }

        foreach (var (member, value) in new (string, string)[] { ("authenticatorData", "AAAA"), ("signature", "AAAA"), ("signature", "MAYCAQECAQE") })
        {
            var lie = JsonSerializer.SerializeToNode(authenticator.Get(await app.BeginPasskeySignIn()))!;
            lie["response"]![member] = value;
            Assert.Equal("invalid_credentials", await (await app.SignInWith(lie)).Refusal(HttpStatusCode.Unauthorized));
        }

        using var fresh = new SoftAuthenticator();
        foreach (var value in (string[])["AAAA", "oA", Rubbish("not cbor at all"), "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YUA"])
        {
            var lie = JsonSerializer.SerializeToNode(fresh.Create(await person.Begin()))!;
            lie["response"]!["attestationObject"] = value;
            Assert.Equal("invalid_passkey", await (await person.Add(lie)).Refusal(HttpStatusCode.BadRequest));
        }

        var large = JsonSerializer.SerializeToNode(fresh.Create(await person.Begin()))!;
        large["response"]!["attestationObject"] = new string('A', 32_001);
        Assert.Equal("validation_failed", await (await person.Add(large)).Refusal(HttpStatusCode.BadRequest));
        large["response"]!["attestationObject"] = new string('A', 1_048_576);
        Assert.Equal("payload_too_large", await (await person.Add(large)).Refusal(HttpStatusCode.RequestEntityTooLarge));
        large["response"]!["attestationObject"] = "AAAA";
        large["type"] = "private-key";
        Assert.Equal("validation_failed", await (await person.Add(large)).Refusal(HttpStatusCode.BadRequest));
    }

    private static Answering Telling(string lie) => lie switch
    {
        "other_origin" => new() { Origin = "https://loja.exemplo.test" },
        "origin_below" => new() { Origin = "http://mal.localhost" },
        "cross_origin" => new() { CrossOrigin = true },
        "other_domain" => new() { RpId = "loja.exemplo.test" },
        "other_challenge" => new() { Challenge = System.Buffers.Text.Base64Url.EncodeToString(new byte[32]) },
        "other_ceremony" => new() { Type = "payment.get" },
        "not_present" => new() { IsPresent = false },
        "not_verified" => new() { IsVerified = false },
        // Of what was signed, or of what the key is in.
        "altered" => new() { Altering = data => data[data.Length > 60 ? 60 : 10] ^= 1 },
        "backed_up_though_it_cannot_be" => new() { IsBackedUp = true },
        _ => throw new ArgumentOutOfRangeException(nameof(lie)),
    };

    private async Task<int> Noted(PasskeyPerson person, string action) =>
        (await (await app.As(await app.Insert(Roles.Admin)).Get($"/api/v1/audit-log?person={person.Id}&action={action}")).Body()).GetProperty("data").GetArrayLength();
}
