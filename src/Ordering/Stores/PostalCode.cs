namespace Quitanda.Ordering.Stores;

/// <summary>Postal codes as they are compared.</summary>
internal static class PostalCode
{
    /// <summary>The code without spaces and hyphens, in capitals: <c>01310-100</c> and <c>sw1a 1aa</c> are <c>01310100</c> and <c>SW1A1AA</c>.</summary>
    public static string Plain(string code) => string.Concat(code.Where(letter => letter != '-' && !char.IsWhiteSpace(letter))).ToUpperInvariant();
}
