using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Platform.OpenApi;
using Quitanda.Platform.Operations;

namespace Quitanda.Platform;

/// <summary>Everything of Platform that a host needs, in two calls.</summary>
public static class PlatformSetup
{
    /// <summary>Adds Platform's services. The host adds <see cref="Database"/> and <see cref="Secrets"/> itself: it knows where they come from.</summary>
    public static IServiceCollection AddPlatform(this IServiceCollection services)
    {
        services
            .AddSettings<HttpSettings>("Http").AddSettings<DatabaseSettings>("Database").AddSettings<JobSettings>("Jobs").AddSettings<CacheSettings>("Cache").AddSettings<SecretSettings>("Secrets")
            .AddSingleton(TimeProvider.System)
            .AddSingleton<Subscriptions>().AddSingleton<ResponseCache>().AddSingleton<Executor>()
            .AddSingleton<Signals>().AddHostedService(provider => provider.GetRequiredService<Signals>())
            .AddMetrics().AddSingleton<JobMeters>().AddHostedService(provider => provider.GetRequiredService<JobMeters>())
            .AddSingleton<JobRunner>().AddHostedService(provider => provider.GetRequiredService<JobRunner>())
            .AddSingleton<Readiness>().AddSingleton<Health>().AddScoped<Shown>().AddScoped<JobDesk>()
            .AddSingleton<IAuthorizationHandler, RolesHandler>()
            .Every<ForgetIdempotencyKeys>("platform.forget-idempotency-keys", TimeSpan.FromHours(1));

        services.AddSingleton(_ => new DbContextOptionsBuilder<Db>()
            // EF Core asks for a connection through the interceptor and gets the unit of work's own; this one is never made.
            .UseNpgsql("Host=unused")
            .AddInterceptors(new OwnConnection(), new OwnPatience())
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.MultipleCollectionIncludeWarning))
            .Options);
        services.AddScoped<Db>();

        services.ConfigureHttpJsonOptions(options => Wire.Configure(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddAuthentication();
        services.AddAuthorization();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<HttpSettings>>((cors, http) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(Split(http.Value.CorsOrigins)).AllowAnyHeader().AllowAnyMethod().SetPreflightMaxAge(TimeSpan.FromHours(1))
            .WithExposedHeaders("ETag", "Location", "Idempotency-Replayed", "X-Request-Id", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")));
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<HttpSettings>>((forwarded, http) => Trust(forwarded, http.Value));

        ApiDocument.Add(services);

        services.AddDataProtection().SetApplicationName("quitanda");
        services.AddSingleton<KeyRing>().AddSingleton<KeyEncryptor>();
        services.AddOptions<KeyManagementOptions>().Configure<KeyRing, KeyEncryptor>((keys, ring, encryptor) => (keys.XmlRepository, keys.XmlEncryptor) = (ring, encryptor));
        return services;
    }

    /// <summary>Builds the pipeline and maps every module's routes below <c>/api/v1</c>.</summary>
    public static void UsePlatform(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<HttpSettings>>().Value.TrustedProxies.Length > 0)
            app.UseForwardedHeaders();
        app.UseMiddleware<Edge>();
        app.UseMiddleware<Failures>();
        if (app.Services.GetRequiredService<IOptions<HttpSettings>>().Value.CorsOrigins.Length > 0)
            app.UseCors();
        app.UseMiddleware<PublicReads.Front>();
        app.UseMiddleware<Heads>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<Bodies>();

        Health.Map(app);
        ApiDocument.Map(app);
        var api = app.MapGroup("/api/v1").RequireAuthorization().AddEndpointFilterFactory(UseCases.Filter);
        OperationRoutes.Map(api);
        foreach (var module in app.Services.GetServices<IModule>())
            module.Map((IEndpointRouteBuilder)api);
    }

    private static string[] Split(string list) => list.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void Trust(ForwardedHeadersOptions forwarded, HttpSettings http)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var proxy in Split(http.TrustedProxies))
            if (System.Net.IPNetwork.TryParse(proxy, out var network))
                forwarded.KnownIPNetworks.Add(network);
            else
                forwarded.KnownProxies.Add(IPAddress.TryParse(proxy, out var address) ? address : throw new SettingException("Http:TrustedProxies", $"has '{proxy}', which is neither an address nor a network."));
    }
}
