using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Greets somebody who has signed up, and has them prove that their address is theirs.</summary>
/// <param name="Email">The address they signed up with.</param>
/// <param name="Link">The page that proves it; null where there is none, and the token is shown instead.</param>
/// <param name="Token">What proves it, once.</param>
internal sealed record Welcome(string Email, Uri? Link, string Token) : ILetter
{
    public static string Name => "accounts.welcome";

    public static string Portuguese => """
        Boas-vindas à {shop}

        # Olá, {addressee}!

        Sua conta na {shop} está pronta. Para entrar, use o e-mail {email} e a senha que você escolheu.

        Falta só confirmar que este e-mail é seu. O link vale por 24 horas e só uma vez.

        {#link}
        [Confirmar e-mail]({link})
        {/link}
        {^link}
        Para confirmar, use este código: {token}
        {/link}

        Se não foi você quem criou esta conta, não confirme e responda a esta mensagem.
        """;

    public static string English => """
        Welcome to {shop}

        # Hello, {addressee}!

        Your account at {shop} is ready. Sign in with your e-mail address {email} and the password you chose.

        All that is left is to confirm that this address is yours. The link is good for 24 hours, and once.

        {#link}
        [Confirm e-mail address]({link})
        {/link}
        {^link}
        To confirm, use this code: {token}
        {/link}

        If it was not you who created this account, do not confirm it, and please reply to this message.
        """;
}
