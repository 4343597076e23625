using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts.Addresses;
using Quitanda.Accounts.Keys;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.OAuth;
using Quitanda.Accounts.Passkeys;
using Quitanda.Accounts.Passwords;
using Quitanda.Accounts.Profiles;
using Quitanda.Accounts.SecondFactors;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Tokens;
using Quitanda.Accounts.Users;
using Quitanda.Accounts.Wallets;
using Quitanda.Platform;

namespace Quitanda.Accounts;

/// <summary>Who somebody is, how they prove it, and where they live.</summary>
public sealed class AccountsModule : IModule
{
    /// <summary>Adds the module's services.</summary>
    public static void Add(IServiceCollection services) => services
        .AddSettings<AccountSettings>("Accounts")
        .AddSingleton<IModule, AccountsModule>()
        .AddSingleton<AccessTokens>().AddSingleton<KnownUsers>().AddSingleton<PasswordHashing>().AddSingleton<Sessions.Sessions>().AddSingleton<Admission>()
        .AddSingleton<SecondFactor>().AddPersonalData<PersonsSecondFactor>().AddJob<TellOfFewCodes.Message, TellOfFewCodes>(TellOfFewCodes.Kind)
        .AddPasskeys().AddLetter<SecurityNotice>()
        .AddSingleton<KnownKeys>().AddSingleton<KeyDoor>().AddSingleton<KeyScopeNames>().AddPersonalData<PersonsApiKeys>()
        .AddOAuth().AddWayIn<PersonsSecondFactor>().AddWayIn<PersonsApiKeys>().AddWayIn<PersonsIdentities>()
        .AddScoped<IAccounts, AddressBook>().AddScoped<IAccountsIntake, UserIntake>().AddScoped<ICallers, Callers>()
        .AddScoped<IAddressees, Addressees>().AddLetter<Welcome>()
        .AddLetter<VerifyAddress>().AddLetter<ResetLink>().AddLetter<PasswordChanged>().AddLetter<ConfirmAddress>().AddLetter<AddressChanged>()
        .AddSingleton<LinkPages>()
        .AddJob<SendVerification.Message, SendVerification>(SendVerification.Kind).AddJob<SendReset.Message, SendReset>(SendReset.Kind)
        .Every<RemoveUnverified>(RemoveUnverified.Kind, TimeSpan.FromHours(1)).AddJob<RemoveUser.Message, RemoveUser>(RemoveUser.Kind)
        .AddPersonalData<PersonsWallets>().AddSingleton<IKeepsAccounts, PersonsWallets>().AddWayIn<PersonsWallets>()
        .AddSingleton<IDemo, DemoUsers>()
        // Erased from the last to the first: tokens of letters, then users, then what is theirs, in the order in which everybody else locks them, so that two cannot deadlock.
        .AddPersonalData<PersonsSessions>().AddPersonalData<PersonsAddresses>().AddPersonalData<PersonsAccount>().AddPersonalData<PersonsTokens>()
        .Every<ForgetExpired>("accounts.forget-expired", TimeSpan.FromHours(1))
        .AddTransient<BearerHandler>()
        .AddAuthentication(authentication =>
        {
            authentication.DefaultScheme = BearerHandler.Scheme;
            authentication.AddScheme<BearerHandler>(BearerHandler.Scheme, displayName: null);
        });

    /// <inheritdoc/>
    public void Map(ModelBuilder model)
    {
        model.Entity<User>(user =>
        {
            user.ToTable("users", "accounts");
            user.Property(u => u.UpdatedAt);
            // Written by hand-made SQL alone.
            user.Property(u => u.Metadata).IsJson();
            user.Ignore(u => u.IsActingAdmin);
        });
        model.Entity<Session>().ToTable("sessions", "accounts");
        model.Entity<RefreshToken>().ToTable("refresh_tokens", "accounts").HasKey(token => token.Hash);
        model.Entity<MailToken>(token =>
        {
            token.ToTable("mail_tokens", "accounts").HasKey(t => new { t.UserId, t.Purpose });
            token.Property(t => t.Purpose).IsNamed();
        });
        model.Entity<SignInFailure>().ToTable("sign_in_failures", "accounts").HasKey(failure => failure.AddressHash);
        model.Entity<Address>().ToTable("addresses", "accounts");
        model.Entity<StoredProfile>().ToTable("profiles", "accounts").HasKey(profile => profile.UserId);
        model.Entity<LastSeen>().ToTable("last_seen", "accounts").HasKey(seen => seen.UserId);
        model.Entity<Authenticator>().ToTable("authenticators", "accounts").HasKey(authenticator => authenticator.UserId);
        model.Entity<RecoveryCode>().ToTable("recovery_codes", "accounts").HasKey(code => new { code.UserId, code.Hash });
        model.Entity<ApiKey>().ToTable("api_keys", "accounts");
        model.Entity<Wallet>().ToTable("wallets", "accounts").HasKey(wallet => wallet.Address);
        model.Entity<WalletNonce>(nonce =>
        {
            nonce.ToTable("wallet_nonces", "accounts").HasKey(n => n.Slot);
            nonce.Property(n => n.Slot).ValueGeneratedNever();
        });
        OAuthSetup.Map(model);
        model.MapPasskeys();
    }

    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/auth").WithTags("Accounts");
        auth.MapPost("/logout-all", SignOutEverywhere.Handle);
        MapLetters(auth);
        OAuthSetup.Map(auth);
        auth.MapGet("/sessions", ListSessions.Handle);
        auth.MapGet("/sessions/{id:guid}", ShowSession.Handle);
        auth.MapDelete("/sessions/{id:guid}", EndSession.Handle);
        auth.MapPasskeys();
        auth.MapGet("/totp", ReadTotp.Handle);
        auth.MapPost("/totp", BeginTotp.Handle);
        auth.MapPost("/totp/confirm", ConfirmTotp.Handle);
        auth.MapPost("/totp/disable", DisableTotp.Handle);
        auth.MapPost("/totp/recovery-codes", RenewRecoveryCodes.Handle);

