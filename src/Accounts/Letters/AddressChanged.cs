using Quitanda.Platform;

namespace Quitanda.Accounts.Letters;

/// <summary>Tells an account's old address that there is a new one, in case it was not its owner who changed it.</summary>
internal sealed record AddressChanged(string Email) : ILetter
{
    public static string Name => "accounts.address-changed";

    public static string Portuguese => """
        O e-mail da sua conta na {shop} foi alterado

        # O e-mail da sua conta foi alterado

        Olá, {addressee}. A sua conta na {shop} agora usa o e-mail {email}. Este endereço não serve mais para entrar.

        Se não foi você, responda a esta mensagem agora mesmo.
        """;

    public static string English => """
        The e-mail address of your account at {shop} was changed

        # The e-mail address of your account was changed

        Hello, {addressee}. Your account at {shop} now uses the e-mail address {email}. This address does not sign in any more.

        If it was not you, reply to this message right now.
        """;
}
