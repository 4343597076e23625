using System.Security.Cryptography;

namespace Quitanda.Platform.AuditLog;

/// <summary>
/// The keys that personal values are sealed with, one a person, each wrapped with the host's secret. Whoever is erased loses theirs, and with it
/// everything that was ever sealed for them; their row stays without it, so that no other key is made.
/// </summary>
internal sealed class PersonKeys(Secrets secrets, TimeProvider clock)
{
    /// <summary>Whose values are nobody's that we know, such as the address of a guest.</summary>
    public static readonly Guid Nobody = Guid.Empty;

    private const int KeyBytes = 32;

    /// <summary>The keys of <paramref name="people"/>: null for who is erased, no entry for who never had one.</summary>
    /// <exception cref="CryptographicException">A key was wrapped with a secret that is not live any more.</exception>
    public async Task<Dictionary<Guid, byte[]?>> Find(Db db, Guid[] people, CancellationToken ct) =>
        (await db.Read($"select person_id, secret, wrapped from platform.person_keys where person_id = any({people})",
            row => (Person: row.GetGuid(0), Key: row.IsDBNull(2) ? null : Unwrap(row.GetGuid(0), row.GetString(1), row.GetFieldValue<byte[]>(2))), ct))
        .ToDictionary(found => found.Person, found => found.Key);

    /// <summary>The same, with a new key for who never had one, in this unit of work.</summary>
    public async Task<Dictionary<Guid, byte[]?>> FindOrMake(Db db, IReadOnlyCollection<Guid> people, CancellationToken ct)
    {
        var found = await Find(db, [.. people], ct);
        // In the order of ids, always, so that two who make the same ones cannot deadlock.
        var missing = people.Where(person => !found.ContainsKey(person)).Order().ToArray();
        if (missing.Length == 0)
            return found;

        var wrapped = Array.ConvertAll(missing, person => Wrap(person, RandomNumberGenerator.GetBytes(KeyBytes)));
        await db.Execute(
            $"""
            insert into platform.person_keys (person_id, secret, wrapped, created_at)
            select person, {secrets.DataProtection[0].Id}, key, {clock.GetUtcNow()} from unnest({missing}, {wrapped}) as made (person, key) order by person
            on conflict (person_id) do nothing
            """, ct);
        // Read back, not assumed: of two who make one, the second to come takes the first one's.
        foreach (var (person, key) in await Find(db, missing, ct))
            found[person] = key;
        return found;
    }

    /// <summary>Ends a person's key for good.</summary>
    public static Sql Erasing(Guid person, DateTimeOffset now) =>
        $"""
        insert into platform.person_keys (person_id, created_at, erased_at) values ({person}, {now}, {now})
        on conflict (person_id) do update set secret = null, wrapped = null, erased_at = coalesce(person_keys.erased_at, excluded.erased_at)
        """;

    /// <summary>Wraps keys anew that another secret than the first wrapped. Says how many.</summary>
    public async Task<int> Rewrap(Db db, int atMost, CancellationToken ct)
    {
        var current = secrets.DataProtection[0].Id;
        var old = await db.Read(
            $"select person_id, secret, wrapped from platform.person_keys where secret < {current} or secret > {current} order by person_id limit {atMost} for update skip locked",
            row => (Person: row.GetGuid(0), Key: Unwrap(row.GetGuid(0), row.GetString(1), row.GetFieldValue<byte[]>(2))), ct);
        if (old.Count == 0)
            return 0;
        var people = old.Select(key => key.Person).ToArray();
        var wrapped = old.Select(key => Wrap(key.Person, key.Key)).ToArray();
        return await db.Execute(
            $"""
            update platform.person_keys k set secret = {current}, wrapped = anew.key
            from unnest({people}, {wrapped}) as anew (person, key) where k.person_id = anew.person and k.wrapped is not null
            """, ct);
    }

    private byte[] Wrap(Guid person, byte[] key) => Seals.Seal(WrappingKey(secrets.DataProtection[0]), key, person.ToByteArray());

    private byte[] Unwrap(Guid person, string secret, byte[] wrapped)
    {
        var live = secrets.DataProtection.FirstOrDefault(live => live.Id == secret)
            ?? throw new CryptographicException($"The data-protection secret {secret}, which wrapped a person's key, is not live any more.");
        return Seals.Open(WrappingKey(live), wrapped, person.ToByteArray());
    }

    private static byte[] WrappingKey(Secret secret) => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.Bytes, KeyBytes, info: "quitanda person keys"u8.ToArray());
}

/// <summary>AES-256-GCM (NIST SP 800-38D): a random nonce, the text, the tag, bound to where it belongs.</summary>
internal static class Seals
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Seal(byte[] key, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> place)
    {
        var closed = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(closed.AsSpan(0, NonceBytes));
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(closed.AsSpan(0, NonceBytes), plain, closed.AsSpan(NonceBytes, plain.Length), closed.AsSpan(NonceBytes + plain.Length), place);
        return closed;
    }

    /// <exception cref="CryptographicException">Another key, another place, or not sealed by us.</exception>
    public static byte[] Open(byte[] key, ReadOnlySpan<byte> closed, ReadOnlySpan<byte> place)
    {
        if (closed.Length < NonceBytes + TagBytes)
            throw new CryptographicException("Too short to be sealed.");
        var plain = new byte[closed.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(closed[..NonceBytes], closed.Slice(NonceBytes, plain.Length), closed[^TagBytes..], plain, place);
        return plain;
    }
}

/// <summary>Moves persons' keys to the first data-protection secret, so that an old one can go. A few thousand each time, until none is left.</summary>
internal sealed class RewrapPersonKeys(Db db, PersonKeys keys) : IHandle<Tick>
{
    private const int AtOnce = 5000;

    public Task Handle(Tick message, CancellationToken ct) => keys.Rewrap(db, AtOnce, ct);
}
