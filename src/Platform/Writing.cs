using System.Data;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Quitanda.Platform.AuditLog;

namespace Quitanda.Platform;

/// <summary>
/// A write that is more than its use case: it has a condition (<c>If-Match</c>) to hold to, or it is done by a role and goes into the audit log.
/// Both look at the resource in the transaction of the write.
/// </summary>
/// <remarks>
/// A condition is atomic by the database's own means. Its transaction is serializable: whoever changes what was compared, by whatever route, sale or
/// job, either comes before its snapshot or makes one of the two fail with a serialization failure, which the executor runs again; and
/// then the version is another.
/// </remarks>
internal sealed class Writing
{
    private readonly HttpContext _http;
    private readonly Resource _resource;
    private readonly Caller? _caller;
    private readonly StringValues _expected;
    private readonly bool _isByRole;
    private readonly bool _mayBeByRole;

    private Writing(HttpContext http, Resource resource, Caller? caller, StringValues expected, bool isByRole, bool mayBeByRole) =>
        (_http, _resource, _caller, _expected, _isByRole, _mayBeByRole) = (http, resource, caller, expected, isByRole, mayBeByRole);

    /// <summary>Serializable where there is a condition.</summary>
    public IsolationLevel Isolation => _expected.Count > 0 ? IsolationLevel.Serializable : IsolationLevel.ReadCommitted;

    /// <summary>What there is to do about a write; null where it is its use case and nothing else, as a customer's are.</summary>
    public static Writing? Of(HttpContext http, Resource resource)
    {
        var expected = resource.IsReadable ? http.Request.Headers.IfMatch : StringValues.Empty;
        var caller = Caller.Of(http);
        var isByRole = resource.IsByRole && caller is not null;
        // On a route that is for its owner too, staff may be at somebody else's.
        var mayBeByRole = !isByRole && resource.IsReadable && !resource.IsCallersOwn && caller is not null && (caller.Roles & ~Roles.Customer) != Roles.None;
        return expected.Count == 0 && !isByRole && !mayBeByRole ? null : new(http, resource, caller, expected, isByRole, mayBeByRole);
    }

    /// <summary>Runs the use case with what stands before and after it.</summary>
    /// <param name="provider">The scope of this attempt.</param>
    /// <param name="handle">The use case.</param>
    /// <param name="action">Its name.</param>
    public async Task<object?> Run(IServiceProvider provider, Func<Task<object?>> handle, string action)
    {
        var db = provider.GetRequiredService<Db>();
        if (_expected.Count == 0 && _resource.IsReadable)
            // Writers by role of one resource come one after the other, so that what the log says was before is what this one changed.
            await db.Execute($"select pg_advisory_xact_lock({_resource.LockOf(_http)})", _http.RequestAborted);
        var before = await _resource.Render(_http, provider);
        RequireExpected(before);

        var handled = await handle();
        var owner = PersonOf(before) ?? (_resource.IsCallersOwn ? _caller?.Id : null);
        var isAudited = _isByRole || (_mayBeByRole && owner is { } somebody && somebody != _caller!.Id);
        return isAudited ? await Audit(db, provider, handled, action, before, owner) : handled;
    }

    private void RequireExpected(Rendition? before)
    {
        if (_expected.Count == 0)
            return;
        if (before is null && _resource.MayBeReadBy(_caller))
            throw new KeyRefusedException("not_found", "There is nothing here.", StatusCodes.Status404NotFound);
        if (before is null || !EntityTags.IsExpected(_expected, before.Tag))
            throw new KeyRefusedException("precondition_failed", "The resource has changed since it was read; read it again.", StatusCodes.Status412PreconditionFailed);
    }

    private async Task<object?> Audit(Db db, IServiceProvider provider, object? handled, string action, Rendition? before, Guid? owner)
    {
        var result = (handled as ICallOut)?.Meanwhile ?? (IResult)handled!;
        var inner = result is INestedHttpResult nested ? nested.Result : result;
        // What was refused changed nothing.
        if (inner is IStatusCodeHttpResult { StatusCode: >= StatusCodes.Status400BadRequest })
            return handled;

        Snapshot? after = null;
        if (_resource.AnswersIt)
        {
            var answer = await Answer.Capture(_http, result);
            after = Snapshot.Of((inner as IValueHttpResult)?.Value, answer.Body);
            handled = handled is ICallOut ? handled : answer;
        }
        else if (_resource.IsReadable && !HttpMethods.IsDelete(_http.Request.Method))
        {
            await db.Flush(_http.RequestAborted);
            after = Snapshot.Of(await _resource.Render(_http, provider));
        }

        var was = _resource.Makes ? null : Snapshot.Of(before);
        var id = _resource.IdIn(_http) ?? after?.Json["id"]?.ToString();
        if (was is not null && after is not null)
            Snapshot.KeepChanged(was, after);
        db.Audit(new AuditEvent(action) { PersonId = owner ?? after?.Person, ResourceType = _resource.Type, ResourceId = id, Before = was, After = after });
        return handled;
    }

    private static Guid? PersonOf(Rendition? rendition) => rendition is null ? null : Personal.Of(rendition.Value.GetType()).PersonOf((JsonObject)JsonNode.Parse(rendition.Body)!);
}
