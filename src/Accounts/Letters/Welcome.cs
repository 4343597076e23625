using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Greets somebody who has signed up.</summary>
internal sealed record Welcome(string Email) : ILetter
{
    public static string Name => "accounts.welcome";

    public static string Portuguese => """
        Boas-vindas à {shop}

        # Olá, {addressee}!

        Sua conta na {shop} está pronta. Para entrar, use o e-mail {email} e a senha que você escolheu.

        Se não foi você quem criou esta conta, responda a esta mensagem.
        """;

    public static string English => """
        Welcome to {shop}

        # Hello, {addressee}!

        Your account at {shop} is ready. Sign in with your e-mail address {email} and the password you chose.

        If it was not you who created this account, please reply to this message.
        """;
}
