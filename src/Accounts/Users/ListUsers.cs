using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Accounts.Users;

/// <summary>Lists users for admins: by name, address or username, by role, by status, by when they signed up.</summary>
internal static class ListUsers
{
    internal sealed record Query : PageQuery
    {
        /// <summary>A part of the name, e-mail address or username, whatever the case.</summary>
        [StringLength(100, MinimumLength = 1)]
        public string? Search { get; init; }

        /// <summary>Only who holds this role.</summary>
        [AllowedValues(null, "customer", "owner", "staff", "moderator", "admin")]
        public string? Role { get; init; }

        /// <summary>Only active users, or only deactivated ones.</summary>
        public bool? IsActive { get; init; }

        /// <summary>Only who signed up later than this.</summary>
        public DateTimeOffset? CreatedAfter { get; init; }

        /// <summary>Only who signed up earlier than this.</summary>
        public DateTimeOffset? CreatedBefore { get; init; }
    }

    private static readonly SortField[] Sorts =
    [
        new("-createdAt", "created_at", "timestamptz"), new("name", "name", "text"), new("email", "coalesce(email, '')", "text"), new("updatedAt", "updated_at", "timestamptz"),
    ];

    public static async Task<Ok<Page<Account>>> Handle([AsParameters] Query query, Db db, CancellationToken ct)
    {
        Sql where = $"true";
        if (query.Search is { } search)
        {
            var part = Like.Containing(search);
            where = Sql.Of($"{where} and (name ilike {part} or email ilike {part} or username ilike {part})");
        }

        if (query.Role is { } role)
            where = Sql.Of($"{where} and roles & {(int)Account.Flag(Wire.Parse<Role>(role))} <> 0");
        if (query.IsActive is { } isActive)
            where = Sql.Of($"{where} and is_active = {isActive}");
        if (query.CreatedAfter is { } after)
            where = Sql.Of($"{where} and created_at > {after.ToUniversalTime()}");
        if (query.CreatedBefore is { } before)
            where = Sql.Of($"{where} and created_at < {before.ToUniversalTime()}");
        return TypedResults.Ok(await db.List(query, Account.Columns, Sql.Raw("accounts.users"), where, "id", Sorts, Account.Read, ct));
    }
}
