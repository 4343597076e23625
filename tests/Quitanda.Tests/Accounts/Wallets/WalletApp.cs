using System.Text.Json;
using Microsoft.AspNetCore.Builder;

namespace Quitanda.Tests.Accounts.Wallets;

/// <summary>An application with a front end, whose people sign in with wallets of two chains.</summary>
public sealed class WalletApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    public const string Domain = "loja.exemplo.test";
    public const string Page = $"https://{Domain}/conta";
    public const string Nonce = "/api/v1/auth/wallet/nonce";
    public const string Login = "/api/v1/auth/wallet/login";

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Accounts:AccessTokenSeconds"] = "3600";
        builder.Configuration["Accounts:PagesUrl"] = Page;
        builder.Configuration["Accounts:WalletChains"] = "1 137";
    }

    /// <summary>The message for a wallet to sign.</summary>
    internal async Task<string> MessageFor(TestWallet wallet, long? chainId = null) =>
        (await (await Guest.Post(Nonce, new { address = wallet.Address, chainId })).Body()).Text("message");

    internal Task<HttpResponseMessage> Send(string message, string signature, string? code = null) => Guest.Post(Login, new { message, signature, code });

    /// <summary>Signs in as people do: asks for the message, signs it, sends both.</summary>
    internal async Task<HttpResponseMessage> SignIn(TestWallet wallet, string? code = null)
    {
        var message = await MessageFor(wallet);
        return await Send(message, await wallet.Sign(message), code);
    }

    /// <summary>Signs in somebody who must get in, and says who they are.</summary>
    internal async Task<(Guid Id, HttpClient Client, JsonElement Answer)> Enter(TestWallet wallet)
    {
        var answer = await (await SignIn(wallet)).Body();
        return (answer.GetProperty("user").Id(), CreateClient(answer.Text("accessToken")), answer);
    }
}
