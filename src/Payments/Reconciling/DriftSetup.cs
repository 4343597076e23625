using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Reconciling;

/// <summary>The daily report of drift.</summary>
internal static class DriftSetup
{
    /// <summary>Adds its services.</summary>
    public static IServiceCollection AddDrift(this IServiceCollection services) => services
        .AddScoped<Drift>().AddScoped<CompareSubledgers>()
        .Every<ReportDrift>(ReportDrift.Kind, ReportDrift.Period)
        .AddOutsideJob<CompareCharges.Message, ChargePage, CompareCharges>(CompareCharges.Kind)
        .AddJob<ComparePayments.Message, ComparePayments>(ComparePayments.Kind)
        .AddJob<FinishDrift.Message, FinishDrift>(FinishDrift.Kind);

    /// <summary>Maps its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var drift = routes.MapGroup("/reports/drift").WithTags("Ledger").Needs(Roles.Admin);
        drift.MapGet("/", ShowDriftReport.Handle);
        drift.MapPost("/", StartDriftReport.Handle);
    }
}
