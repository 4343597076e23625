using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Platform;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Accounts.OAuth;

/// <summary>An application with providers to sign in by: a real one by three algorithms, one that lies, GitHub's likeness, and one that is not there.</summary>
public class OAuthApp(TestPostgres postgres) : LettersApp(postgres), IAsyncLifetime
{
    private static readonly string[] Real = ["casa", "casa-ps", "casa-es", "casa-publica"];

    internal OidcServer Oidc { get; } = new();

    internal LyingProvider Liar { get; } = new();

    internal GitHubServer GitHub { get; } = new();

    internal CapturedLog Log { get; } = new();

    /// <summary>What talks to providers as a browser does.</summary>
    internal HttpClient Outside { get; } = MakeOutside();

    /// <summary>The settings of its providers, for a second process.</summary>
    internal IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["Accounts:PagesUrl"] = FrontEnd,
        ["OAuth:TimeoutSeconds"] = "2",
        ["OAuth:BeginsPerAddress"] = "100000",
        ["OAuth:ReturnsPerAddress"] = "100000",
        ["OAuth:ExchangesPerAddress"] = "100000",
        ["OAuth:Providers:casa:Issuer"] = Oidc.Issuer,
        ["OAuth:Providers:casa:ClientId"] = "quitanda",
        ["OAuth:Providers:casa:ClientSecret"] = OidcServer.Secret,
        ["OAuth:Providers:casa:Name"] = "Casa",
        ["OAuth:Providers:casa-ps:Issuer"] = Oidc.Issuer,
        ["OAuth:Providers:casa-ps:ClientId"] = "quitanda-ps",
        ["OAuth:Providers:casa-ps:ClientSecret"] = OidcServer.Secret,
        ["OAuth:Providers:casa-es:Issuer"] = Oidc.Issuer,
        ["OAuth:Providers:casa-es:ClientId"] = "quitanda-es",
        ["OAuth:Providers:casa-es:ClientSecret"] = OidcServer.Secret,
        ["OAuth:Providers:casa-publica:Issuer"] = Oidc.Issuer,
        ["OAuth:Providers:casa-publica:ClientId"] = "quitanda-public",
        ["OAuth:Providers:liar:Issuer"] = Liar.Issuer,
        ["OAuth:Providers:liar:ClientId"] = LyingProvider.ClientId,
        ["OAuth:Providers:liar:ClientSecret"] = "only-for-tests",
        ["OAuth:Providers:github:Kind"] = "github",
        ["OAuth:Providers:github:Issuer"] = GitHub.Url,
        ["OAuth:Providers:github:ApiUrl"] = $"{GitHub.Url}/api",
        ["OAuth:Providers:github:ClientId"] = GitHubServer.ClientId,
        ["OAuth:Providers:github:ClientSecret"] = GitHubServer.Secret,
        ["OAuth:Providers:github:Name"] = "GitHub",
        // Nobody listens there.
        ["OAuth:Providers:gone:Issuer"] = "http://127.0.0.1:1",
        ["OAuth:Providers:gone:ClientId"] = "quitanda",
    };

    /// <summary>Where people come back to.</summary>
    internal virtual string FrontEnd => Pages;

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Logging.AddProvider(Log);
        foreach (var (name, value) in Settings)
            builder.Configuration[name] = value;
    }

    /// <summary>Gives somebody a second factor, and gives its recovery codes.</summary>
    internal Task<string[]> GiveSecondFactor(Guid userId) => InScope(async provider =>
    {
        var (db, now) = (provider.GetRequiredService<Db>(), Clock.GetUtcNow());
        var secret = await provider.GetRequiredService<SecondFactor>().Seal(db, userId, new byte[20], CancellationToken.None);
        await db.Execute($"insert into accounts.authenticators (user_id, secret, last_step, created_at, confirmed_at) values ({userId}, {secret}, 0, {now}, {now})", CancellationToken.None);
        return SecondFactor.NewRecoveryCodes(db, userId);
    });

    /// <summary>The newest refusal of a sign-in by a provider, as the audit log has it.</summary>
    internal Task<string?> LastRefusal() => Scalar("select details->>'reason' || coalesce(': ' || (details->>'detail'), '') from platform.audit_log where action = 'ProviderSignInRefused' order by id desc limit 1");

    internal Task<long> Count(Sql what) => this.Scalar<long>($"select count(*) from {what}");

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await Oidc.Start(Clock.GetUtcNow(), [.. Real.Select(provider => $"http://localhost/api/v1/auth/oauth/{provider}/callback")]);
        await Liar.Start(Clock);
        await GitHub.Start();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await DisposeAsync();
        await Oidc.DisposeAsync();
        await Liar.DisposeAsync();
        await GitHub.DisposeAsync();
        Outside.Dispose();
        Log.Dispose();
    }

    private Task<string?> Scalar(string sql) => this.Scalar<string>(Sql.Raw(sql));

    private static HttpClient MakeOutside() =>
#pragma warning disable RS0030 // It plays a browser, which has a connection and cookies of its own.
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
#pragma warning restore RS0030
}
