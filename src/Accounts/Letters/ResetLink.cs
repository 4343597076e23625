using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Lets somebody set a new password.</summary>
/// <param name="Link">The page that asks for it; null where there is none, and the token is shown instead.</param>
/// <param name="Token">What allows it, once.</param>
internal sealed record ResetLink(Uri? Link, string Token) : ILetter
{
    public static string Name => "accounts.reset-link";

    public static string Portuguese => """
        Nova senha na {shop}

        # Escolha uma nova senha

        Olá, {addressee}. Alguém pediu uma nova senha para a sua conta na {shop}. O link vale por 1 hora e só uma vez.

        {#link}
        [Escolher nova senha]({link})
        {/link}
        {^link}
        Para escolher a nova senha, use este código: {token}
        {/link}

        Se não foi você, ignore esta mensagem: sua senha continua a mesma.
        """;

    public static string English => """
        A new password at {shop}

        # Choose a new password

        Hello, {addressee}. Somebody asked for a new password for your account at {shop}. The link is good for 1 hour, and once.

        {#link}
        [Choose a new password]({link})
        {/link}
        {^link}
        To choose the new password, use this code: {token}
        {/link}

        If it was not you, ignore this message: your password stays as it is.
        """;
}
