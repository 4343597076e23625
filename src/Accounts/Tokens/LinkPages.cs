using Microsoft.Extensions.Options;

namespace Quitanda.Accounts.Tokens;

/// <summary>Where the links in letters lead: pages of the front end, which send the token on to the API.</summary>
internal sealed class LinkPages(IOptions<AccountSettings> settings)
{
    /// <summary>The page that proves an address.</summary>
    public Uri? VerifyEmail(string token) => Page("verify-email", token);

    /// <summary>The page that asks for a new password.</summary>
    public Uri? ResetPassword(string token) => Page("reset-password", token);

    // Behind the #, a token gets into no server's log and into no Referer header.
    private Uri? Page(string page, string token) => settings.Value.PagesUrl is { Length: > 0 } pages ? new($"{pages}/{page}#token={token}") : null;
}
