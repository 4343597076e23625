using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Providers;

/// <summary>Somebody who takes money for us, across a network. Never called inside a transaction; whatever throws may have happened.</summary>
internal interface IPaymentProvider
{
    /// <summary>As in the API, and stored: never renamed.</summary>
    string Name { get; }

    /// <summary>Whether new payments may go there. One that is off still ends what it began.</summary>
    bool IsOn { get; }

    /// <summary>Asks for a charge. The same key is the same charge, however often it is asked for.</summary>
    Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct);

    /// <summary>Ends a charge that has not been paid, and says how it stands: it may have been paid just before.</summary>
    Task<ChargeNews> Cancel(string reference, CancellationToken ct);

    /// <summary>Gives money back. The same key is the same refund.</summary>
    Task Refund(string reference, Money amount, string key, CancellationToken ct);
}

/// <summary>What a provider is asked to charge.</summary>
internal sealed record PaymentOrder(Guid PaymentId, Money Amount, PaymentMethod? Method, int? Installments, string? ReturnUrl)
{
    public static PaymentOrder Of(Payment payment) => new(payment.Id, payment.Money, payment.Method, payment.Installments, payment.ReturnUrl);
}

/// <summary>A charge the provider knows.</summary>
internal sealed record OpenedCharge(string Reference, string? CheckoutUrl);

/// <summary>How a charge stands at its provider, in the provider's word.</summary>
internal sealed record ChargeNews(string Reference, ChargeState State, string? FailureCode = null);

internal enum ChargeState
{
    Open,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>The providers there are, by name.</summary>
internal sealed class Providers(IEnumerable<IPaymentProvider> all)
{
    private readonly IPaymentProvider[] _all = [.. all];

    /// <summary>One that takes new payments.</summary>
    /// <exception cref="InvalidException">None of that name is on; the message names those that are.</exception>
    public IPaymentProvider ForNew(string name) =>
        _all.FirstOrDefault(provider => provider.IsOn && provider.Name == name)
        ?? throw new InvalidException("provider", _all.Where(provider => provider.IsOn).Select(provider => provider.Name).ToArray() is { Length: > 0 } on
            ? $"must be one of {string.Join(", ", on)}."
            : "names nobody: no provider is switched on.");

    /// <summary>One that holds a charge of ours, whether or not it still takes new ones.</summary>
    public IPaymentProvider Of(string name) =>
        _all.FirstOrDefault(provider => provider.Name == name) ?? throw new InvalidOperationException($"There is no provider {name} any more.");
}
