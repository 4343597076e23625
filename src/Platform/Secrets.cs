using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Platform;

/// <summary>Settings that are secret. Section <c>Secrets</c>. With the private database they are made once and kept in the data folder.</summary>
public sealed record SecretSettings
{
    /// <summary>Signs access tokens. 32 bytes or more. Two, separated by a space, may be live for rotation: the first signs, both are accepted.</summary>
    public string TokenSigning { get; init; } = "";

    /// <summary>Encrypts the data-protection keys and the persons' keys in the database. 32 bytes or more; two may be live, the first encrypts.</summary>
    public string DataProtection { get; init; } = "";

    /// <summary>Which settings there are, and nothing of their values: a record's own text has them all.</summary>
    public override string ToString() => nameof(SecretSettings);
}

/// <summary>The live secrets, checked. The first of each signs or encrypts; all are accepted.</summary>
public sealed class Secrets
{
    /// <summary>Bytes a secret has at the least: as many as the hash it keys.</summary>
    public const int BytesAtLeast = 32;

    private Secrets(Secret[] tokenSigning, Secret[] dataProtection) => (TokenSigning, DataProtection) = (tokenSigning, dataProtection);

    /// <summary>For access tokens.</summary>
    public IReadOnlyList<Secret> TokenSigning { get; }

    /// <summary>For the data-protection keys and the persons' keys.</summary>
    public IReadOnlyList<Secret> DataProtection { get; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="SettingException">A secret is missing or too short; it names the setting and never its value.</exception>
    public static Secrets From(SecretSettings settings) =>
        new(Split("Secrets:TokenSigning", settings.TokenSigning), Split("Secrets:DataProtection", settings.DataProtection));

    /// <summary>Makes whatever is missing and keeps it in <paramref name="folder"/>, mode 0600.</summary>
    public static SecretSettings FromFolder(SecretSettings settings, string folder) => new()
    {
        TokenSigning = settings.TokenSigning.Length > 0 ? settings.TokenSigning : Kept(Path.Combine(folder, "token-signing.secret")),
        DataProtection = settings.DataProtection.Length > 0 ? settings.DataProtection : Kept(Path.Combine(folder, "data-protection.secret")),
    };

    private static string Kept(string path)
    {
        if (!File.Exists(path))
        {
            // Written aside and linked into place, so that two hosts starting at once end up with one secret and never with half of one.
            var aside = $"{path}.{Guid.CreateVersion7():N}";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var file = new FileStream(aside, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(48))));
                // On the disk before it has its name: what it signs or seals must be readable after a power cut.
                file.Flush(flushToDisk: true);
            }

            GiveName(aside, path);
        }

        return File.ReadAllText(path).Trim();
    }

    /// <summary>Gives the file its name, unless another has it by then: whoever was first stays.</summary>
    private static void GiveName(string aside, string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                File.Move(aside, path, overwrite: false);
                return;
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(aside);
                return;
            }
        }

        // The framework's own move looks first and renames then, over whatever came in between; a link is refused by the kernel itself.
        var isFirst = Link(aside, path) == 0;
        var error = Marshal.GetLastPInvokeError();
        File.Delete(aside);
        if (!isFirst && !File.Exists(path))
            throw new IOException($"{path} could not be made: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    private static Secret[] Split(string name, string value)
    {
        var secrets = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (secrets.Length is 0 or > 2)
            throw new SettingException(name, "must be one secret, or two separated by a space while one is being replaced.");
        if (secrets.Any(secret => Encoding.UTF8.GetByteCount(secret) < BytesAtLeast))
            throw new SettingException(name, $"must have {BytesAtLeast} bytes or more.");
        return [.. secrets.Select(secret => new Secret(Encoding.UTF8.GetBytes(secret)))];
    }
}

/// <summary>One secret and the name by which tokens say which one it was.</summary>
public sealed class Secret(byte[] bytes)
{
    /// <summary>The key.</summary>
    public byte[] Bytes { get; } = bytes;

    /// <summary>The first 8 hex digits of its SHA-256: tells secrets apart without telling them.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 4));
}

/// <summary>A setting is missing or wrong. The boot stops and says which.</summary>
public sealed class SettingException(string name, string message) : Exception($"{name} {message}")
{
    /// <summary>The setting, as <c>Section:Name</c>.</summary>
    public string Name { get; } = name;
}
