using System.Net;

namespace Quitanda.Tests.Accounts;

/// <summary>The secret that signs access tokens is exchanged process by process, as operations/secrets.md says, and nobody is signed out.</summary>
public sealed class SigningSecretTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string New = "the-next-secret-of-tests-is-made-of-words-too";

    [Fact]
    public async Task Through_every_step_of_an_exchange_every_token_is_good_on_every_process()
    {
        // Each step is rolled out while processes of the step before still run.
        string[] steps = [QuitandaApp.TestSecret, $"{QuitandaApp.TestSecret} {New}", $"{New} {QuitandaApp.TestSecret}"];
        var user = await app.Insert();
        List<OtherProcess> processes = [];
        try
        {
            foreach (var secrets in steps)
                processes.Add(await app.StartBeside(("Secrets:TokenSigning", secrets)));
            for (var newer = 1; newer < steps.Length; newer++)
            {
                await Accepts(processes[newer], processes[newer - 1], user.Id);
                await Accepts(processes[newer - 1], processes[newer], user.Id);
            }
        }
        finally
        {
            foreach (var process in processes)
                await process.DisposeAsync();
        }
    }

    [Fact]
    public async Task Without_the_old_secret_its_tokens_are_refused_and_a_refresh_goes_on()
    {
        var signedIn = await app.Register();
        await using var after = await app.StartBeside(("Secrets:TokenSigning", New));
        var client = after.ClientFor(app.CreateClient(signedIn.Text("accessToken")));

        Assert.Equal("unauthenticated", await (await client.Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
        var next = await (await after.ClientFor(app.Guest).Post("/api/v1/auth/refresh", new { refreshToken = signedIn.Text("refreshToken") })).Body();
        await (await after.ClientFor(app.CreateClient(next.Text("accessToken"))).Get("/api/v1/users/me")).Body();
        Assert.Equal("unauthenticated", await (await app.CreateClient(next.Text("accessToken")).Get("/api/v1/users/me")).Refusal(HttpStatusCode.Unauthorized));
    }

    private async Task Accepts(OtherProcess reader, OtherProcess writer, Guid userId)
    {
        var token = ((Quitanda.Accounts.Sessions.AccessTokens)writer.Services.GetService(typeof(Quitanda.Accounts.Sessions.AccessTokens))!).Issue(userId, Guid.CreateVersion7(), version: 1);
        await (await reader.ClientFor(app.CreateClient(token)).Get("/api/v1/users/me")).Body();
    }
}
