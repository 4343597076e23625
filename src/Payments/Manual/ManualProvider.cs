using Microsoft.Extensions.Options;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;

namespace Quitanda.Payments.Manual;

/// <summary>
/// People who take money by hand: cash, with change, or a card on a machine of their own. There is nobody to ask: what staff say is what happened, and so is what they
/// say they gave back.
/// </summary>
internal sealed class ManualProvider(IOptions<PaymentSettings> settings) : IPaymentProvider
{
    public const string ProviderName = "manual";

    public string Name => ProviderName;

    public string? WhyOff => settings.Value.ManualEnabled ? null : "Payments:ManualEnabled is false.";

    public bool IsRemote => false;

    public IReadOnlyList<PaymentMethod> Methods { get; } = [PaymentMethod.Cash, PaymentMethod.Card, PaymentMethod.Pix];

    /// <summary>The word of staff that the money is in the till.</summary>
    public static ChargeNews Taken(Payment payment) => new(ReferenceOf(payment.Id), ChargeState.Succeeded);

    public Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct) => Task.FromResult(new OpenedCharge(ReferenceOf(order.PaymentId)));

    public Task<ChargeNews> Cancel(Charge charge, CancellationToken ct) => Task.FromResult(new ChargeNews(charge.Reference, ChargeState.Cancelled));

    public Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct) => Task.FromResult(new RefundNews(RefundState.Succeeded));

    public Task<ChargeNews> Fetch(Charge charge, CancellationToken ct) => throw new NotSupportedException("Nobody can be asked after money that people take.");

    public Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct) => throw new NotSupportedException("Nobody holds money for people.");

    public WebhookNotice? Read(WebhookCall call, DateTimeOffset now) => null;

    public Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct) => throw new NotSupportedException("Nobody keeps a list of money that people take.");

    private static string ReferenceOf(Guid paymentId) => $"manual_{paymentId:N}";
}
