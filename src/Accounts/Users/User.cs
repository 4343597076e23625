using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>One role, as the API names it. Held together as <see cref="Roles"/>.</summary>
internal enum Role
{
    Customer,
    Owner,
    Staff,
    Moderator,
    Admin,
}

/// <summary>Somebody with an account.</summary>
internal sealed class User
{
    /// <summary>ASCII addresses with a dotted domain; anything wider lets two look alike.</summary>
    public const string EmailPattern = @"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+)*@([A-Za-z0-9]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9\-]{0,61}[A-Za-z0-9])$";

    /// <summary>E.164.</summary>
    public const string PhonePattern = @"^\+[1-9][0-9]{6,14}$";

    /// <summary>Folded to lower case when stored.</summary>
    public const string UsernamePattern = @"^[A-Za-z0-9_.\-]{3,30}$";

    /// <summary>A tag of BCP 47.</summary>
    public const string LocalePattern = @"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";

    /// <summary>One line with something on it.</summary>
    public const string LinePattern = @"^[^\S\r\n]*\S[^\r\n]*$";

    private Roles _roles = Roles.Customer;
    private bool _isActive = true;
    private long _version = 1;
    private DateTimeOffset _createdAt;
    private DateTimeOffset _updatedAt;

    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Null for somebody who came by a wallet and gave none.</summary>
    public string? Email { get; init; }

    public required string Name { get; init; }
    public string? Username { get; init; }
    public string? Phone { get; init; }
    public string? FirstName { get; init; }
    public string? LastName { get; init; }
    public string Locale { get; init; } = "pt-BR";
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = MetadataAttribute.None;
    public Roles Roles { get => _roles; init => _roles = value; }
    public bool IsActive { get => _isActive; init => _isActive = value; }
    public bool EmailVerified { get; init; }

    /// <summary>Until when the address is to be proved, or the account is removed; null for who has proved it or need not.</summary>
    public DateTimeOffset? VerifyBy { get; init; }

    /// <summary>A public image that they sent themselves.</summary>
    public Guid? AvatarFileId { get; init; }

    /// <summary>Null for somebody who has no password to sign in with.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>Goes up whenever roles, status or password change; access tokens of an older one are refused.</summary>
    public long Version { get => _version; init => _version = value; }

    public required DateTimeOffset CreatedAt { get => _createdAt; init => _createdAt = _updatedAt = value; }
    public DateTimeOffset UpdatedAt => _updatedAt;

    /// <summary>Whether this is one of those who can appoint others.</summary>
    public bool IsActingAdmin => IsActive && Roles.HasFlag(Roles.Admin);

    /// <summary>An address as it is compared: case does not tell two apart.</summary>
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();

    public void Hold(Roles roles, DateTimeOffset now)
    {
        if (_roles == roles)
            return;
        _roles = roles;
        Changed(now);
    }

    public void Activate(DateTimeOffset now)
    {
        if (_isActive)
            return;
        _isActive = true;
        Changed(now);
    }

    public void Deactivate(DateTimeOffset now)
    {
        if (!_isActive)
            return;
        _isActive = false;
        Changed(now);
    }

    private void Changed(DateTimeOffset now)
    {
        _version++;
        _updatedAt = now;
    }
}
