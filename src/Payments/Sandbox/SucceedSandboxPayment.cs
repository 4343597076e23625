using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Sandbox;

/// <summary>Pays a sandbox payment without money, as if its payer had paid at the provider. Also one that had failed; again, it changes nothing. Only where the sandbox is on.</summary>
[Refuses("not_found", 404)]
internal static class SucceedSandboxPayment
{
    public static async Task<CallOut<Ok<PaymentDetails>>> Handle(
        Guid id, Caller caller, Db db, SandboxProvider sandbox, PaymentView view, IOptions<HttpSettings> http, TimeProvider clock, CancellationToken ct) =>
        SettleCharge.Now(await SettleCharge.Find(id, caller, db, ct), SandboxOutcome.Succeed, code: null, db, sandbox, details => view.Of(details, caller), http.Value.CallIsOverAfter(), clock);
}
