using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Quitanda.Tests;

/// <summary>Another process of an application. It is stopped before it is disposed of, as a host is: else what works in the background falls over what is gone, and says so.</summary>
internal sealed class OtherProcess(WebApplication app) : IHost, IAsyncDisposable
{
    private bool _isStopped;

    public IServiceProvider Services => app.Services;

    public Task StartAsync(CancellationToken cancellationToken = default) => app.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        _isStopped = true;
        return app.StopAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
            await StopAsync();
        await app.DisposeAsync();
    }

    public void Dispose() => ((IDisposable)app).Dispose();
}
