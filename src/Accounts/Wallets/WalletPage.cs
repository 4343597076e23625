using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quitanda.Accounts.Wallets;

/// <summary>
/// The page that people sign in on, as a wallet names it to its owner. It is what the settings say. Without that it is this machine itself, where a request comes by such a name;
/// any other name in a request is its sender's word, and a page that imitates this one would send its own.
/// </summary>
/// <param name="Scheme">Of the page.</param>
/// <param name="Domain">Its authority: the host in ASCII, with the port where that is not the usual one.</param>
/// <param name="Uri">Its address.</param>
internal sealed record WalletPage(string Scheme, string Domain, string Uri)
{
    private const string OwnMachine = "localhost";

    /// <summary>Binds the handler's parameter; null where there is nothing to go by.</summary>
    public static ValueTask<WalletPage?> BindAsync(HttpContext context)
    {
        var pages = context.RequestServices.GetRequiredService<IOptions<AccountSettings>>().Value.PagesUrl;
        return ValueTask.FromResult(pages.Length > 0 ? Of(pages) : IsHere(context.Request.Host.Host) ? Of($"{context.Request.Scheme}://{context.Request.Host}") : null);
    }

    private static WalletPage? Of(string address)
    {
        if (!System.Uri.TryCreate(address, UriKind.Absolute, out var uri))
            return null;
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        var domain = uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
        var origin = $"{uri.Scheme}://{domain}";
        return new(uri.Scheme, domain, WalletGrammar.IsUri(origin + uri.AbsolutePath) ? origin + uri.AbsolutePath : origin);
    }

    private static bool IsHere(string host) =>
        host.Equals(OwnMachine, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + OwnMachine, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
