using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Tells somebody that their password is another one now, in case it was not they who changed it.</summary>
internal sealed record PasswordChanged : ILetter
{
    public static string Name => "accounts.password-changed";

    public static string Portuguese => """
        Sua senha na {shop} foi alterada

        # Sua senha foi alterada

        Olá, {addressee}. A senha da sua conta na {shop} acabou de ser alterada, e os outros aparelhos foram desconectados.

        Se não foi você, peça uma nova senha agora mesmo na página de entrada e responda a esta mensagem.
        """;

    public static string English => """
        Your password at {shop} was changed

        # Your password was changed

        Hello, {addressee}. The password of your account at {shop} has just been changed, and other devices were signed out.

        If it was not you, ask for a new password right now where you sign in, and reply to this message.
        """;
}
