using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Quitanda.Platform;

/// <summary>
/// What a use case answers when it must ask the outside between two transactions. Its <c>Handle</c> writes the intention; after that
/// commit the call is made with no transaction and no connection, for as long as <see cref="HttpSettings.CallOutSeconds"/> says; then a second transaction writes the outcome.
/// </summary>
/// <remarks>
/// Where the call fails, times out or the process dies, <c>meanwhile</c> is what the client gets and what its idempotency key replays;
/// the use case schedules, in its first transaction, the job that repeats the call with the same key for the other side.
/// </remarks>
public sealed class CallOut<TResult> : ICallOut, IEndpointMetadataProvider where TResult : IResult, IEndpointMetadataProvider
{
    private readonly Func<CancellationToken, Task<object>> _call;
    private readonly Func<IServiceProvider, object, CancellationToken, Task<TResult>> _write;
    private readonly TResult _meanwhile;

    private CallOut(TResult meanwhile, Func<CancellationToken, Task<object>> call, Func<IServiceProvider, object, CancellationToken, Task<TResult>> write) =>
        (_meanwhile, _call, _write) = (meanwhile, call, write);

    IResult ICallOut.Meanwhile => _meanwhile;

    /// <summary>Says what to call and what to write of its outcome.</summary>
    /// <param name="meanwhile">The answer as it is after the first transaction.</param>
    /// <param name="call">The call to the outside. Its key for the other side is made from our own id, so a repeat is the same call.</param>
    /// <param name="write">Writes the outcome, in a second transaction and another scope, and gives the final answer.</param>
#pragma warning disable CA1000 // The result type is what a reader wants to see named.
    public static CallOut<TResult> To<TOutcome>(TResult meanwhile, Func<CancellationToken, Task<TOutcome>> call, Func<IServiceProvider, TOutcome, CancellationToken, Task<TResult>> write) where TOutcome : notnull =>
        new(meanwhile, async ct => await call(ct), (provider, outcome, ct) => write(provider, (TOutcome)outcome, ct));
#pragma warning restore CA1000

    Task<object> ICallOut.Call(CancellationToken ct) => _call(ct);

    async Task<IResult> ICallOut.Write(IServiceProvider provider, object outcome, CancellationToken ct) => await _write(provider, outcome, ct);

    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder) => TResult.PopulateMetadata(method, builder);
}

internal interface ICallOut
{
    IResult Meanwhile { get; }
    Task<object> Call(CancellationToken ct);
    Task<IResult> Write(IServiceProvider provider, object outcome, CancellationToken ct);
}
