using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Quitanda.Tests.Host;

namespace Quitanda.Tests.Accounts;

/// <summary>The page that the documentation shows, in a real browser with an authenticator of the browser's own, against a host that is a process.</summary>
public sealed partial class PasskeyBrowserTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    [Fact]
    public async Task The_page_of_the_documentation_adds_a_passkey_and_signs_in_with_it()
    {
        var port = HostProcess.FreePort();
        using var host = await HostProcess.ServeOn(app.ConnectionString, port);
        using var client = HostProcess.Client(port);
        var registered = await (await client.Post("/api/v1/auth/register", new { name = "Ana Souza", email = People.NewEmail(), password = People.Password })).Body(System.Net.HttpStatusCode.Created);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium(),
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync();
        await HasAuthenticator(page);
        var address = $"http://localhost:{port}/conta";
        await page.RouteAsync(address, route => route.FulfillAsync(new() { ContentType = "text/html", Body = $"<!doctype html><title>Conta</title><script>{Snippet()}</script>" }));
        await page.GotoAsync(address);

        var passkey = await Run(page, "([token, password]) => addPasskey(token, password, 'Este navegador')", registered.Text("accessToken"), People.Password);
        var signedIn = await Run(page, "() => signInWithPasskey()");
        var again = await Run(page, "() => signInWithPasskey()");

        Assert.Equal("Este navegador", passkey.Text("name"));
        Assert.Contains("internal", passkey.GetProperty("transports").EnumerateArray().Select(word => word.GetString()), StringComparer.Ordinal);
        foreach (var session in (JsonElement[])[signedIn, again])
            Assert.Equal(registered.GetProperty("user").Id(), session.GetProperty("user").Id());
        Assert.True(await app.Scalar<long>($"select sign_count from accounts.passkeys where id = {passkey.Id()}") > 1);
        // The device has one already, and makes no other.
        var refused = await Assert.ThrowsAsync<PlaywrightException>(() => Run(page, "([token, password]) => addPasskey(token, password)", registered.Text("accessToken"), People.Password));
        Assert.Contains("InvalidStateError", refused.Message, StringComparison.Ordinal);
    }

    private static string Chromium() =>
        (from name in Names from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator) select Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("There is no Chromium; ./quitanda test installs one.");

    /// <summary>One in the browser itself, which keeps passkeys and verifies whoever is there.</summary>
    private static async Task HasAuthenticator(IPage page)
    {
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("WebAuthn.enable");
        await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["options"] = new
            {
                protocol = "ctap2",
                transport = "internal",
                hasResidentKey = true,
                hasUserVerification = true,
                isUserVerified = true,
                automaticPresenceSimulation = true,
            },
        });
    }

    private static async Task<JsonElement> Run(IPage page, string script, params string[] arguments) => (await page.EvaluateAsync(script, arguments))!.Value;

    private static string Snippet() => Js().Match(File.ReadAllText(Path.Combine(Sources.Root, "docs", "api", "passkeys.md"))).Groups["code"].Value is { Length: > 0 } code
        ? code
        : throw new InvalidOperationException("The page about passkeys shows no code.");

    [GeneratedRegex("```js\n(?<code>.*?)```", RegexOptions.ExplicitCapture | RegexOptions.Singleline, 1000)]
    private static partial Regex Js();
}
