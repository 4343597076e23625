using Microsoft.Extensions.DependencyInjection;

namespace Quitanda.Platform;

/// <summary>One options record and the section it is bound to. What the configuration page must list.</summary>
[EvenWhenOff]
public sealed record SettingsSection(string Name, Type Type);

/// <summary>How a module says what can be set.</summary>
public static class SettingsRegistration
{
    /// <summary>Binds <typeparamref name="T"/> to a section once, refuses names it does not know, and checks every rule when the host starts.</summary>
    public static IServiceCollection AddSettings<T>(this IServiceCollection services, string section) where T : class
    {
        services.AddSingleton(new SettingsSection(section, typeof(T)));
        services.AddOptions<T>().BindConfiguration(section, binder => binder.ErrorOnUnknownConfiguration = true).ValidateDataAnnotations().ValidateOnStart();
        return services;
    }
}
