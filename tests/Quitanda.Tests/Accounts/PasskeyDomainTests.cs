using System.Net;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Quitanda.Tests.Accounts;

/// <summary>Whose pages may use passkeys, by the settings, and that all processes know what one asked.</summary>
public sealed class PasskeyDomainTests(PasskeyTests.App app) : IClassFixture<PasskeyTests.App>
{
    [Theory]
    [InlineData("Passkeys:Domain", "https://loja.exemplo.test")]
    [InlineData("Passkeys:Domain", "Exemplo.test")]
    [InlineData("Passkeys:Domain", "127.0.0.1")]
    [InlineData("Passkeys:Domain", "exemplo.test")]
    [InlineData("Passkeys:Origins", "https://loja.exemplo.test")]
    [InlineData("Passkeys:Origins", "https://loja.exemplo.test", "Passkeys:Domain", "outra.test")]
    [InlineData("Passkeys:Origins", "https://malexemplo.test", "Passkeys:Domain", "exemplo.test")]
    [InlineData("Passkeys:Origins", "http://loja.exemplo.test", "Passkeys:Domain", "exemplo.test")]
    [InlineData("Passkeys:Origins", "https://loja.exemplo.test/", "Passkeys:Domain", "exemplo.test")]
    [InlineData("Passkeys:Origins", "https://loja.exemplo.test:443", "Passkeys:Domain", "exemplo.test")]
    [InlineData("Passkeys:Origins", "loja.exemplo.test", "Passkeys:Domain", "exemplo.test")]
    [InlineData("Passkeys:Origins", "https://exemplo.test https://outra.test", "Passkeys:Domain", "exemplo.test")]
    public async Task What_no_browser_would_take_names_itself_and_stops_the_start(params string[] settings)
    {
        await using var other = Another([.. settings.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => other.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Origins", error.Message + (settings[0] == "Passkeys:Domain" ? "Origins" : ""), StringComparison.Ordinal);
        Assert.Contains(settings[0].Split(':')[1], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passkeys_are_good_where_the_pages_are()
    {
        await using var other = await Started(("Accounts:PagesUrl", "https://loja.exemplo.test/conta"));
        var person = await PasskeyPerson.SignUp(app);
        var there = As(other, person);

        Assert.Equal("loja.exemplo.test", (await there.Begin()).GetProperty("rp").Text("id"));
        await Adds(there, "https://loja.exemplo.test");
        foreach (var origin in (string[])["http://localhost", "https://exemplo.test", "https://loja.exemplo.test:8443", "http://loja.exemplo.test", "https://mal.loja.exemplo.test"])
            await AddsNot(there, origin);
    }

    [Fact]
    public async Task Several_pages_below_one_domain_share_passkeys()
    {
        await using var other = await Started(("Passkeys:Domain", "exemplo.test"), ("Passkeys:Origins", "https://loja.exemplo.test  https://conta.exemplo.test:8443"));
        var there = As(other, await PasskeyPerson.SignUp(app));

        Assert.Equal("exemplo.test", (await there.Begin()).GetProperty("rp").Text("id"));
        foreach (var origin in (string[])["https://loja.exemplo.test", "https://conta.exemplo.test:8443"])
            await Adds(there, origin);
        foreach (var origin in (string[])["https://exemplo.test", "https://conta.exemplo.test", "null", ""])
            await AddsNot(there, origin);
    }

    [Fact]
    public async Task Without_pages_they_are_good_on_this_machine_alone()
    {
        var person = await PasskeyPerson.SignUp(app);
        using var elsewhere = new HttpRequestMessage(HttpMethod.Post, "/api/v1/auth/passkeys/login/options") { Headers = { Host = "loja.exemplo.test" } };
        Assert.Equal("passkeys_off", await (await app.Guest.SendAsync(elsewhere, TestContext.Current.CancellationToken)).Refusal(HttpStatusCode.Conflict));
        await AddsNot(person, "http://localhost:5173");
        await Adds(person, "http://localhost");

        // Pages that no browser lets use them are no reason not to start.
        await using var other = await Started(("Accounts:PagesUrl", "http://192.168.1.20:3000"));
        Assert.Equal("passkeys_off", await (await Client(other).Post("/api/v1/auth/passkeys/login/options")).Refusal(HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task What_one_process_asked_another_takes_the_answer_to_and_once()
    {
        await using var other = await Started();
        var here = await PasskeyPerson.SignUp(app);
        var there = As(other, here);
        using var authenticator = new SoftAuthenticator();
        var made = authenticator.Create(await here.Begin());
        await (await there.Add(made)).Body(HttpStatusCode.Created);
        Assert.Equal("invalid_passkey", await (await here.Add(made)).Refusal(HttpStatusCode.BadRequest));

        var credential = authenticator.Get(await app.BeginPasskeySignIn());
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => (number % 2 == 0 ? app.Guest : Client(other)).Post("/api/v1/auth/passkeys/login", new { credential })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
    }

    private static async Task Adds(PasskeyPerson person, string origin)
    {
        using var authenticator = new SoftAuthenticator();
        await (await person.Add(authenticator.Create(await person.Begin(), new() { Origin = origin }))).Body(HttpStatusCode.Created);
    }

    private static async Task AddsNot(PasskeyPerson person, string origin)
    {
        using var authenticator = new SoftAuthenticator();
        Assert.Equal("invalid_passkey", await (await person.Add(authenticator.Create(await person.Begin(), new() { Origin = origin }))).Refusal(HttpStatusCode.BadRequest));
    }

    private static PasskeyPerson As(OtherProcess other, PasskeyPerson person)
    {
        var client = Client(other);
        client.DefaultRequestHeaders.Authorization = person.Client.DefaultRequestHeaders.Authorization;
        return person with { Client = client };
    }

    private static HttpClient Client(OtherProcess other) => other.Services.GetRequiredService<IHost>().GetTestClient();

    private async Task<OtherProcess> Started(params (string Name, string Value)[] settings)
    {
        var other = Another(settings);
        await other.StartAsync(TestContext.Current.CancellationToken);
        return other;
    }

    private OtherProcess Another(params (string Name, string Value)[] settings) => new(QuitandaApp.Build(app.ConnectionString, builder =>
    {
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock));
        builder.Configuration["Files:Folder"] = app.Folder;
        foreach (var (name, value) in settings)
            builder.Configuration[name] = value;
    }));
}
