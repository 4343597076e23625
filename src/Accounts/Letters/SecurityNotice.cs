using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Tells somebody what changed about how their account is opened, in case it was not they who changed it. One member is set: what happened.</summary>
internal sealed record SecurityNotice : ILetter
{
    public static string Name => "accounts.security-notice";

    /// <summary>A passkey, as its owner calls it.</summary>
    public string? PasskeyAdded { get; init; }

    /// <summary>A passkey, as its owner called it.</summary>
    public string? PasskeyRemoved { get; init; }

    /// <summary>An authenticator app was confirmed.</summary>
    public bool SecondFactorEnabled { get; init; }

    /// <summary>The authenticator app was taken away.</summary>
    public bool SecondFactorDisabled { get; init; }

    /// <summary>All recovery codes are other ones.</summary>
    public bool RecoveryCodesRenewed { get; init; }

    /// <summary>A recovery code was used, and these few are left.</summary>
    public int? RecoveryCodesLeft { get; init; }

    /// <summary>An API key, as its owner calls it.</summary>
    public string? ApiKeyCreated { get; init; }

    /// <summary>An API key, as its owner called it.</summary>
    public string? ApiKeyRevoked { get; init; }

    /// <summary>Another way to sign in, as people know it: <c>Google</c>, or a wallet's address.</summary>
    public string? WayLinked { get; init; }

    public static string Portuguese => """
        Aviso de segurança da sua conta na {shop}

        # Aviso de segurança

        Olá, {addressee}.

        {#passkeyAdded}
        Uma chave de acesso (passkey) foi adicionada à sua conta na {shop} e já serve para entrar: {passkeyAdded}.
        {/passkeyAdded}
        {#passkeyRemoved}
        Uma chave de acesso (passkey) foi removida da sua conta na {shop} e não serve mais para entrar: {passkeyRemoved}.
        {/passkeyRemoved}
        {#secondFactorEnabled}
        A verificação em duas etapas foi ativada na sua conta na {shop}. A partir de agora, entrar com a senha pede também um código do aplicativo autenticador.
        {/secondFactorEnabled}
        {#secondFactorDisabled}
        A verificação em duas etapas foi desativada na sua conta na {shop}. Para entrar, basta agora a senha.
        {/secondFactorDisabled}
        {#recoveryCodesRenewed}
        Novos códigos de recuperação foram criados para a sua conta na {shop}. Os anteriores não valem mais.
        {/recoveryCodesRenewed}
        {#recoveryCodesLeft}
        Um código de recuperação foi usado na sua conta na {shop}. Códigos que ainda restam: {recoveryCodesLeft}. Crie novos antes que acabem.
        {/recoveryCodesLeft}
        {#apiKeyCreated}
        Uma chave de API foi criada na sua conta na {shop}: {apiKeyCreated}.
        {/apiKeyCreated}
        {#apiKeyRevoked}
        Uma chave de API foi revogada na sua conta na {shop}: {apiKeyRevoked}.
        {/apiKeyRevoked}
        {#wayLinked}
        Outra forma de entrar foi ligada à sua conta na {shop}: {wayLinked}.
        {/wayLinked}

        Se foi você, não precisa fazer nada. Se não foi, encerre todas as sessões, troque a senha agora mesmo e responda a esta mensagem.
        """;

    public static string English => """
        A security notice about your account at {shop}

        # Security notice

        Hello, {addressee}.

        {#passkeyAdded}
        A passkey was added to your account at {shop} and signs in from now on: {passkeyAdded}.
        {/passkeyAdded}
        {#passkeyRemoved}
        A passkey was removed from your account at {shop} and does not sign in any more: {passkeyRemoved}.
        {/passkeyRemoved}
        {#secondFactorEnabled}
        The second step was switched on for your account at {shop}. From now on signing in with the password asks for a code of the authenticator app as well.
        {/secondFactorEnabled}
        {#secondFactorDisabled}
        The second step was switched off for your account at {shop}. The password alone signs in now.
        {/secondFactorDisabled}
        {#recoveryCodesRenewed}
        New recovery codes were made for your account at {shop}. Those of before are no good any more.
        {/recoveryCodesRenewed}
        {#recoveryCodesLeft}
        A recovery code was used for your account at {shop}. Codes that are left: {recoveryCodesLeft}. Make new ones before there are none.
        {/recoveryCodesLeft}
        {#apiKeyCreated}
        An API key was made for your account at {shop}: {apiKeyCreated}.
        {/apiKeyCreated}
        {#apiKeyRevoked}
        An API key of your account at {shop} was revoked: {apiKeyRevoked}.
        {/apiKeyRevoked}
        {#wayLinked}
        Another way to sign in was linked to your account at {shop}: {wayLinked}.
        {/wayLinked}

        If it was you, there is nothing to do. If it was not, end all sessions, change the password right now, and reply to this message.
        """;
}
