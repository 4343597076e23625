using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Quitanda.Accounts;
using Quitanda.Baskets;
using Quitanda.Booking;
using Quitanda.Catalog;
using Quitanda.Content;
using Quitanda.Files;
using Quitanda.MovingIn;
using Quitanda.Notifications;
using Quitanda.Ordering;
using Quitanda.Payments;
using Quitanda.Platform;
using Quitanda.Reviews;

namespace Quitanda.Host;

/// <summary>The house put together: the list of modules and the process around them.</summary>
internal static class Application
{
    /// <summary>What comes with the house. Lower modules first: a module may use those above it in this list, never those below.</summary>
    public static readonly IReadOnlyList<HouseModule> Modules =
    [
        new("Files", FilesModule.Add) { IsBase = true },
        new("Accounts", AccountsModule.Add) { IsBase = true },
        new("Reviews", ReviewsModule.Add),
        new("Content", ContentModule.Add),
        new("Payments", PaymentsModule.Add) { IsBase = true },
        new("Catalog", CatalogModule.Add),
        new("Ordering", OrderingModule.Add, "Catalog"),
        new("Booking", BookingModule.Add),
        new("Baskets", BasketsModule.Add, "Ordering", "Booking"),
        new("Notifications", NotificationsModule.Add),
        new("MovingIn", MovingInModule.Add),
    ];

    /// <summary>Builds the application on a database, without starting it.</summary>
    /// <param name="connectionString">An Npgsql connection string.</param>
    /// <param name="secretsFolder">Where secrets are made and kept; null where they are required settings.</param>
    /// <param name="configure">What the caller adds: settings of the command line, or a test's clock.</param>
    /// <param name="added">Modules from outside the house, which come after its own.</param>
    public static WebApplication Build(string connectionString, string? secretsFolder, Action<WebApplicationBuilder> configure, IReadOnlyList<HouseModule>? added = null)
    {
        // Settings come from the environment and the command line: a file in the working folder would be read from wherever one happens to stand.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddPlatform();

        var house = new House();
        house.Add(builder.Services, [.. Modules, .. added ?? []]);

        builder.Services
            .AddSingleton(provider => new Database(connectionString, provider.GetRequiredService<IOptions<DatabaseSettings>>().Value))
            .AddSingleton(provider =>
            {
                var settings = provider.GetRequiredService<IOptions<SecretSettings>>().Value;
                return Secrets.From(secretsFolder is null ? settings : Secrets.FromFolder(settings, secretsFolder));
            });

        builder.Logging.ClearProviders();
        builder.Logging.AddJsonLines();

        builder.WebHost.ConfigureKestrel((_, kestrel) => kestrel.AddServerHeader = false);
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<HttpSettings>>((kestrel, http) => Listen(kestrel, http.Value));
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<HttpSettings>>((host, http) => host.ShutdownTimeout = TimeSpan.FromSeconds(http.Value.StopSeconds));

        configure(builder);
        house.TurnOff(builder.Services, builder.Configuration);
        var app = builder.Build();
        // A missing secret is found now, not at the first sign-in.
        _ = app.Services.GetRequiredService<Secrets>();
        app.UsePlatform();
        app.UseDocs();
        return app;
    }

    /// <summary>The assemblies that bring migrations, in the order they are applied; those of modules that are off too.</summary>
    public static IEnumerable<Assembly> Migrations(IServiceProvider services) =>
        [typeof(Db).Assembly, .. services.GetServices<IModule>().Select(module => module.GetType().Assembly)];

    private static void Listen(KestrelServerOptions kestrel, HttpSettings http)
    {
        kestrel.Limits.MaxRequestBodySize = http.MaxBodyBytes + 1L;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        if (http.Address == "localhost")
            kestrel.ListenLocalhost(http.Port);
        else
            kestrel.Listen(IPAddress.TryParse(http.Address, out var address) ? address : throw new SettingException("Http:Address", $"is '{http.Address}', which is not an address."), http.Port);
    }
}
