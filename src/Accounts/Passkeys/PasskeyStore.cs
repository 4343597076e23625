using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Quitanda.Platform;

namespace Quitanda.Accounts.Passkeys;

/// <summary>Whose passkey it is, as far as the framework's ceremony needs to know.</summary>
internal sealed record PasskeyOwner(Guid Id)
{
    /// <summary>What authenticators keep to know their user by: it names nobody, and stays the same.</summary>
    public string Handle => Id.ToString("N");

    /// <summary>Whose handle an authenticator gave back, in base64url; null where it is none of ours.</summary>
    public static PasskeyOwner? Of(string? userHandle)
    {
        Span<byte> handle = stackalloc byte[HandleLength];
        return userHandle is not null && Base64Url.TryDecodeFromChars(userHandle, handle, out var length) && length == HandleLength && Guid.TryParseExact(Encoding.ASCII.GetString(handle), "N", out var id)
            ? new(id)
            : null;
    }

    private const int HandleLength = 32;
}

/// <summary>
/// What the framework's ceremony asks for, read beforehand: it takes every failure for a bad answer, and a database that is away is none. It writes nothing: what comes of a ceremony is decided by
/// the statements of its use case.
/// </summary>
internal sealed class PasskeyStore(PasskeyOwner? owner, IList<UserPasskeyInfo> passkeys) : IUserPasskeyStore<PasskeyOwner>
{
    /// <summary>Whether there is any passkey in it.</summary>
    public bool HasAny => passkeys.Count > 0;

    public Task<PasskeyOwner?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(owner?.Handle == userId ? owner : null);

    public Task<string> GetUserIdAsync(PasskeyOwner user, CancellationToken cancellationToken) => Task.FromResult(user.Handle);

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(PasskeyOwner user, CancellationToken cancellationToken) => Task.FromResult(passkeys);

    public Task<UserPasskeyInfo?> FindPasskeyAsync(PasskeyOwner user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(passkeys.FirstOrDefault(passkey => passkey.CredentialId.AsSpan().SequenceEqual(credentialId)));

    // The unique constraint decides, in the statement that adds it; what was seen before would decide nothing.
    public Task<PasskeyOwner?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) => Task.FromResult<PasskeyOwner?>(null);

    public void Dispose()
    {
        // There is nothing to let go of.
    }

    public Task AddOrUpdatePasskeyAsync(PasskeyOwner user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemovePasskeyAsync(PasskeyOwner user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> GetUserNameAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetUserNameAsync(PasskeyOwner user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> GetNormalizedUserNameAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(PasskeyOwner user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(PasskeyOwner user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PasskeyOwner?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Of nobody that is known.</summary>
    public static PasskeyStore Empty() => new(owner: null, []);

    /// <summary>Reads the passkeys of somebody, or those of them that are called so.</summary>
    public static async Task<PasskeyStore> Of(Db db, PasskeyOwner owner, byte[]? credentialId, CancellationToken ct) => new(owner, await db.Read(
        $"""
        select credential_id, public_key, transports, is_backup_eligible, is_backed_up, created_at from accounts.passkeys
        where user_id = {owner.Id} and ({credentialId}::bytea is null or credential_id = {credentialId}) order by created_at, id
        """,
        row => new UserPasskeyInfo(
            row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<DateTimeOffset>(5),
            // Told that it never signed, the framework leaves the count to the statement that moves it: what is read here may be old by then.
            signCount: 0, row.GetFieldValue<string[]>(2), isUserVerified: true, row.GetBoolean(3), row.GetBoolean(4), attestationObject: [], clientDataJson: []), ct));
}
