using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Sandbox;

/// <summary>Fails a sandbox payment, as if the provider had refused the payer. One that succeeded stays as it is. Only where the sandbox is on.</summary>
[Refuses("not_found", 404)]
internal static class FailSandboxPayment
{
    /// <param name="Code">The failure code to report; <c>card_declined</c> without it.</param>
    internal sealed record Request([StringLength(50, MinimumLength = 1), RegularExpression("^[a-z0-9_]+$")] string? Code = null);

    public static async Task<CallOut<Ok<PaymentDetails>>> Handle(
        Guid id, Request? request, Caller caller, Db db, SandboxProvider sandbox, PaymentView view, IOptions<HttpSettings> http, TimeProvider clock, CancellationToken ct) =>
        SettleCharge.Now(await SettleCharge.Find(id, caller, db, ct), SandboxOutcome.Fail, request?.Code, db, sandbox, details => view.Of(details, caller), http.Value.CallIsOverAfter(), clock);
}
