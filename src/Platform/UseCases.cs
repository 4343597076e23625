using System.Data;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>A use case that reads but is not a GET, such as a quote: no transaction is opened for it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReadsOnlyAttribute : Attribute;

/// <summary>A use case that writes though it is a GET, since a browser is led there: it runs in a transaction as any other that writes.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class WritesAttribute : Attribute;

/// <summary>
/// A request with slow work to do before its use case, such as hashing a password. It is done after validation and before the
/// transaction begins, so that it holds no connection; what came of it is kept in the request, for <c>Handle</c> to go by.
/// </summary>
public interface IPrepared
{
    /// <summary>Does the work, once, however often the transaction runs. What it reads may have changed by the time of <c>Handle</c>, which asks again in its statement.</summary>
    Task Prepare(IServiceProvider services, CancellationToken ct);
}

/// <summary>The same on a route that has a caller, such as checking their password once more.</summary>
public interface IPreparedFor
{
    /// <inheritdoc cref="IPrepared.Prepare"/>
    Task Prepare(Caller caller, IServiceProvider services, CancellationToken ct);
}

/// <summary>
/// How a route runs its use case: validation, then for everything that writes the executor's transaction, with the idempotency key
/// and the stored answer inside it.
/// </summary>
/// <remarks>
/// A use case that returns, whatever status it returns, is committed; one that throws is rolled back. So a refresh token used twice can
/// end its family and answer 401 in one go, and a rule that refuses leaves nothing behind.
/// </remarks>
internal sealed partial class UseCases
{
    private readonly Type?[] _services;
    private readonly int[] _prepared;
    private readonly EndpointFilterDelegate _handle;
    private readonly bool _secret;
    private readonly string _name;
    private readonly TimeSpan _callOutLimit;
    private readonly TimeSpan _callIsOverAfter;
    private readonly Executor _executor;
    private readonly TimeProvider _clock;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly ILogger _log;
    private Resource? _resource;

    private UseCases(EndpointFilterFactoryContext factory, EndpointFilterDelegate handle)
    {
        var provider = factory.ApplicationServices;
        var isService = provider.GetRequiredService<IServiceProviderIsService>();
        _services = [.. factory.MethodInfo.GetParameters().Select(parameter => isService.IsService(parameter.ParameterType) ? parameter.ParameterType : null)];
        _prepared = [.. factory.MethodInfo.GetParameters().Where(parameter => parameter.ParameterType.IsAssignableTo(typeof(IPrepared)) || parameter.ParameterType.IsAssignableTo(typeof(IPreparedFor))).Select(parameter => parameter.Position)];
        _handle = handle;
        _secret = factory.MethodInfo.DeclaringType?.GetCustomAttribute<AnswersSecretAttribute>() is not null;
        _name = factory.MethodInfo.DeclaringType?.Name ?? factory.MethodInfo.Name;
        var settings = provider.GetRequiredService<IOptions<HttpSettings>>().Value;
        (_callOutLimit, _callIsOverAfter) = (TimeSpan.FromSeconds(settings.CallOutSeconds), settings.CallIsOverAfter());
        _executor = provider.GetRequiredService<Executor>();
        _clock = provider.GetRequiredService<TimeProvider>();
        _lifetime = provider.GetRequiredService<IHostApplicationLifetime>();
        _log = provider.GetRequiredService<ILogger<UseCases>>();
    }

