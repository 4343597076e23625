using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>Signing in by a provider, as the module takes it in.</summary>
internal static class OAuthSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddOAuth(this IServiceCollection services)
    {
        // The factory's own log lines would tell each address with what stands in it.
        services.AddHttpClient(Outside.Client, client => client.MaxResponseContentBufferSize = Outside.AnswerBytesAtMost)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            .RemoveAllLoggers();
        return services
            .AddSettings<OAuthSettings>("OAuth").AddSingleton<IValidateOptions<OAuthSettings>, OAuthSettingsRules>()
            .AddSingleton<Outside>().AddSingleton<Providers>().AddSingleton<FrontEnd>().AddSingleton<Arrivals>().AddSingleton<Users.Takeover>()
            .AddPersonalData<PersonsIdentities>().AddSingleton<IKeepsAccounts, PersonsIdentities>()
            .Every<ForgetSignIns>(ForgetSignIns.Kind, TimeSpan.FromHours(1));
    }

    /// <summary>Maps its tables.</summary>
    public static void Map(ModelBuilder model)
    {
        model.Entity<Identity>().ToTable("identities", "accounts").HasKey(identity => new { identity.Issuer, identity.Subject });
        model.Entity<BegunSignIn>().ToTable("oauth_states", "accounts").HasKey(begun => begun.Hash);
        model.Entity<OneTimeCode>().ToTable("oauth_codes", "accounts").HasKey(code => code.Hash);
    }

    /// <summary>Maps its routes.</summary>
    public static void Map(RouteGroupBuilder auth)
    {
        var oauth = auth.MapGroup("/oauth").ForAnyone().WithMetadata(new IgnoresAccessToken());
        oauth.MapGet("", ListSignInProviders.Handle);
        oauth.MapGet("/{provider}", BeginProviderSignIn.Handle).Limited("oauth-begin", (OAuthSettings settings) => new(settings.BeginsPerAddress, settings.WindowSeconds));
        oauth.MapGet("/{provider}/callback", FinishProviderSignIn.Handle).Limited("oauth-return", (OAuthSettings settings) => new(settings.ReturnsPerAddress, settings.WindowSeconds));
        oauth.MapPost("/exchange", ExchangeCode.Handle).Limited("oauth-exchange", (OAuthSettings settings) => new(settings.ExchangesPerAddress, settings.WindowSeconds));
    }
}
