using Quitanda.Platform;

namespace Quitanda.Payments.Providers;

/// <summary>The providers there are, by name.</summary>
internal sealed class Providers(IEnumerable<IPaymentProvider> all)
{
    public IReadOnlyList<IPaymentProvider> All { get; } = [.. all];

    /// <summary>One that takes new payments.</summary>
    /// <exception cref="InvalidException">It is off or unknown; the message says why, and names those that are on.</exception>
    public IPaymentProvider ForNew(string name)
    {
        var found = Find(name);
        if (found is { WhyOff: null })
            return found;
        var on = string.Join(", ", All.Where(provider => provider.WhyOff is null).Select(provider => provider.Name));
        throw new InvalidException("provider", (found, on) switch
        {
            ({ WhyOff: { } why }, "") => $"is off: {why} No provider is switched on.",
            ({ WhyOff: { } why }, _) => $"is off: {why} On are {on}.",
            (_, "") => "names nobody: no provider is switched on.",
            _ => $"must be one of {on}.",
        });
    }

    /// <summary>One that holds a charge of ours, whether or not it still takes new ones.</summary>
    public IPaymentProvider Of(string name) => Find(name) ?? throw new InvalidOperationException($"There is no provider {name} any more.");

    public IPaymentProvider? Find(string name) => All.FirstOrDefault(provider => provider.Name == name);
}
