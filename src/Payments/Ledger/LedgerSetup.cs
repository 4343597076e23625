using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>The books, as administrators read them.</summary>
internal static class LedgerSetup
{
    /// <summary>Maps its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var ledger = routes.MapGroup("/ledger").WithTags("Ledger").Needs(Roles.Admin);
        ledger.MapGet("/accounts", ShowTrialBalance.Handle);
        ledger.MapGet("/entries", ListLedgerEntries.Handle);
        ledger.MapGet("/export", ExportLedger.Handle);
    }
}
