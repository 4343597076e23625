using System.Net;
using System.Reflection;
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
using Quitanda.Platform.AuditLog;
using Quitanda.Platform.Errors;
using Quitanda.Platform.Mails;
using Quitanda.Platform.OpenApi;
using Quitanda.Platform.Operations;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Platform;

/// <summary>Everything of Platform that a host needs, in two calls.</summary>
public static class PlatformSetup
{
    /// <summary>Adds Platform's services. The host adds <see cref="Database"/> and <see cref="Secrets"/> itself: it knows where they come from.</summary>
    public static IServiceCollection AddPlatform(this IServiceCollection services)
    {
        services
            .AddSettings<HttpSettings>("Http").AddSettings<DatabaseSettings>("Database").AddSettings<JobSettings>("Jobs").AddSettings<CacheSettings>("Cache").AddSettings<SecretSettings>("Secrets")
            .AddSettings<CompressionSettings>("Compression").AddSettings<LimitSettings>("Limits").AddSettings<TelemetrySettings>("Telemetry")
            .AddSettings<OutsideSettings>("Outside").AddSingleton<IValidateOptions<OutsideSettings>, OutsideHttp.Rules>().AddSingleton<OutsideHttp>()
            .AddSingleton(TimeProvider.System)
            // First, so that it is the last to end.
            .AddSingleton<Otlp>().AddHostedService(provider => provider.GetRequiredService<Otlp>())
            .AddSingleton<RequestMeter>().AddSingleton<HouseMeter>().AddSingleton<Collector>().AddHostedService(provider => provider.GetRequiredService<Collector>()).AddSingleton<MetricsReaders>()
            .AddSingleton<SentryReports>().AddHostedService(provider => provider.GetRequiredService<SentryReports>())
            .AddSingleton<ErrorLog>().AddSingleton<IErrorLog>(provider => provider.GetRequiredService<ErrorLog>()).AddHostedService(provider => provider.GetRequiredService<ErrorLog>())
            .AddSingleton<SlowStatements>()
            .AddSingleton<Subscriptions>().AddSingleton<ResponseCache>().AddSingleton<Executor>()
            .AddSingleton<Evictions>().AddHostedService(provider => provider.GetRequiredService<Evictions>())
            .AddSingleton<Signals>().AddHostedService(provider => provider.GetRequiredService<Signals>())
            .AddMetrics().AddSingleton<JobMeters>().AddHostedService(provider => provider.GetRequiredService<JobMeters>())
            .AddSingleton<JobRunner>().AddHostedService(provider => provider.GetRequiredService<JobRunner>())
            .AddSingleton<Readiness>().AddSingleton<Health>().AddScoped<Shown>().AddScoped<JobDesk>().AddScoped<CurrentJob>()
            .AddSingleton<Limits>().AddSingleton<SharedLimits>().AddSingleton<IQuotas>(provider => provider.GetRequiredService<SharedLimits>()).AddSingleton<Guests>()
            .AddSingleton<IAuthorizationHandler, RolesHandler>()
            .AddSingleton<PersonKeys>().AddSingleton(provider => new AuditTrail(provider.GetRequiredService<PersonKeys>(), provider.GetRequiredService<TimeProvider>())).AddSingleton<IAuthorizationMiddlewareResultHandler, RefusedAccess>()
            .AddPersonalData<PersonsLog>()
            .AddScoped(provider => new PersonalExport(provider.GetServices<IPersonalData>(), provider.GetRequiredService<Db>(), provider.GetRequiredService<TimeProvider>()))
            .AddSingleton(provider => new PersonSeals(provider.GetRequiredService<PersonKeys>()))
            .AddScoped(provider => new Erasure(provider.GetServices<IPersonalData>(), provider.GetRequiredService<Db>(), provider.GetRequiredService<TimeProvider>()))
            .AddJob<EraseAgain.Message, EraseAgain>(EraseAgain.Kind)
            .Every<RewrapPersonKeys>("platform.rewrap-person-keys", TimeSpan.FromHours(1))
            .Every<ForgetIdempotencyKeys>("platform.forget-idempotency-keys", TimeSpan.FromHours(1))
            .Every<ForgetEvictions>("platform.forget-evictions", TimeSpan.FromMinutes(5))
            .Every<ForgetLimits>("platform.forget-limits", TimeSpan.FromMinutes(5))
            .Every<ForgetErrors>("platform.forget-errors", TimeSpan.FromDays(1));

        AddMail(services);
        services.AddStreams();

        services.AddSingleton(provider => new DbContextOptionsBuilder<Db>()
            // EF Core asks for a connection through the interceptor and gets the unit of work's own; this one is never made.
            .UseNpgsql("Host=unused")
            .AddInterceptors(new OwnConnection(), new FirstThingsFirst(), provider.GetRequiredService<SlowStatements>(), new OwnPatience())
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.MultipleCollectionIncludeWarning))
            .Options);
        services.AddScoped(provider => new Db(
            provider.GetRequiredService<DbContextOptions<Db>>(), provider.GetRequiredService<Database>(), provider.GetServices<IModule>(), provider.GetRequiredService<Subscriptions>(),
            provider.GetRequiredService<AuditTrail>(), provider.GetRequiredService<SlowStatements>(), provider.GetRequiredService<TimeProvider>()));

        services.ConfigureHttpJsonOptions(options => Wire.Configure(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.AddAuthentication();
        services.AddAuthorization();
        services.AddCors();
        services.AddOptions<CorsOptions>().Configure<IOptions<HttpSettings>>((cors, http) => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(OriginsOf(http.Value)).AllowAnyHeader().AllowAnyMethod().SetPreflightMaxAge(TimeSpan.FromHours(1))
            .WithExposedHeaders("ETag", "Location", "Idempotency-Replayed", "X-Request-Id", Guests.Header, "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")));
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
        app.UseMiddleware<Limits.OfGuests>();
        app.UseMiddleware<PublicReads.Front>();
        app.UseMiddleware<Compression>();
        app.UseMiddleware<Heads>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseMiddleware<Limits.OfCallers>();
        app.UseAuthorization();
        app.UseMiddleware<PublicReads.OfCustomers>();
        app.UseMiddleware<Bodies>();

        Health.Map(app);
        ReadMetrics.Map(app);
        ApiDocument.Map(app);
        app.MapRealtime();
        if (app.Services.GetRequiredService<IOptions<MailSettings>>().Value.IsMailbox())
            MailboxPages.Map(app);
        var api = app.MapGroup("/api/v1").RequireAuthorization().AddEndpointFilterFactory(UseCases.Filter);
        // Every other step sees what a route answers by its metadata alone.
        ((IEndpointConventionBuilder)api).Add(route =>
        {
            if (route.Metadata.OfType<MethodInfo>().FirstOrDefault()?.DeclaringType?.GetCustomAttribute<AnswersSecretAttribute>() is { } secret)
                route.Metadata.Add(secret);
        });
        ((IEndpointConventionBuilder)api).GiveKeyScopes();
        api.MapGet("/audit-log", ListAuditLog.Handle).Needs(Roles.Admin).WithTags("Operations");
        var errors = api.MapGroup("/errors").WithTags("Errors").Needs(Roles.Admin);
        errors.MapGet("", ListErrors.Handle);
        errors.MapGet("/{id:guid}", ShowError.Handle);
        errors.MapPost("/{id:guid}/resolve", ResolveError.Handle);
        api.MapPost("/stream-tickets", IssueStreamTicket.Handle).WithTags("Streams");
        OperationRoutes.Map(api);
        var off = app.Services.GetRequiredService<ModulesOff>();
        foreach (var module in app.Services.GetServices<IModule>().Where(module => !off.Has(module.GetType())))
            module.Map((IEndpointRouteBuilder)api);
        var root = app.MapGroup("").AllowAnonymous().WithMetadata(new IgnoresAccessToken());
        foreach (var module in app.Services.GetServices<IModule>().Where(module => !off.Has(module.GetType())).OfType<IRootRoutes>())
            module.MapRoot(root);
    }

    private static void AddMail(IServiceCollection services)
    {
        services
            .AddSettings<MailSettings>("Mail").AddSingleton<IValidateOptions<MailSettings>, MailSettingsRules>()
            .AddScoped<IMail, MailQueue>()
            .AddSingleton<LocalMailbox>().AddSingleton<SmtpTransport>().AddSingleton<ResendTransport>()
            .AddSingleton<IMailTransport>(provider => provider.GetRequiredService<IOptions<MailSettings>>().Value.Carrier switch
            {
                "smtp" => provider.GetRequiredService<SmtpTransport>(),
                "resend" => provider.GetRequiredService<ResendTransport>(),
                "mailbox" => provider.GetRequiredService<LocalMailbox>(),
                _ => new NoTransport(),
            })
            .AddOutsideJob<SendMail.Message, SendMail.Outcome, SendMail>(SendMail.Kind)
            .Every<ForgetDeadMails>("platform.forget-dead-mails", TimeSpan.FromDays(1));
        // The factory's own log lines would tell each mail a second time.
        services.AddHttpClient(ResendTransport.Client, client => client.MaxResponseContentBufferSize = ResendTransport.AnswerBytesAtMost)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
            .RemoveAllLoggers();
    }

    /// <summary>Whose pages may call from a browser.</summary>
    internal static string[] OriginsOf(HttpSettings http) => Split(http.CorsOrigins);

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