    /// <summary>The filter of every route below <c>/api</c>.</summary>
    public static EndpointFilterDelegate Filter(EndpointFilterFactoryContext factory, EndpointFilterDelegate next)
    {
        var requests = factory.MethodInfo.GetParameters().Where(parameter => Validation.IsRequest(parameter.ParameterType)).Select(parameter => parameter.Position).ToArray();
        var readsOnly = factory.MethodInfo.DeclaringType?.GetCustomAttribute<ReadsOnlyAttribute>() is not null;
        var writesAnyway = factory.MethodInfo.DeclaringType?.GetCustomAttribute<WritesAttribute>() is not null;
        var isSingle = Signature.IsSingle(factory.MethodInfo);
        var writes = new UseCases(factory, next);
        var limits = factory.ApplicationServices.GetRequiredService<SharedLimits>();

        return context =>
        {
            foreach (var position in requests)
                if (context.Arguments[position] is { } request && Validation.Errors(request) is { } errors)
                    return ValueTask.FromResult<object?>(Problem.Invalid(errors));

            return context.HttpContext.GetEndpoint()?.Metadata.GetOrderedMetadata<LimitedRoute>() is { Count: > 0 } limited ? Limited(limited, context) : Run(context);
        };

        ValueTask<object?> Run(EndpointFilterInvocationContext context)
        {
            var method = context.HttpContext.Request.Method;
            if (readsOnly)
                return next(context);
            if (!writesAnyway && (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)))
                return isSingle ? Single(next, context) : next(context);
            return writes.Invoke(context);
        }

