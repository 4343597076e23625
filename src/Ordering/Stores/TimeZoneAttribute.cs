using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Quitanda.Ordering.Stores;

/// <summary>The name of a time zone in the IANA database, such as <c>America/Sao_Paulo</c>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed partial class TimeZoneAttribute : ValidationAttribute
{
    public TimeZoneAttribute() : base("{0} must be the name of an IANA time zone, such as America/Sao_Paulo.") { }

    // Only what looks like a name gets as far as the system's own files.
    public override bool IsValid(object? value) =>
        value is null || (value is string { Length: <= 64 } name && Name().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId);

    [GeneratedRegex("^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();
}
