using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Keeps endpoints' secrets sealed. Each endpoint has a key of its own, kept as persons' keys are: wrapped anew when the house's secret is exchanged, and ended with the endpoint.</summary>
internal sealed class EndpointSecrets(PersonSeals seals)
{
    private const string Place = "notifications.webhook_endpoints.secret";

    /// <summary>Seals a secret of an endpoint.</summary>
    public Task<byte[]> Seal(Db db, Guid endpointId, byte[] secret, CancellationToken ct) => seals.Seal(db, endpointId, secret, Place, ct);

    /// <summary>The secrets that sign, the newest first; null where the endpoint is gone.</summary>
    public async Task<IReadOnlyList<byte[]>?> Open(Db db, Guid endpointId, byte[] secret, byte[]? oldSecret, CancellationToken ct)
    {
        if (await seals.Open(db, endpointId, secret, Place, ct) is not { } newest)
            return null;
        return oldSecret is not null && await seals.Open(db, endpointId, oldSecret, Place, ct) is { } old ? [newest, old] : [newest];
    }
}
