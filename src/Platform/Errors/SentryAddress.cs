namespace Quitanda.Platform.Errors;

/// <summary>A DSN taken apart: where reports go, and the key that is sent along.</summary>
/// <param name="Envelopes">Where envelopes are posted: <c>/api/PROJECT/envelope/</c> below whatever path the DSN has.</param>
/// <param name="Key">Public: it lets one report and nothing else.</param>
internal sealed record SentryAddress(Uri Envelopes, string Key)
{
    /// <summary>Reads <c>https://KEY@HOST[:PORT][/PATH]/PROJECT</c>; null where it is not one.</summary>
    public static SentryAddress? Parse(string dsn)
    {
        if (!Uri.TryCreate(dsn, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length == 0 || uri.Query.Length > 0)
            return null;
        // What followed the key was a second, secret one, which no server asks for any more.
        var key = Uri.UnescapeDataString(uri.UserInfo.Split(':')[0]);
        var path = uri.AbsolutePath.TrimEnd('/');
        var project = path[(path.LastIndexOf('/') + 1)..];
        if (key.Length == 0 || project.Length == 0 || key.Any(letter => !char.IsAsciiLetterOrDigit(letter)))
            return null;
        return new(new Uri($"{uri.GetLeftPart(UriPartial.Scheme)}{uri.Authority}{path[..^(project.Length + 1)]}/api/{project}/envelope/"), key);
    }
}
