using System.Text.Json.Serialization;
using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>What changed about how an account is opened.</summary>
internal enum SecurityChange
{
    /// <summary>A passkey, by its name.</summary>
    PasskeyAdded,

    /// <summary>A passkey, by its name.</summary>
    PasskeyRemoved,

    /// <summary>The authenticator app.</summary>
    SecondFactorEnabled,

    /// <summary>The authenticator app.</summary>
    SecondFactorDisabled,

    /// <summary>All recovery codes are other ones.</summary>
    RecoveryCodesRenewed,

    /// <summary>A recovery code was used, and few are left.</summary>
    RecoveryCodesLow,

    /// <summary>An API key, by its name.</summary>
    ApiKeyCreated,

    /// <summary>An API key, by its name.</summary>
    ApiKeyRevoked,

    /// <summary>Another way to sign in, such as a wallet or somebody else's account system, by what it is called.</summary>
    WayLinked,

    /// <summary>Another way to sign in, by what it is called.</summary>
    WayUnlinked,
}

/// <summary>Tells somebody what changed about how their account is opened, in case it was not they who changed it.</summary>
/// <param name="Change">What happened.</param>
/// <param name="Named">What it happened to, as its owner knows it; one line.</param>
/// <param name="Left">Recovery codes that are left.</param>
internal sealed record SecurityNotice(SecurityChange Change, string? Named = null, int Left = 0) : ILetter
{
    public static string Name => "accounts.security-notice";

    [JsonIgnore]
    public bool IsPasskeyAdded => Change == SecurityChange.PasskeyAdded;

    [JsonIgnore]
    public bool IsPasskeyRemoved => Change == SecurityChange.PasskeyRemoved;

    [JsonIgnore]
    public bool IsSecondFactorEnabled => Change == SecurityChange.SecondFactorEnabled;

    [JsonIgnore]
    public bool IsSecondFactorDisabled => Change == SecurityChange.SecondFactorDisabled;

    [JsonIgnore]
    public bool IsRecoveryCodesRenewed => Change == SecurityChange.RecoveryCodesRenewed;

    [JsonIgnore]
    public bool IsRecoveryCodesLow => Change == SecurityChange.RecoveryCodesLow;

    [JsonIgnore]
    public bool IsApiKeyCreated => Change == SecurityChange.ApiKeyCreated;

    [JsonIgnore]
    public bool IsApiKeyRevoked => Change == SecurityChange.ApiKeyRevoked;

    [JsonIgnore]
    public bool IsWayLinked => Change == SecurityChange.WayLinked;

    [JsonIgnore]
    public bool IsWayUnlinked => Change == SecurityChange.WayUnlinked;

    public static string Portuguese => """
        Aviso de segurança da sua conta na {shop}

        # Aviso de segurança

        Olá, {addressee}.

        {#isPasskeyAdded}
        Uma chave de acesso (passkey) foi adicionada à sua conta na {shop} e já serve para entrar: {named}.
        {/isPasskeyAdded}
        {#isPasskeyRemoved}
        Uma chave de acesso (passkey) foi removida da sua conta na {shop} e não serve mais para entrar: {named}.
        {/isPasskeyRemoved}
        {#isSecondFactorEnabled}
        A verificação em duas etapas foi ativada na sua conta na {shop}. A partir de agora, entrar com a senha pede também um código do aplicativo autenticador.
        {/isSecondFactorEnabled}
        {#isSecondFactorDisabled}
        A verificação em duas etapas foi desativada na sua conta na {shop}. Para entrar, basta agora a senha.
        {/isSecondFactorDisabled}
        {#isRecoveryCodesRenewed}
        Novos códigos de recuperação foram criados para a sua conta na {shop}. Os anteriores não valem mais.
        {/isRecoveryCodesRenewed}
        {#isRecoveryCodesLow}
        Um código de recuperação foi usado na sua conta na {shop}. Códigos que ainda restam: {left}. Crie novos antes que acabem.
        {/isRecoveryCodesLow}
        {#isApiKeyCreated}
        Uma chave de API foi criada na sua conta na {shop}: {named}.
        {/isApiKeyCreated}
        {#isApiKeyRevoked}
        Uma chave de API foi revogada na sua conta na {shop}: {named}.
        {/isApiKeyRevoked}
        {#isWayLinked}
        Outra forma de entrar foi ligada à sua conta na {shop}: {named}.
        {/isWayLinked}
        {#isWayUnlinked}
        Uma forma de entrar foi desligada da sua conta na {shop}: {named}.
        {/isWayUnlinked}

        Se foi você, não precisa fazer nada. Se não foi, encerre todas as sessões, troque a senha agora mesmo e responda a esta mensagem.
        """;

    public static string English => """
        A security notice about your account at {shop}

        # Security notice

        Hello, {addressee}.

        {#isPasskeyAdded}
        A passkey was added to your account at {shop} and signs in from now on: {named}.
        {/isPasskeyAdded}
        {#isPasskeyRemoved}
        A passkey was removed from your account at {shop} and does not sign in any more: {named}.
        {/isPasskeyRemoved}
        {#isSecondFactorEnabled}
        The second step was switched on for your account at {shop}. From now on signing in with the password asks for a code of the authenticator app as well.
        {/isSecondFactorEnabled}
        {#isSecondFactorDisabled}
        The second step was switched off for your account at {shop}. The password alone signs in now.
        {/isSecondFactorDisabled}
        {#isRecoveryCodesRenewed}
        New recovery codes were made for your account at {shop}. Those of before are no good any more.
        {/isRecoveryCodesRenewed}
        {#isRecoveryCodesLow}
        A recovery code was used for your account at {shop}. Codes that are left: {left}. Make new ones before there are none.
        {/isRecoveryCodesLow}
        {#isApiKeyCreated}
        An API key was made for your account at {shop}: {named}.
        {/isApiKeyCreated}
        {#isApiKeyRevoked}
        An API key of your account at {shop} was revoked: {named}.
        {/isApiKeyRevoked}
        {#isWayLinked}
        Another way to sign in was linked to your account at {shop}: {named}.
        {/isWayLinked}
        {#isWayUnlinked}
        A way to sign in was taken from your account at {shop}: {named}.
        {/isWayUnlinked}

        If it was you, there is nothing to do. If it was not, end all sessions, change the password right now, and reply to this message.
        """;
}
