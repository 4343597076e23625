using System.ComponentModel.DataAnnotations;
using Quitanda.Accounts.Users;

namespace Quitanda.Accounts;

/// <summary>Settings of sign-in. Section <c>Accounts</c>.</summary>
internal sealed record AccountSettings
{
    /// <summary>The longest that <see cref="AccessTokenSeconds"/> may be set to.</summary>
    public const int LongestAccessTokenSeconds = 3600;

    /// <summary>Seconds that an access token is good for.</summary>
    [Range(60, LongestAccessTokenSeconds)]
    public int AccessTokenSeconds { get; init; } = 900;

    /// <summary>Days that a refresh token is good for; each use gives a new one.</summary>
    [Range(1, 90)]
    public int RefreshTokenDays { get; init; } = 7;

    /// <summary>Iterations of PBKDF2-HMAC-SHA512 that a password is hashed with. Hashes with fewer are made anew at the next sign-in.</summary>
    [Range(100_000, 10_000_000)]
    public int PasswordIterations { get; init; } = 210_000;

    /// <summary>Passwords hashed at once, each on a thread of its own. 0 is one for every two cores, so that signing in never takes the whole machine.</summary>
    [Range(0, 256)]
    public int PasswordsAtOnce { get; init; }

    /// <summary>Passwords that may wait to be hashed; above, 503.</summary>
    [Range(1, 100_000)]
    public int PasswordsWaiting { get; init; } = 500;

    /// <summary>The locale of whoever signs up, a tag of BCP 47, until they choose their own. It decides the language of their mails.</summary>
    [Required, StringLength(35, MinimumLength = 2), RegularExpression(User.LocalePattern)]
    public string Locale { get; init; } = "pt-BR";

    /// <summary>The front end's address, such as <c>https://loja.example.com</c>: links in letters lead to its pages <c>/verify-email</c> and <c>/reset-password</c>. Empty has letters show the token itself.</summary>
    [StringLength(500), RegularExpression("^(https?://[^\\s?#]+[^\\s?#/])?$")]
    public string PagesUrl { get; init; } = "";

    /// <summary>Days after which somebody who signed up and never proved their address is removed, unless something needs their account. 0 removes nobody, and so does having no mails.</summary>
    [Range(0, 365)]
    public int UnverifiedDays { get; init; } = 7;

    /// <summary>Letters with a token that may be asked for from an address within <see cref="LetterWindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int LettersPerAddress { get; init; } = 30;

    /// <summary>Letters with a token that may be asked for, for one account or e-mail address, within <see cref="LetterWindowSeconds"/>. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int LettersPerAccount { get; init; } = 5;

    /// <summary>Seconds over which letters with a token are counted.</summary>
    [Range(1, 86_400)]
    public int LetterWindowSeconds { get; init; } = 3600;

    /// <summary>Tokens out of letters that may be tried from an address within <see cref="TokenWindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int TokensPerAddress { get; init; } = 30;

    /// <summary>Seconds over which tokens out of letters are counted.</summary>
    [Range(1, 86_400)]
    public int TokenWindowSeconds { get; init; } = 600;

    /// <summary>Users that a process remembers roles and status of, and as many API keys.</summary>
    [Range(100, 10_000_000)]
    public int RememberedUsers { get; init; } = 20_000;

    /// <summary>Seconds that a process goes by what it remembers of a user or an API key, at the most.</summary>
    [Range(1, 30)]
    public int RememberedSeconds { get; init; } = 30;

    /// <summary>Sign-ins that may be tried from an address within <see cref="SignInWindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int SignInsPerAddress { get; init; } = 30;

    /// <summary>Seconds over which sign-ins are counted.</summary>
    [Range(1, 86_400)]
    public int SignInWindowSeconds { get; init; } = 60;

    /// <summary>Accounts that may be registered from an address within <see cref="RegistrationWindowSeconds"/>, refusals included. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int RegistrationsPerAddress { get; init; } = 30;

    /// <summary>Seconds over which registrations are counted.</summary>
    [Range(1, 86_400)]
    public int RegistrationWindowSeconds { get; init; } = 600;

    /// <summary>Refresh tokens that may be tried from an address within <see cref="RefreshWindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int RefreshesPerAddress { get; init; } = 300;

    /// <summary>Seconds over which refreshes are counted.</summary>
    [Range(1, 86_400)]
    public int RefreshWindowSeconds { get; init; } = 60;

    /// <summary>The chains that a wallet may sign in from, by their ids of EIP-155 and separated by spaces; the first is meant where none is named. Empty lets nobody sign in by wallet.</summary>
    [StringLength(500), RegularExpression("^([1-9][0-9]{0,15}( [1-9][0-9]{0,15})*)?$")]
    public string WalletChains { get; init; } = "1";

    /// <summary>Messages for a wallet to sign that may be asked for from an address within <see cref="WalletNonceWindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int WalletNoncesPerAddress { get; init; } = 30;

    /// <summary>Seconds over which messages for a wallet to sign are counted.</summary>
    [Range(1, 86_400)]
    public int WalletNonceWindowSeconds { get; init; } = 600;

    /// <summary>Exports that somebody may have of what is held about them within <see cref="ExportWindowSeconds"/>, over all processes. 0 is no limit.</summary>
    [Range(0, 1_000_000)]
    public int ExportsPerPerson { get; init; } = 10;

    /// <summary>Seconds over which exports are counted.</summary>
    [Range(1, 86_400)]
    public int ExportWindowSeconds { get; init; } = 3600;
}
