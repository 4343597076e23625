using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quitanda.Platform.Errors;

/// <summary>Lists unexpected errors for admins, one line a kind, the last seen first.</summary>
internal static class ListErrors
{
    internal sealed record Query : PageQuery
    {
        /// <summary>Only those still to be looked at, or only those dealt with.</summary>
        [AllowedValues(null, "open", "resolved")]
        public string? State { get; init; }

        /// <summary>Only of this use case or kind of job.</summary>
        [StringLength(200, MinimumLength = 1)]
        public string? UseCase { get; init; }
    }

    private static readonly SortField[] Sorts = [new("-lastSeenAt", "last_seen_at", "timestamptz"), new("firstSeenAt", "first_seen_at", "timestamptz"), new("count", "count", "bigint")];

    public static async Task<Ok<Page<RecordedError>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        Sql where = query.State switch
        {
            "open" => Sql.Raw("resolved_at is null"),
            "resolved" => Sql.Raw("resolved_at is not null"),
            _ => Sql.Raw("true"),
        };
        if (query.UseCase is { } useCase)
            where = Sql.Of($"{where} and use_case = {useCase}");
        return TypedResults.Ok(await db.List(query, RecordedError.Columns, Sql.Raw("platform.errors"), where, "id", Sorts, RecordedError.Read, ct));
    }
}
