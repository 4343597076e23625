using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Quitanda.Platform;

/// <summary>The framework's data-protection keys, in the database so that every process shares them, each encrypted with a secret that is not there.</summary>
internal sealed class KeyRing(Database database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var command = database.Hot.CreateCommand("select xml from platform.data_protection_keys order by name");
        using var reader = command.ExecuteReader();
        List<XElement> all = [];
        while (reader.Read())
            all.Add(XElement.Parse(reader.GetString(0)));
        return all;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var command = database.Hot.CreateCommand("insert into platform.data_protection_keys (name, xml) values ($1, $2) on conflict (name) do nothing");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = friendlyName });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = element.ToString(SaveOptions.DisableFormatting) });
        command.ExecuteNonQuery();
    }
}

/// <summary>AES-256-GCM under a key derived from the first data-protection secret.</summary>
internal sealed class KeyEncryptor(Secrets secrets) : IXmlEncryptor
{
    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var secret = secrets.DataProtection[0];
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var sealedBytes = new byte[12 + plain.Length + 16];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, 12));
        using var aes = new AesGcm(KeyDecryptor.KeyOf(secret), 16);
        aes.Encrypt(sealedBytes.AsSpan(0, 12), plain, sealedBytes.AsSpan(12, plain.Length), sealedBytes.AsSpan(12 + plain.Length));
        return new(new XElement("sealed", new XAttribute("secret", secret.Id), Convert.ToBase64String(sealedBytes)), typeof(KeyDecryptor));
    }
}

/// <summary>Opens what <see cref="KeyEncryptor"/> sealed, with whichever live secret sealed it.</summary>
internal sealed class KeyDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var id = (string?)encryptedElement.Attribute("secret");
        var secret = services.GetRequiredService<Secrets>().DataProtection.FirstOrDefault(live => live.Id == id)
            ?? throw new CryptographicException($"The data-protection secret {id} is not live any more.");
        var sealedBytes = Convert.FromBase64String(encryptedElement.Value);
        var plain = new byte[sealedBytes.Length - 28];
        using var aes = new AesGcm(KeyOf(secret), 16);
        aes.Decrypt(sealedBytes.AsSpan(0, 12), sealedBytes.AsSpan(12, plain.Length), sealedBytes.AsSpan(12 + plain.Length), plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }

    internal static byte[] KeyOf(Secret secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.Bytes, 32, info: "quitanda data protection"u8.ToArray());
}
