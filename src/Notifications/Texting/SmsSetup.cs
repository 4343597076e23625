using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Notifications.Deliveries;
using Quitanda.Platform;

namespace Quitanda.Notifications.Texting;

/// <summary>Text messages.</summary>
internal static class SmsSetup
{
    /// <summary>Adds their services.</summary>
    public static IServiceCollection AddSms(this IServiceCollection services)
    {
        SmsLine.Add(services);
        return services.AddSettings<SmsSettings>("Sms").AddSingleton<IValidateOptions<SmsSettings>, Rules>()
            .AddOutsideJob<Delivering.Message, Delivering.Outcome, SendSms>(SendSms.Kind);
    }

    /// <summary>What no attribute can judge; never a secret's value.</summary>
    private sealed class Rules : IValidateOptions<SmsSettings>
    {
        public ValidateOptionsResult Validate(string? name, SmsSettings options)
        {
            if (!options.IsOn() && (options.AccountSid.Length > 0 || options.AuthToken.Length > 0 || options.From.Length > 0))
                return ValidateOptionsResult.Fail("Sms:AccountSid, Sms:AuthToken and Sms:From come together.");
            return Uri.TryCreate(options.Url, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback
                ? ValidateOptionsResult.Fail("Sms:Url must begin with https://: the token would travel in the clear.")
                : ValidateOptionsResult.Success;
        }
    }
}
