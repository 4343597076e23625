using Quitanda.Platform;

namespace Quitanda.Ordering;

/// <summary>Why an order is not taken: what a quote lists, and what placing it is refused with.</summary>
/// <param name="Code">Stable, lower_snake_case.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Facts">What a program can use besides.</param>
internal sealed record Refusal(string Code, string Message, IReadOnlyDictionary<string, object>? Facts = null)
{
    /// <summary>The same as a 409.</summary>
    public RefusedException ToException() => new(Code, Message) { Facts = Facts };
}
