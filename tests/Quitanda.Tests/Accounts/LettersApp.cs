using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;

namespace Quitanda.Tests.Accounts;

/// <summary>An application whose letters stay where tests can read them, with links to a front end.</summary>
public partial class LettersApp(TestPostgres postgres) : QuitandaApp(postgres)
{
    public const string Pages = "https://loja.exemplo.test/conta";

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Accounts:PagesUrl"] = Pages;
        builder.Configuration["Mail:Transport"] = "mailbox";
        builder.Configuration["Mail:MailboxSize"] = "10000";
    }

    /// <summary>What was written to an address, the newest first, once all jobs are done.</summary>
    internal async Task<List<(string Template, string Text)>> LettersTo(string address)
    {
        await RunJobs();
        return await WithDb(db => db.Read(
            $"select template, text_body from platform.mailbox where to_address = {address} order by position desc", row => (row.GetString(0), row.GetString(1)), TestContext.Current.CancellationToken));
    }

    /// <summary>The token in the newest letter of a kind to an address.</summary>
    internal async Task<string> TokenTo(string address, string template)
    {
        var letter = (await LettersTo(address)).Find(letter => letter.Template == template);
        Assert.True(letter.Text is not null, $"{address} got no {template}.");
        return Link().Match(letter.Text).Groups["token"].Value is { Length: 43 } token ? token : throw new InvalidOperationException($"{template} has no token:\n{letter.Text}");
    }

    /// <summary>Asks for a new password and gives the token that comes.</summary>
    internal async Task<string> Forgot(string email)
    {
        await (await Guest.Post("/api/v1/auth/forgot-password", new { email })).Body(HttpStatusCode.Accepted);
        return await TokenTo(email, "accounts.reset-link");
    }

    internal Task<HttpResponseMessage> Verify(string token) => Guest.Post("/api/v1/auth/verify-email", new { token });

    internal Task<HttpResponseMessage> Reset(string token, string password) => Guest.Post("/api/v1/auth/reset-password", new { token, password });

    internal async Task<JsonElement> Me(string accessToken) => await (await CreateClient(accessToken).Get("/api/v1/users/me")).Body();

    [GeneratedRegex("^" + Pages + "/[a-z-]+#token=(?<token>[A-Za-z0-9_-]+)\r?$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Link();
}
