using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Quitanda.Accounts.Passkeys;

/// <summary>Settings of passkeys. Section <c>Passkeys</c>.</summary>
internal sealed record PasskeySettings
{
    /// <summary>The domain that passkeys are good for (WebAuthn's relying party id), such as <c>example.com</c>: that of the pages, or one above it. Empty is the host of <c>Accounts:PagesUrl</c>. Whoever changes it ends every passkey.</summary>
    [StringLength(253), RegularExpression("^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$")]
    public string Domain { get; init; } = "";

    /// <summary>Origins of pages that may use passkeys, such as <c>https://loja.example.com</c>, separated by spaces; all of them at the domain or below it. Empty is that of <c>Accounts:PagesUrl</c>.</summary>
    [StringLength(2000)]
    public string Origins { get; init; } = "";
}

/// <summary>Refuses at the start what no browser would take.</summary>
internal sealed class PasskeySettingsCheck(IOptions<AccountSettings> accounts) : IValidateOptions<PasskeySettings>
{
    public ValidateOptionsResult Validate(string? name, PasskeySettings options) =>
        RelyingParty.Of(options, accounts.Value.PagesUrl, out var wrong) is null && wrong is not null ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
}
