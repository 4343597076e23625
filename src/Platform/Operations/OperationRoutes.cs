using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Quitanda.Platform.Operations;

/// <summary>Platform's own routes below <c>/api/v1</c>: what operators see and do.</summary>
internal static class OperationRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/jobs").WithTags("Jobs").Needs(Roles.Admin);
        jobs.MapGet("", ListJobs.Handle);
        jobs.MapGet("/{id:guid}", ShowJob.Handle);
        jobs.MapPost("/{id:guid}/retry", RetryJob.Handle);
        jobs.MapDelete("/{id:guid}", DeleteJob.Handle);

        var kinds = routes.MapGroup("/job-kinds").WithTags("Jobs").Needs(Roles.Admin);
        kinds.MapGet("", ListJobKinds.Handle);
        kinds.MapPost("/{kind}/pause", PauseJobKind.Handle);
        kinds.MapPost("/{kind}/resume", ResumeJobKind.Handle);
    }
}