        // Before any work that is worth limiting, and before the transaction, whose end must not matter.
        async ValueTask<object?> Limited(IReadOnlyList<LimitedRoute> limited, EndpointFilterInvocationContext context) =>
            await limits.Count(limited, context) ?? await Run(context);
    }

    private static async ValueTask<object?> Single(EndpointFilterDelegate read, EndpointFilterInvocationContext context) =>
        await Rendition.Of(context.HttpContext, await read(context));

    private async ValueTask<object?> Invoke(EndpointFilterInvocationContext context)
    {
        var http = context.HttpContext;
        foreach (var position in _prepared)
            await (context.Arguments[position] is IPreparedFor prepared
                ? prepared.Prepare(Caller.Of(http)!, http.RequestServices, http.RequestAborted)
                : ((IPrepared)context.Arguments[position]!).Prepare(http.RequestServices, http.RequestAborted));

        // Asked at the first request, when all routes are there.
        var resource = _resource ??= Resource.Of((RouteEndpoint)http.GetEndpoint()!, http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints);
        var result = await Write(context, Writing.Of(http, resource));
        if (!resource.AnswersIt || result is null)
            return result;
        var answer = result as Answer ?? await Answer.Capture(http, (IResult)result);
        return answer.Status is StatusCodes.Status200OK or StatusCodes.Status201Created ? answer with { Tag = EntityTags.Of(answer.Body) } : answer;
    }

    private async Task<object?> Write(EndpointFilterInvocationContext context, Writing? writing)
    {
        var http = context.HttpContext;
        var key = HttpMethods.IsPost(http.Request.Method) ? Idempotency.Of(http, _secret) : null;
        if (key is null)
        {
            var result = await _executor.Run(provider => Work(context, provider, writing), http.RequestAborted, http.RequestServices, Isolation(writing));
            return result is ICallOut callOut ? await Outside(callOut, key: null, http) : result;
        }

        try
        {
            return await WithKey(key, context, writing);
        }
        catch (Exception error) when (Idempotency.IsHeld(error))
        {
            throw Idempotency.Busy();
        }
        catch (Exception error) when (Idempotency.HasAnswer(error) || error is InvalidException)
        {
            // What is wrong with a request may depend on the time: a replay gets its stored answer all the same.
            if (await _executor.Run(provider => key.Take(provider.GetRequiredService<Db>(), http.RequestAborted), http.RequestAborted) is { } stored)
                return stored;
            if (Idempotency.HasAnswer(error))
                throw Idempotency.Busy();
            throw;
        }
        catch (RefusedException refused) when (refused is not KeyRefusedException)
        {
            // Rolled back whole; what is left of it is the refusal, which is the key's answer from now on.
            return await _executor.Run(async provider =>
            {
                var db = provider.GetRequiredService<Db>();
                // Somebody with the same key may have been quicker since; then theirs is the answer.
                return await key.Take(db, http.RequestAborted) ?? await Answered(key, db, Problem.From(refused), http, TimeSpan.Zero);
            }, http.RequestAborted);
        }
    }

    private async Task<object?> WithKey(Idempotency key, EndpointFilterInvocationContext context, Writing? writing)
    {
        var http = context.HttpContext;
        ICallOut? call = null;
        var answer = await _executor.Run(async provider =>
        {
            call = null;
            var db = provider.GetRequiredService<Db>();
            key.Claim(db);
            var handled = await Work(context, provider, writing);
            call = handled as ICallOut;
            // Its effect is not flushed yet: it, the stored answer and the commit are one round trip.
            return await Answered(key, db, call?.Meanwhile ?? (IResult)handled!, http, call is null ? TimeSpan.Zero : _callIsOverAfter);
        }, http.RequestAborted, http.RequestServices, Isolation(writing));
        return call is null ? answer : await Outside(call, key, http);
    }

    /// <summary>Finishes the answer and stores it with the key, in the transaction of its effect.</summary>
    private async Task<Answer> Answered(Idempotency key, Db db, IResult result, HttpContext http, TimeSpan busyFor)
    {
        var answer = await Answer.Capture(http, result);
        if (answer.Status < 500)
            key.Store(db, answer, _clock.GetUtcNow(), busyFor);
        return answer;
    }

    private static IsolationLevel Isolation(Writing? writing) => writing?.Isolation ?? IsolationLevel.ReadCommitted;

    /// <summary>The use case, with the condition it has and the row it leaves in the audit log.</summary>
    private Task<object?> Work(EndpointFilterInvocationContext context, IServiceProvider provider, Writing? writing)
    {
        var db = provider.GetRequiredService<Db>();
        db.Request = context.HttpContext;
        context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<Gates.Gate>()?.Go(db, hasCondition: Isolation(writing) == IsolationLevel.Serializable);
        return writing is null ? Handle(context, provider) : writing.Run(provider, () => Handle(context, provider), _name);
    }

    /// <summary>Calls the use case with its services taken from the scope of this attempt.</summary>
    private async Task<object?> Handle(EndpointFilterInvocationContext context, IServiceProvider provider)
    {
        if (ReferenceEquals(provider, context.HttpContext.RequestServices))
            return await _handle(context);

        var arguments = context.Arguments.Select((argument, position) => _services[position] is { } service ? provider.GetRequiredService(service) : argument).ToArray();
        return await _handle(new DefaultEndpointFilterInvocationContext(context.HttpContext, arguments));
    }

    /// <summary>The second and third step of a use case that asks the outside.</summary>
    private async Task<IResult> Outside(ICallOut callOut, Idempotency? key, HttpContext http)
    {
        try
        {
            // The client may leave, the call goes on: the other side may already have acted on it.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_lifetime.ApplicationStopping);
            limit.CancelAfter(_callOutLimit);
            var outcome = await callOut.Call(limit.Token).WaitAsync(limit.Token);
            return await _executor.Run(async provider =>
            {
                provider.GetRequiredService<Db>().Request = http;
                var result = await callOut.Write(provider, outcome, CancellationToken.None);
                return key is null ? result : await Answered(key, provider.GetRequiredService<Db>(), result, http, TimeSpan.Zero);
            }, CancellationToken.None);
        }
        catch (Exception error)
        {
            // Whatever went wrong outside, the intention is committed and a job follows it up: that is the answer.
            NoAnswer(_log, error, http.Request.Path);
            if (key is not null)
                await Release(key);
            return callOut.Meanwhile;
        }
    }

    /// <summary>Lets a replay have the answer that is already stored.</summary>
    private async Task Release(Idempotency key)
    {
        try
        {
            await _executor.Run(provider => key.Release(provider.GetRequiredService<Db>(), CancellationToken.None), CancellationToken.None);
        }
        catch (Exception error)
        {
            // The key's time runs out by itself.
            NotReleased(_log, error.Message);
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "The outside did not answer {Path}; a job asks again")]
    private static partial void NoAnswer(ILogger log, Exception error, string path);

    [LoggerMessage(21, LogLevel.Warning, "An idempotency key stays busy until its time is over: {Reason}")]
    private static partial void NotReleased(ILogger log, string reason);
}
