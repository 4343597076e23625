using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Goes to an address that somebody wants for their account, and asks whether it is theirs.</summary>
/// <param name="Email">The new address.</param>
/// <param name="Link">The page that confirms it; null where there is none, and the token is shown instead.</param>
/// <param name="Token">What confirms it, once.</param>
internal sealed record ConfirmAddress(string Email, Uri? Link, string Token) : ILetter
{
    public static string Name => "accounts.confirm-address";

    public static string Portuguese => """
        Confirme seu novo e-mail na {shop}

        # Confirme seu novo e-mail

        Olá, {addressee}. Você pediu que {email} passe a ser o e-mail da sua conta na {shop}. O link vale por 24 horas e só uma vez.

        {#link}
        [Confirmar novo e-mail]({link})
        {/link}
        {^link}
        Para confirmar, use este código: {token}
        {/link}

        Se não foi você, ignore esta mensagem: nada muda.
        """;

    public static string English => """
        Confirm your new e-mail address at {shop}

        # Confirm your new e-mail address

        Hello, {addressee}. You asked for {email} to become the e-mail address of your account at {shop}. The link is good for 24 hours, and once.

        {#link}
        [Confirm new e-mail address]({link})
        {/link}
        {^link}
        To confirm, use this code: {token}
        {/link}

        If it was not you, ignore this message: nothing changes.
        """;
}
