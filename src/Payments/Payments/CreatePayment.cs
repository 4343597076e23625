using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;
using Quitanda.Payments.Providers;
using Quitanda.Platform;

namespace Quitanda.Payments.Payments;

/// <summary>
/// Asks a provider to take what is due for something of the caller's: an order, a booking, a basket. Where the provider does not answer in time, or the server stops in between, the payment stays
/// <c>processing</c> and the same charge is asked for again in the background: it is never charged twice. Card data is never part of it: the provider's page or element takes it.
/// </summary>
[Refuses("not_found", 404), Refuses("already_paid"), Refuses("order_cancelled"), Refuses("booking_cancelled"), Refuses("booking_not_accepted"), Refuses("basket_not_held"), Refuses("pays_on_delivery"), Refuses("pays_online"), Refuses("nothing_to_pay"), Refuses("payment_in_progress")]
internal static class CreatePayment
{
    /// <summary>Why something cannot be paid: what its module may answer, and this route declares.</summary>
    private static readonly HashSet<string> Whys = new(["already_paid", "order_cancelled", "booking_cancelled", "booking_not_accepted", "basket_not_held"], StringComparer.Ordinal);

    /// <summary>Longer than the longest that a call may be set to take: while the first one runs, nobody repeats it.</summary>
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(25);

    /// <param name="Provider">Who takes the money: one of <c>GET /payments/providers</c>.</param>
    /// <param name="OrderId">The order to be paid. One of these ids is given, and only one.</param>
    /// <param name="BookingId">The booking to be paid.</param>
    /// <param name="BookingChangeId">The change of a booking whose difference is to be paid.</param>
    /// <param name="BasketId">The basket to be paid whole.</param>
    /// <param name="Method">How the payer means to pay; without it the provider asks.</param>
    /// <param name="Installments">In how many parts a card pays.</param>
    /// <param name="ReturnUrl">Where the provider's page sends the payer afterwards: absolute, http or https.</param>
    /// <param name="CardToken">What the provider's element in the payer's page gave for the card, where the provider charges tokens: Mercado Pago. Used once, and not kept.</param>
    /// <param name="CardBrand">The card's brand, as that element named it: <c>visa</c>.</param>
    /// <param name="Tendered">The cash that the payer will hand over, so that whoever brings the goods brings change.</param>
    /// <param name="Metadata">The client's own notes, returned as given.</param>
    internal sealed record Request(
        [StringLength(50, MinimumLength = 1)] string Provider,
        Guid? OrderId = null,
        Guid? BookingId = null,
        Guid? BookingChangeId = null,
        Guid? BasketId = null,
        PaymentMethod? Method = null,
        [Range(1, 24)] int? Installments = null,
        [StringLength(2000, MinimumLength = 1)] string? ReturnUrl = null,
        [StringLength(300, MinimumLength = 1)] string? CardToken = null,
        [StringLength(50, MinimumLength = 1)] string? CardBrand = null,
        Money? Tendered = null,
        [Metadata] IReadOnlyDictionary<string, string>? Metadata = null);

    public static async Task<CallOut<Created<PaymentDetails>>> Handle(
        Request request, Caller payer, Db db, IEnumerable<IPayable> payables, Providers.Providers providers, IAccounts accounts, IGuestAddressees guests, PaymentView view, TimeProvider clock, CancellationToken ct)
    {
        var (kind, payableId) = Asked(request);
        Check(request);
        var provider = providers.ForNew(request.Provider);
        if (request.Method is { } method && !provider.Methods.Contains(method))
            throw new InvalidException("method", $"{provider.Name} takes {string.Join(", ", provider.Methods.Select(takes => takes.Name()))}.");
        var now = clock.GetUtcNow();

        // Everything about one payable queues here, so what is read of its payments below stays true until the commit.
        var due = payables.FirstOrDefault(payable => payable.Kind == kind.Name) is { } payable ? await payable.Lock(payableId, ct) : null;
        if (due is null || due.OwnerId != payer.Id)
            throw new RefusedException("not_found", $"There is no such {kind.Noun} of yours.", StatusCodes.Status404NotFound);
        RefuseUnlessPayable(due, kind, provider);
        if (request.Tendered is { } tendered && (tendered.Currency != due.Amount.Currency || tendered.Amount < due.Amount.Amount))
            throw new InvalidException("tendered", $"must be at least the {due.Amount.Amount} {due.Amount.Currency} that are due.");
        await RefuseSecondOpen(db, kind, payableId, ct);

        var payment = Payment.Intend(kind.Name, payableId, due, provider.Name, new(request.Method, request.Installments, request.ReturnUrl, request.Metadata)
        {
            Input = new(request.CardToken, request.CardBrand, provider.IsRemote ? await EmailOf(payer, accounts, guests, ct) : null),
            Tendered = request.Tendered?.Amount,
        }, now);
        var order = PaymentOrder.Of(payment);
        provider.Check(order);
        db.Add(payment);
        db.Schedule(CreateAtProvider.Kind, new CreateAtProvider.Message(payment.Id), now + RepeatAfter, $"{CreateAtProvider.Kind}:{payment.Id}");
        await EndFailedOnes(db, kind, payableId, now, ct);

        return CallOut<Created<PaymentDetails>>.To(
            Created(payment, view, payer),
            calling => provider.Create(order, payment.Key, calling),
            async (scope, opened, writing) => Created(await scope.GetRequiredService<HearProvider>().Opened(payment.Id, opened, writing), view, payer));
    }

