using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Addresses;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts;

/// <summary>Who somebody is, how they prove it, and where they live.</summary>
public sealed class AccountsModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<AccountSettings>("Accounts")
        .AddSingleton<IModule, AccountsModule>()
        .AddSingleton<AccessTokens>();

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<User>(user =>
        {
            user.ToTable("users", "accounts");
            user.Property(u => u.UpdatedAt);
            user.Ignore(u => u.IsActingAdmin);
        });
        model.Entity<Session>().ToTable("sessions", "accounts");
        model.Entity<RefreshToken>().ToTable("refresh_tokens", "accounts").HasKey(token => token.Hash);
        model.Entity<SignInFailure>().ToTable("sign_in_failures", "accounts").HasKey(failure => failure.AddressHash);
        model.Entity<Address>().ToTable("addresses", "accounts");
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
    }
}
