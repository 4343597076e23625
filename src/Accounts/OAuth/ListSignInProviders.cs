using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.OAuth;

/// <summary>Lists the providers that one can sign in by, for the front end's buttons, by name. All on one page; none where none is configured.</summary>
internal static class ListSignInProviders
{
    /// <param name="Provider">As it stands in addresses: <c>/auth/oauth/{provider}</c>.</param>
    /// <param name="Name">What it is called.</param>
    internal sealed record Response([StringLength(30)] string Provider, [StringLength(100)] string Name);

    public static Ok<Page<Response>> Handle(Providers providers)
    {
        var all = providers.Names;
        return TypedResults.Ok(new Page<Response>(all, new(Page: null, Limit: all.Count, Total: null, TotalPages: null, HasNext: false, Next: null)));
    }
}
