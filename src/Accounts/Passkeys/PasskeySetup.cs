using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>What passkeys add to the module.</summary>
internal static class PasskeySetup
{
    public static IServiceCollection AddPasskeys(this IServiceCollection services) => services
        .AddSettings<PasskeySettings>("Passkeys").AddSingleton<IValidateOptions<PasskeySettings>, PasskeySettingsCheck>()
        .AddSingleton<RelyingParties>().AddSingleton<Ceremony>()
        .AddPersonalData<PersonsPasskeys>().AddSingleton<IKeepsAccounts, PersonsPasskeys>().AddWayIn<PersonsPasskeys>();

    public static void MapPasskeys(this ModelBuilder model)
    {
        model.Entity<Passkey>().ToTable("passkeys", "accounts");
        model.Entity<PasskeyChallenge>().ToTable("passkey_challenges", "accounts").HasKey(challenge => challenge.Hash);
    }

    public static void MapPasskeys(this RouteGroupBuilder auth)
    {
        var passkeys = auth.MapGroup("/passkeys");
        passkeys.MapGet("", ListPasskeys.Handle);
        passkeys.MapGet("/{id:guid}", ReadPasskey.Handle);
        passkeys.MapDelete("/{id:guid}", RemovePasskey.Handle);
        passkeys.MapPost("/options", BeginPasskey.Handle)
            .LimitedBy("passkey-options", (AccountSettings settings) => new(settings.SignInsPerAddress, settings.SignInWindowSeconds), (Caller caller) => $"{caller.Id}");
        passkeys.MapPost("", AddPasskey.Handle)
            .LimitedBy("passkey-add", (AccountSettings settings) => new(settings.SignInsPerAddress, settings.SignInWindowSeconds), (Caller caller) => $"{caller.Id}");

        var doors = passkeys.MapGroup("/login").ForAnyone().WithMetadata(new IgnoresAccessToken());
        // Twice as many, since a page asks when it is opened, before anybody wants to sign in.
        doors.MapPost("/options", BeginPasskeySignIn.Handle).Limited("passkey-sign-in-options", (AccountSettings settings) => new(2 * settings.SignInsPerAddress, settings.SignInWindowSeconds));
        doors.MapPost("", SignInWithPasskey.Handle).Limited("passkey-sign-in", (AccountSettings settings) => new(settings.SignInsPerAddress, settings.SignInWindowSeconds));
    }
}
