using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Accounts.OAuth;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>What is wrong with a provider's settings is said at the start, by name, and never with its value.</summary>
public sealed class OAuthSettingsTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Secret = "only-for-tests";

    [Theory]
    [InlineData("casa", "Issuer", "http://accounts.exemplo.test")]
    [InlineData("casa", "Issuer", "ftp://accounts.exemplo.test")]
    [InlineData("casa", "Issuer", "accounts.exemplo.test")]
    [InlineData("casa", "Issuer", "https://ana:senha@accounts.exemplo.test")]
    [InlineData("casa", "Issuer", "https://accounts.exemplo.test?a=b")]
    [InlineData("casa", "Issuer", "")]
    [InlineData("casa", "ClientId", "")]
    [InlineData("casa", "ClientId", "two words")]
    [InlineData("casa", "ClientSecret", "only for\ntests")]
    [InlineData("casa", "Scopes", "email profile")]
    [InlineData("casa", "Scopes", "openid  email")]
    [InlineData("casa", "ApiUrl", "https://api.exemplo.test")]
    [InlineData("casa", "Name", "two\nlines")]
    [InlineData("Casa", "ClientId", "quitanda")]
    [InlineData("exchange", "ClientId", "quitanda")]
    [InlineData("-casa", "ClientId", "quitanda")]
    public void A_provider_that_cannot_work_is_named(string id, string setting, string value)
    {
        var provider = new ProviderSettings { Issuer = "https://accounts.exemplo.test", ClientId = "quitanda", ClientSecret = Secret };
        provider = setting switch
        {
            "Issuer" => provider with { Issuer = value },
            "ClientId" => provider with { ClientId = value },
            "ClientSecret" => provider with { ClientSecret = value },
            "Scopes" => provider with { Scopes = value },
            "ApiUrl" => provider with { ApiUrl = value },
            _ => provider with { Name = value },
        };
        var failures = string.Join('\n', Judge(id, provider).Failures ?? []);

        Assert.StartsWith($"OAuth:Providers:{id}", failures, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, failures, StringComparison.Ordinal);
    }

    [Fact]
    public void Honest_providers_pass_and_none_without_a_front_end_to_come_back_to()
    {
        var google = new ProviderSettings { Issuer = "https://accounts.google.com", ClientId = "quitanda", ClientSecret = Secret };
        var gitHub = new ProviderSettings { Kind = ProviderKind.GitHub, ClientId = "Iv1.quitanda", ClientSecret = Secret };
        Assert.True(Judge("google", google).Succeeded);
        Assert.True(Judge("github", gitHub).Succeeded);
        Assert.True(Judge("local", google with { Issuer = "http://localhost:9000", ClientSecret = "", Scopes = "openid email" }).Succeeded);
        Assert.False(Judge("github", gitHub with { ClientSecret = "" }).Succeeded);
        Assert.Contains("Accounts:PagesUrl", string.Join('\n', Judge("google", google, pages: "").Failures!), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, $"{google} {new OAuthSettings { Providers = new Dictionary<string, ProviderSettings>(StringComparer.Ordinal) { ["google"] = google } }}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OAuth:Providers:casa:Issuer", "http://accounts.exemplo.test")]
    [InlineData("OAuth:BaseUrl", "api.exemplo.test")]
    [InlineData("OAuth:TimeoutSeconds", "0")]
    public async Task A_bad_value_stops_the_start(string name, string value)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAnother(builder => builder.Configuration[name] = value));
        Assert.Contains(name.Split(':')[1], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task So_does_a_name_that_a_provider_does_not_have() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAnother(builder => builder.Configuration["OAuth:Providers:casa:ClientSekret"] = "x"));

    private static ValidateOptionsResult Judge(string id, ProviderSettings provider, string pages = "https://loja.exemplo.test") =>
        new OAuthSettingsRules(Options.Create(new AccountSettings { PagesUrl = pages })).Validate(null, new() { Providers = new Dictionary<string, ProviderSettings>(StringComparer.Ordinal) { [id] = provider } });
}