        var doors = auth.MapGroup("").ForAnyone().WithMetadata(new IgnoresAccessToken());
        doors.MapPost("/register", RegisterUser.Handle).Limited("register", (AccountSettings settings) => new(settings.RegistrationsPerAddress, settings.RegistrationWindowSeconds));
        doors.MapPost("/login", SignIn.Handle).Limited("sign-in", (AccountSettings settings) => new(settings.SignInsPerAddress, settings.SignInWindowSeconds));
        doors.MapPost("/refresh", RefreshSession.Handle).Limited("refresh", (AccountSettings settings) => new(settings.RefreshesPerAddress, settings.RefreshWindowSeconds));
        doors.MapPost("/logout", SignOut.Handle);
        doors.MapPost("/wallet/nonce", BeginWalletSignIn.Handle).Limited("wallet-nonce", (AccountSettings settings) => new(settings.WalletNoncesPerAddress, settings.WalletNonceWindowSeconds));
        doors.MapPost("/wallet/login", SignInWithWallet.Handle).Limited("sign-in", (AccountSettings settings) => new(settings.SignInsPerAddress, settings.SignInWindowSeconds));

        var keys = routes.MapGroup("/api-keys").WithTags("Accounts");
        keys.MapGet("", ListApiKeys.Handle);
        keys.MapPost("", CreateApiKey.Handle);
        keys.MapGet("/{id:guid}", ReadApiKey.Handle);
        keys.MapDelete("/{id:guid}", RevokeApiKey.Handle);

        var me = routes.MapGroup("/users/me").WithTags("Accounts");
        me.MapGet("", ReadMe.Handle);
        me.MapPatch("", ChangeMe.Handle);
        me.MapDelete("", EraseMe.Handle);
        me.MapGet("/export", ExportMe.Handle)
            .LimitedBy("export", (AccountSettings settings) => new(settings.ExportsPerPerson, settings.ExportWindowSeconds), (Caller caller) => caller.Id.ToString());
        me.MapGet("/profile", ReadProfile.Handle);
        me.MapPut("/profile", WriteProfile.Handle);
        me.MapGet("/addresses", ListAddresses.Handle);
        me.MapGet("/addresses/{id:guid}", ReadAddress.Handle);
        me.MapPost("/addresses", AddAddress.Handle);
        me.MapPatch("/addresses/{id:guid}", ChangeAddress.Handle);
        me.MapDelete("/addresses/{id:guid}", RemoveAddress.Handle);

        var users = routes.MapGroup("/users").WithTags("Users").Needs(Roles.Admin);
        users.MapGet("", ListUsers.Handle);
        users.MapPost("", CreateUser.Handle);
        users.MapGet("/stats", UserStats.Handle);
        users.MapGet("/{id:guid}", ReadUser.Handle);
        users.MapPatch("/{id:guid}", ChangeUser.Handle);
        users.MapDelete("/{id:guid}", EraseUser.Handle);
        users.MapPut("/{id:guid}/roles", SetRoles.Handle);
        users.MapPost("/{id:guid}/activate", ActivateUser.Handle);
        users.MapPost("/{id:guid}/deactivate", DeactivateUser.Handle);
    }

    /// <summary>What is done by letters, and what is told by them.</summary>
    private static void MapLetters(RouteGroupBuilder auth)
    {
        auth.MapPost("/change-password", ChangePassword.Handle);
        auth.MapPost("/change-email", ChangeEmail.Handle).Limited("letters", (AccountSettings settings) => new(settings.LettersPerAddress, settings.LetterWindowSeconds))
            // Twice as many, since wrong passwords count here too, and their own limit comes first.
            .LimitedBy("change-email", (AccountSettings settings) => new(2 * settings.LettersPerAccount, settings.LetterWindowSeconds), (Caller caller) => $"{caller.Id}");
        auth.MapPost("/verify-email/resend", ResendVerification.Handle).ForAnyone().Limited("letters", (AccountSettings settings) => new(settings.LettersPerAddress, settings.LetterWindowSeconds))
            .LimitedBy("resend-to", (AccountSettings settings) => new(settings.LettersPerAccount, settings.LetterWindowSeconds), (ResendVerification.Request request) => request.Email is { } email ? User.Normalize(email) : null)
            .LimitedBy("resend", (AccountSettings settings) => new(settings.LettersPerAccount, settings.LetterWindowSeconds), (Caller caller) => $"{caller.Id}");

        var doors = auth.MapGroup("").ForAnyone().WithMetadata(new IgnoresAccessToken());
        doors.MapPost("/verify-email", VerifyEmail.Handle).Limited("letter-tokens", (AccountSettings settings) => new(settings.TokensPerAddress, settings.TokenWindowSeconds));
        doors.MapPost("/reset-password", ResetPassword.Handle).Limited("letter-tokens", (AccountSettings settings) => new(settings.TokensPerAddress, settings.TokenWindowSeconds));
        doors.MapPost("/forgot-password", ForgotPassword.Handle).Limited("letters", (AccountSettings settings) => new(settings.LettersPerAddress, settings.LetterWindowSeconds))
            .LimitedBy("forgot-password", (AccountSettings settings) => new(settings.LettersPerAccount, settings.LetterWindowSeconds), (ForgotPassword.Request request) => User.Normalize(request.Email));
    }
}
