using System.Diagnostics;
using System.Runtime.Loader;
using Microsoft.Extensions.Hosting;
using Quitanda.Platform;
using Quitanda.Tests.Platform;

#pragma warning disable CA1050, MA0047 // The runtime looks for this name, outside any namespace.

/// <summary>Brings the probe module into a host of its own process, which the runtime calls by <c>DOTNET_STARTUP_HOOKS</c>: for what only whole processes show.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        // The host knows nothing of the tests' own assemblies, which lie elsewhere.
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            Path.Combine(Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!, $"{name.Name}.dll") is var path && File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
        DiagnosticListener.AllListeners.Subscribe(new Listeners());
    }

    private sealed class Listeners : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.Extensions.Hosting")
                value.Subscribe(new Building());
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }
    }

    private sealed class Building : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder builder })
                builder.ConfigureServices((_, services) =>
                {
                    ProbeApp.Add(services, new());
                    services.Every<TickOften>(TickOften.Kind, TickOften.Period);
                });
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }
    }
}
