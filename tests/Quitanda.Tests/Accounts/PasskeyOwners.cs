using System.Net;
using System.Text.Json;

namespace Quitanda.Tests.Accounts;

/// <summary>Somebody who signed up with a password, and their browser.</summary>
internal sealed record PasskeyPerson(QuitandaApp App, Guid Id, string Email, HttpClient Client)
{
    private const string Path = "/api/v1/auth/passkeys";

    public static async Task<PasskeyPerson> SignUp(QuitandaApp app)
    {
        var email = People.NewEmail();
        var registered = await app.Register(email);
        return new(app, registered.GetProperty("user").Id(), email, app.CreateClient(registered.Text("accessToken")));
    }

    /// <summary>The same person, signed in once more.</summary>
    public async Task<PasskeyPerson> Elsewhere() => this with { Client = App.CreateClient((await (await App.SignIn(Email)).Body()).Text("accessToken")) };

    /// <summary>What a browser is told before it makes a passkey.</summary>
    public async Task<JsonElement> Begin() => await (await Client.Post($"{Path}/options", new { password = People.Password })).Body();

    public Task<HttpResponseMessage> Add(object credential, string? name = null) => Client.Post(Path, name is null ? new { credential } : new { credential, name });

    /// <summary>Adds a passkey as a browser does, and gives its authenticator.</summary>
    public async Task<SoftAuthenticator> NewPasskey(Answering? answering = null)
    {
        var authenticator = new SoftAuthenticator();
        await (await Add(authenticator.Create(await Begin(), answering))).Body(HttpStatusCode.Created);
        return authenticator;
    }
}

/// <summary>How a guest signs in with a passkey.</summary>
internal static class PasskeySignIns
{
    public static async Task<JsonElement> BeginPasskeySignIn(this QuitandaApp app) => await (await app.Guest.Post("/api/v1/auth/passkeys/login/options")).Body();

    public static Task<HttpResponseMessage> SignInWith(this QuitandaApp app, object credential) => app.Guest.Post("/api/v1/auth/passkeys/login", new { credential });

    public static async Task<HttpResponseMessage> SignInWith(this QuitandaApp app, SoftAuthenticator authenticator, Answering? answering = null) =>
        await app.SignInWith(authenticator.Get(await app.BeginPasskeySignIn(), answering));
}
