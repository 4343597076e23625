using System.Net.Http.Headers;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quitanda.Platform;

namespace Quitanda.Tests;

/// <summary>A second process of an application: on the same database, with the same clock, and otherwise apart.</summary>
internal static class Beside
{
    /// <summary>Starts one, and waits until both hear each other.</summary>
    public static async Task<OtherProcess> StartBeside(this QuitandaApp app, params (string Name, string Value)[] settings)
    {
        var other = new OtherProcess(QuitandaApp.Build(app.ConnectionString, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(app.Clock));
            foreach (var (name, value) in settings)
                builder.Configuration[name] = value;
        }));
        await other.StartAsync(TestContext.Current.CancellationToken);
        foreach (var services in (IServiceProvider[])[app.Services, other.Services])
            await services.GetRequiredService<Signals>().Listening.WaitAsync(Eventually.Patience, TestContext.Current.CancellationToken);
        return other;
    }

    /// <summary>A client of that process, for who calls the first one with <paramref name="there"/>.</summary>
    public static HttpClient ClientFor(this OtherProcess other, HttpClient there)
    {
        var client = other.GetTestClient();
        client.Timeout = TimeSpan.FromMinutes(3);
        client.DefaultRequestHeaders.Authorization = there.DefaultRequestHeaders.Authorization is { } given ? AuthenticationHeaderValue.Parse(given.ToString()) : null;
        return client;
    }
}
