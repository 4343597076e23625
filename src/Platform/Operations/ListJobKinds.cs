using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Operations;

/// <summary>Lists every kind of job for admins: how many there are, how old the oldest due one is, and whether it is paused. All on one page.</summary>
internal static class ListJobKinds
{
    public static async Task<Ok<Page<JobKind>>> Handle(JobDesk desk, CancellationToken ct)
    {
        var kinds = await desk.Kinds(only: null, ct);
        return TypedResults.Ok(new Page<JobKind>(kinds, new(Page: null, Limit: kinds.Count, Total: null, TotalPages: null, HasNext: false, Next: null)));
    }
}
