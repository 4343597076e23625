using Microsoft.Extensions.Options;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Platform.Errors;

/// <summary>Forgets errors that have not come for long, dealt with or not.</summary>
internal sealed class ForgetErrors(Db db, IOptions<TelemetrySettings> settings) : IHandle<Tick>
{
    public Task Handle(Tick message, CancellationToken ct) =>
        db.Execute($"delete from platform.errors where last_seen_at < {message.At - TimeSpan.FromDays(settings.Value.ErrorDays)}", ct);
}
