using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>How people want to be told.</summary>
internal static class PreferencesSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddPreferences(this IServiceCollection services) => services
        .AddScoped<Choices>().AddScoped<QuietTimes>().AddSingleton<ExitLinks>().AddScoped<ExitPages>().AddScoped<IMailGate, MailGate>().AddPersonalData<PersonsPreferences>();

    /// <summary>Maps its tables.</summary>
    public static void MapPreferences(this ModelBuilder model)
    {
        model.Entity<PersonRow>().ToTable("people", "notifications").HasKey(person => person.PersonId);
        model.Entity<PreferenceRow>(preference =>
        {
            preference.ToTable("preferences", "notifications").HasKey(p => new { p.PersonId, p.Kind, p.Channel });
            preference.Property(p => p.Channel).IsNamed();
        });
    }

    /// <summary>Maps its routes, below <c>/notifications</c>.</summary>
    public static void MapPreferences(this IEndpointRouteBuilder notices)
    {
        notices.MapGet("/preferences", ShowPreferences.Handle);
        notices.MapPut("/preferences", ChangePreferences.Handle);
        notices.MapGet("/unsubscribe/{token}", ShowUnsubscription.Handle).ForAnyone().WithMetadata(new IgnoresAccessToken());
        notices.MapPost("/unsubscribe/{token}", Unsubscribe.Handle).ForAnyone().WithMetadata(new IgnoresAccessToken());
    }
}
