using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Quitanda.Accounts.OAuth;

/// <summary>
/// The browser that a sign-in by a provider goes through: known by a secret in a cookie, so that what one browser began no other can end. Without that, somebody
/// could have another person come back with their own state and be signed in as them.
/// </summary>
/// <param name="Secret">What its cookie says; null where it has none.</param>
/// <param name="Address">Under which it reaches us, without a slash at the end: as configured, or the host that it asked.</param>
internal sealed record Browser(string? Secret, string Address)
{
    /// <summary>Such a cookie is taken by browsers only from the host itself, by https, for all its paths: no neighbouring host can plant one.</summary>
    private const string SecureName = "__Host-quitanda-oauth";

    private const string PlainName = "quitanda-oauth";

    /// <summary>Binds the handler's parameter.</summary>
    public static ValueTask<Browser?> BindAsync(HttpContext context)
    {
        var request = context.Request;
        var configured = context.RequestServices.GetRequiredService<IOptions<OAuthSettings>>().Value.BaseUrl;
        var address = configured.Length > 0 ? configured : $"{request.Scheme}://{request.Host.ToUriComponent()}";
        var secret = request.Cookies[NameAt(address)];
        return ValueTask.FromResult<Browser?>(new(Flow.IsOne(secret) ? secret : null, address));
    }

    /// <summary>Where a provider sends people back to: the same for each provider, always.</summary>
    public string CallbackOf(string provider) => $"{Address}/api/v1/auth/oauth/{provider}/callback";

    /// <summary>Whether pages of this address send our cookie along when they call us.</summary>
    public bool IsAt(Uri pages) => Uri.TryCreate(Address, UriKind.Absolute, out var own) && Uri.Compare(own, pages, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>Gives it a secret for as long as a sign-in may take, and the code that it ends in.</summary>
    public void Keep(HttpResponse response, string secret) => response.Cookies.Append(NameAt(Address), secret, new CookieOptions
    {
        HttpOnly = true,
        Secure = IsSecure(Address),
        // It comes along when a provider leads the browser back, and not when another page posts or embeds.
        SameSite = SameSiteMode.Lax,
        Path = "/",
        MaxAge = BegunSignIn.Lifetime + OneTimeCode.LifetimeWithSecondFactor,
        IsEssential = true,
    });

    private static string NameAt(string address) => IsSecure(address) ? SecureName : PlainName;

    private static bool IsSecure(string address) => address.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}
