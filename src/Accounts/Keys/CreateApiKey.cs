using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Accounts.Letters;
using Quitanda.Accounts.Sessions;
using Quitanda.Accounts.Users;
using Quitanda.Platform;

namespace Quitanda.Accounts.Keys;

/// <summary>
/// Makes an API key, which is shown this once. Sent as `X-Api-Key` it calls for its owner, with their roles of the moment, on routes whose scope it
/// holds: `RESOURCE:read` or `RESOURCE:write`, by the first word of the path. It may never touch sign-in, keys or who holds which role.
/// </summary>
[AnswersSecret]
[Refuses("too_many_api_keys"), Refuses("unauthenticated", 401)]
internal static class CreateApiKey
{
    internal sealed record Request(
        [StringLength(100), RegularExpression(User.LinePattern)] string Name,
        [MinLength(1), MaxLength(100)] string[] Scopes,
        DateTimeOffset? ExpiresAt = null);

    internal sealed record Response(Guid Id, string Key);

    public static async Task<Created<Response>> Handle(Request request, Caller caller, Db db, KeyScopeNames scopes, IMail mail, TimeProvider clock, CancellationToken ct)
    {
        scopes.Require(request.Scopes);
        var now = clock.GetUtcNow();
        if (request.ExpiresAt <= now)
            throw new InvalidException("expiresAt", "must lie ahead.");
        // With the user locked, keys are made one after the other, which is what keeps their number right.
        await Standing.Hold(db, caller, ct);

        var key = ApiKey.New();
        var id = Guid.CreateVersion7();
        var made = await db.Execute(
            $"""
            insert into accounts.api_keys (id, user_id, name, prefix, hash, scopes, created_at, expires_at)
            select {id}, {caller.Id}, {request.Name.Trim()}, {ApiKey.PrefixOf(key)}, {OpaqueToken.HashOf(key)}, {request.Scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray()}, {now}, {request.ExpiresAt?.ToUniversalTime()}
            where (select count(*) from accounts.api_keys where user_id = {caller.Id}) < {ApiKey.AtMost}
            """, ct);
        if (made == 0)
            throw new RefusedException("too_many_api_keys", $"There are {ApiKey.AtMost} keys already; delete one first.");

        db.Audit(new AuditEvent("ApiKeyCreated")
        {
            PersonId = caller.Id,
            ResourceType = "api-keys",
            ResourceId = id.ToString(),
            Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["scopes"] = string.Join(' ', request.Scopes) },
        });
        mail.Send(caller.Id, new SecurityNotice { ApiKeyCreated = request.Name.Trim() });
        return TypedResults.Created($"/api/v1/api-keys/{id}", new Response(id, key));
    }
}