    private static async Task<string?> EmailOf(Caller payer, IAccounts accounts, IGuestAddressees guests, CancellationToken ct) =>
        payer.IsGuest ? (await guests.Find(payer.Id, ct))?.Address : await accounts.FindEmail(payer.Id, ct);

    private static Created<PaymentDetails> Created(Payment payment, PaymentView view, Caller payer) => TypedResults.Created($"/api/v1/payments/{payment.Id}", view.Of(payment, payer));

    private static (PayableKind Kind, Guid Id) Asked(Request request)
    {
        (PayableKind Kind, Guid? Id)[] all =
            [(PayableKind.Order, request.OrderId), (PayableKind.Booking, request.BookingId), (PayableKind.BookingChange, request.BookingChangeId), (PayableKind.Basket, request.BasketId)];
        return all.Where(one => one.Id is not null).Select(one => (one.Kind, one.Id.GetValueOrDefault())).ToList() switch
        {
            [] => throw new InvalidException("orderId", "is required, or another id that says what is to be paid."),
            [var only] => only,
            [var first, var second, ..] => throw new InvalidException(second.Kind.Field, $"One payment pays one thing, and {first.Kind.Field} names it already."),
        };
    }

    private static void Check(Request request)
    {
        if (request.Installments > 1 && request.Method is not PaymentMethod.Card)
            throw new InvalidException("installments", "Only a card pays in more than one part.");
        if (request.CardToken is not null && request.Method is not PaymentMethod.Card)
            throw new InvalidException("cardToken", "goes with the method card.");
        if (request.Tendered is not null && request.Method is not PaymentMethod.Cash)
            throw new InvalidException("tendered", "goes with the method cash.");
        if (request.ReturnUrl is { } address && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)))
            throw new InvalidException("returnUrl", "must be an absolute http or https address.");
    }

    private static void RefuseUnlessPayable(Due due, PayableKind kind, IPaymentProvider provider)
    {
        if (!due.MayBePaid)
            throw due is { WhyNot: { } code, WhyNotText: { } text } && Whys.Contains(code)
                ? new RefusedException(code, text)
                : new InvalidOperationException($"A {kind.Noun} refused payment without a word, or with the unknown code {due.WhyNot}.");
        if (due.IsByHand && provider.IsRemote)
            throw new RefusedException("pays_on_delivery", $"The {kind.Noun} is paid when it is handed over.");
        if (!due.IsByHand && !provider.IsRemote)
            throw new RefusedException("pays_online", $"The {kind.Noun} is paid online, and not when it is handed over.");
        if (due.Amount.Amount == 0)
            throw new RefusedException("nothing_to_pay", $"The {kind.Noun} costs nothing.");
    }

    private static async Task RefuseSecondOpen(Db db, PayableKind kind, Guid payableId, CancellationToken ct)
    {
        var open = await db.Read($"""
            select id from payments.payments
            where kind = {kind.Name} and payable_id = {payableId} and status in ('pending', 'processing', 'succeeded', 'disputed') and not is_surplus
            """, row => row.GetGuid(0), ct);
        if (open is [var id])
            throw new RefusedException("payment_in_progress", $"A payment of this {kind.Noun} is open; end it or wait for it.") { Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["paymentId"] = id } };
    }

    /// <summary>An attempt that failed could still be paid at the provider; with a new one begun, it is told to end it. What is paid all the same is given back.</summary>
    private static async Task EndFailedOnes(Db db, PayableKind kind, Guid payableId, DateTimeOffset now, CancellationToken ct)
    {
        var failed = await db.Read(
            $"select id from payments.payments where kind = {kind.Name} and payable_id = {payableId} and status = 'failed' and provider_reference is not null", row => row.GetGuid(0), ct);
        foreach (var id in failed)
            db.Schedule(CancelAtProvider.Kind, new CancelAtProvider.Message(id), now);
    }
}

/// <summary>Asks the provider again for a charge whose answer never arrived here, with the same key, so that it is the same charge.</summary>
internal sealed class CreateAtProvider(Db db, Providers.Providers providers, HearProvider provider) : ICallOut<CreateAtProvider.Message, OpenedCharge?>
{
    public const string Kind = "payments.create-at-provider";

    internal sealed record Message(Guid PaymentId);

    public async Task<OpenedCharge?> Call(Message message, CancellationToken ct)
    {
        // Also one that was cancelled meanwhile: the first call may have reached the provider, and only its reference lets us cancel it there.
        var payment = await db.Set<Payment>().AsNoTracking().SingleAsync(payment => payment.Id == message.PaymentId, ct);
        if (payment.ProviderReference is not null || payment.Status is PaymentStatus.Failed)
            return null;
        var (provider, order) = (providers.Of(payment.Provider), PaymentOrder.Of(payment));
        return payment.Status is PaymentStatus.Cancelled ? await provider.Look(order, payment.Key, ct) : await provider.Create(order, payment.Key, ct);
    }

    public async Task Write(Message message, OpenedCharge? outcome, CancellationToken ct)
    {
        if (outcome is not null)
            await provider.Opened(message.PaymentId, outcome, ct);
    }
}
