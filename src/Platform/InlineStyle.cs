using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Platform;

/// <summary>A page's own style, as a Content Security Policy names it.</summary>
public static class InlineStyle
{
    /// <summary>The source that allows this style and no other (CSP 3, hash sources): for <c>style-src</c>.</summary>
    public static string SourceOf(string style) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'";
}
