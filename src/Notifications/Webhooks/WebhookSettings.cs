using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Quitanda.Platform;

namespace Quitanda.Notifications.Webhooks;

/// <summary>Settings of webhooks and of the feed of events. Section <c>Webhooks</c>.</summary>
internal sealed record WebhookSettings
{
    /// <summary>Seconds that an endpoint may take for all of its answer: four fifths of <c>Jobs:TrySeconds</c> at the most.</summary>
    [Range(1, 20)]
    public int TimeoutSeconds { get; init; } = 15;

    /// <summary>Hours that the secret before the newest one signs as well.</summary>
    [Range(1, 720)]
    public int OldSecretHours { get; init; } = 24;

    /// <summary>Days after which an endpoint that answered nothing well in all that time is disabled.</summary>
    [Range(1, 365)]
    public int DisableAfterDays { get; init; } = 5;

    /// <summary>Days that events and their deliveries are kept.</summary>
    [Range(7, 3650)]
    public int EventDays { get; init; } = 30;
}

/// <summary>Refuses at the start a call that would outlast its job: what came of it could never be written down.</summary>
internal sealed class WebhookSettingsRules(IOptions<JobSettings> jobs) : IValidateOptions<WebhookSettings>
{
    public ValidateOptionsResult Validate(string? name, WebhookSettings options) => jobs.Value.MayWait("Webhooks:TimeoutSeconds", options.TimeoutSeconds);
}
