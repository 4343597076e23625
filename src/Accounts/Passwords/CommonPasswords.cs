using System.ComponentModel.DataAnnotations;

namespace Quitanda.Accounts.Passwords;

/// <summary>The passwords that whoever guesses tries first, out of <c>common-passwords.txt</c> beside this file, whatever their case.</summary>
internal static class CommonPasswords
{
    private const string Resource = "common-passwords.txt";

    // Read at the first sign-up, and not before: nothing at start-up needs it.
    private static readonly Lazy<HashSet<string>> All = new(Read);

    /// <summary>How many there are.</summary>
    public static int Count => All.Value.Count;

    /// <summary>Whether a password is one of them.</summary>
    public static bool Has(string password) => All.Value.Contains(password);

    private static HashSet<string> Read()
    {
        using var stream = typeof(CommonPasswords).Assembly.GetManifestResourceStream(Resource)!;
        using var lines = new StreamReader(stream);
        var all = new HashSet<string>(10_000, StringComparer.OrdinalIgnoreCase);
        while (lines.ReadLine() is { } line)
            if (line.Length > 0 && !line.StartsWith("# ", StringComparison.Ordinal))
                all.Add(line);
        return all;
    }
}

/// <summary>A new password must not be one of the commonest. What it is made of is nobody's business: there are no other rules but its length.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class UncommonAttribute() : ValidationAttribute("{0} is one of the commonest passwords there are; choose another.")
{
    public override bool IsValid(object? value) => value is not string password || !CommonPasswords.Has(password);
}
