using System.Text;
using Quitanda.Platform.AuditLog;

namespace Quitanda.Platform;

/// <summary>
/// Seals what is secret and must be read again, with the key of the person it is about (AES-256-GCM). It outlives every exchange of secrets, since
/// persons' keys are wrapped anew, and it ends with its person: whoever is erased has no key any more.
/// </summary>
public sealed class PersonSeals
{
    private readonly PersonKeys _keys;

    internal PersonSeals(PersonKeys keys) => _keys = keys;

    /// <summary>Seals bytes about a person. <paramref name="place"/> is where they are kept, so that they open nowhere else.</summary>
    /// <exception cref="InvalidOperationException">The person has been erased.</exception>
    public async Task<byte[]> Seal(Db db, Guid personId, byte[] plain, string place, CancellationToken ct) =>
        (await _keys.FindOrMake(db, [personId], ct))[personId] is { } key
            ? Seals.Seal(key, plain, Encoding.UTF8.GetBytes(place))
            : throw new InvalidOperationException("Whoever is erased has nothing sealed any more.");

    /// <summary>What was sealed; null where its person has been erased.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">It was sealed for another person or place, or with a secret that is not live any more.</exception>
    public async Task<byte[]?> Open(Db db, Guid personId, byte[] closed, string place, CancellationToken ct) =>
        (await _keys.Find(db, [personId], ct)).GetValueOrDefault(personId) is { } key ? Seals.Open(key, closed, Encoding.UTF8.GetBytes(place)) : null;
}
