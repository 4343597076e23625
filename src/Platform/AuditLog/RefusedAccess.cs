using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Quitanda.Platform.AuditLog;

/// <summary>
/// Notes who holds an office and reached for a write beyond it. A customer who knocks at the staff's door is answered and not noted: anybody can sign up
/// and fill the log.
/// </summary>
internal sealed class RefusedAccess(Executor executor) : IAuthorizationMiddlewareResultHandler
{
    private readonly AuthorizationMiddlewareResultHandler _usual = new();

    public async Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        var request = context.Request;
        if (authorizeResult.Forbidden && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && Caller.Of(context) is { } caller && (caller.Roles & ~Roles.Customer) != Roles.None)
            await executor.Run(provider =>
            {
                var db = provider.GetRequiredService<Db>();
                db.Request = context;
                db.Audit(new AuditEvent("AccessRefused")
                {
                    Facts = new Dictionary<string, string>(StringComparer.Ordinal) { ["method"] = request.Method, ["route"] = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "" },
                });
                return Task.CompletedTask;
            }, context.RequestAborted);
        await _usual.HandleAsync(next, context, policy, authorizeResult);
    }
}
