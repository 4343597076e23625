using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Providers;

/// <summary>Lists who can take money here, and why the others cannot: a page of a shop offers those that are on. All on one page.</summary>
internal static class ListProviders
{
    /// <param name="Name">As in <c>POST /payments</c>.</param>
    /// <param name="IsOn">Whether it takes new payments.</param>
    /// <param name="WhyOff">The setting that is missing.</param>
    /// <param name="Methods">How a payer can pay there.</param>
    /// <param name="PublicKey">The publishable key for the provider's element in the payer's page.</param>
    internal sealed record Response(string Name, bool IsOn, string? WhyOff, IReadOnlyList<PaymentMethod> Methods, string? PublicKey);

    public static Ok<Page<Response>> Handle(Providers providers)
    {
        Response[] all = [.. providers.All.Select(provider =>
            new Response(provider.Name, provider.WhyOff is null, provider.WhyOff, provider.Methods, provider.WhyOff is null ? provider.PublicKey : null))];
        return TypedResults.Ok(new Page<Response>(all, new(Page: null, Limit: all.Length, Total: null, TotalPages: null, HasNext: false, Next: null)));
    }
}
