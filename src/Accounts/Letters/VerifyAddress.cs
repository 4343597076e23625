using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Has somebody prove that their account's address is theirs.</summary>
/// <param name="Link">The page that does it; null where there is none, and the token is shown instead.</param>
/// <param name="Token">What proves it, once.</param>
internal sealed record VerifyAddress(Uri? Link, string Token) : ILetter
{
    public static string Name => "accounts.verify-address";

    public static string Portuguese => """
        Confirme seu e-mail na {shop}

        # Confirme seu e-mail

        Olá, {addressee}. Falta só confirmar que este endereço é seu. O link vale por 24 horas e só uma vez.

        {#link}
        [Confirmar e-mail]({link})
        {/link}
        {^link}
        Para confirmar, use este código: {token}
        {/link}

        Se não foi você quem criou uma conta na {shop}, ignore esta mensagem.
        """;

    public static string English => """
        Confirm your e-mail address at {shop}

        # Confirm your e-mail address

        Hello, {addressee}. All that is left is to confirm that this address is yours. The link is good for 24 hours, and once.

        {#link}
        [Confirm e-mail address]({link})
        {/link}
        {^link}
        To confirm, use this code: {token}
        {/link}

        If it was not you who created an account at {shop}, ignore this message.
        """;
}
