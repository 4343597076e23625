using Quitanda.Payments.Payments;
using Quitanda.Platform;

namespace Quitanda.Payments.Providers;

/// <summary>
/// Somebody who takes money for us, across a network. Never called inside a transaction; whatever throws may have happened, and is asked again with the same key.
/// </summary>
/// <remarks>
/// A provider that answers and refuses does not throw: it says so in what it returns. It throws <see cref="ProviderUnavailableException"/> where nobody knows what came of it.
/// </remarks>
internal interface IPaymentProvider
{
    /// <summary>As in the API, and stored: never renamed.</summary>
    string Name { get; }

    /// <summary>Why new payments may not go there, naming the setting; null where they may. One that is off still ends what it began.</summary>
    string? WhyOff { get; }

    /// <summary>How a payer can pay there.</summary>
    IReadOnlyList<PaymentMethod> Methods { get; }

    /// <summary>What the payer's page shows the provider: a publishable key. Null where it needs none.</summary>
    string? PublicKey => null;

    /// <summary>Whether it keeps charges of its own that can be asked after; not so where people take the money.</summary>
    bool IsRemote => true;

    /// <summary>Says what of a payer's wishes it cannot do.</summary>
    /// <exception cref="InvalidException">Names the member.</exception>
    void Check(PaymentOrder order) { }

    /// <summary>Asks for a charge. The same key is the same charge, however often it is asked for.</summary>
    Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct);

    /// <summary>
    /// What became of a question whose answer was lost, where the payment was called off meanwhile: null where nothing was made. Making it again is as good, unless that takes money at once.
    /// </summary>
    async Task<OpenedCharge?> Look(PaymentOrder order, string key, CancellationToken ct) => await Create(order, key, ct);

    /// <summary>How a charge stands now: the one word that moves a payment.</summary>
    Task<ChargeNews> Fetch(Charge charge, CancellationToken ct);

    /// <summary>Takes money that was only authorised, and says how the charge stands then. Again it is the same taking.</summary>
    Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct);

    /// <summary>Ends a charge that has not been paid, and says how it stands: it may have been paid just before.</summary>
    Task<ChargeNews> Cancel(Charge charge, CancellationToken ct);

    /// <summary>Whether what its payer was sent to, by the name of its charge, can still be paid when it has been paid or has failed, until it is closed.</summary>
    bool StaysOpen(string reference) => false;

    /// <summary>Closes what stays open; what was paid there stays paid. Again it does no more.</summary>
    Task Close(Charge charge, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Whether it tells each money that came in for a payment by its own name, so that one beside the payment's own can be given back by that name.</summary>
    bool KnowsSecondCharges => false;

    /// <summary>Gives money back. The same key is the same refund; asked again, it says how that refund stands now.</summary>
    Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct);

    /// <summary>Checks that a call really is the provider's and says what it is about. Null where it is not. Reads nothing else.</summary>
    WebhookNotice? Read(WebhookCall call, DateTimeOffset now);

    /// <summary>Which payment of ours a name belongs to that an event brought and we have not seen; null where it is none of ours.</summary>
    Task<Guid?> PaymentOf(string subject, CancellationToken ct) => Task.FromResult((Guid?)null);

    /// <summary>Charges that were made in a time, from the first; by pages.</summary>
    Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct);
}

/// <summary>What a provider is asked to charge.</summary>
/// <param name="PaymentId">Ours: the provider is told it, so that its events and lists can be led back.</param>
/// <param name="Amount">In minor units.</param>
/// <param name="Method">How the payer means to pay; null where the provider is to ask.</param>
/// <param name="Installments">In how many parts a card pays.</param>
/// <param name="ReturnUrl">Where the provider's page sends the payer afterwards.</param>
/// <param name="ExpiresAt">When it may not be paid any more.</param>
/// <param name="Input">What else the provider needs of the payer.</param>
internal sealed record PaymentOrder(Guid PaymentId, Money Amount, PaymentMethod? Method, int? Installments, string? ReturnUrl, DateTimeOffset? ExpiresAt, PaymentInput Input)
{
    /// <summary>When it was first asked for. The same key comes with the same words, so what a provider counts from now is counted from then.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    public static PaymentOrder Of(Payment payment) =>
        new(payment.Id, payment.Money, payment.Method, payment.Installments, payment.ReturnUrl, payment.ExpiresAt, payment.Input ?? PaymentInput.None) { CreatedAt = payment.CreatedAt };
}

/// <summary>What a provider needs of a payer beside the amount. Card data is never in it: a token stands for the card, made by the provider's own element in the payer's page.</summary>
internal sealed record PaymentInput(string? CardToken = null, string? CardBrand = null, string? Email = null)
{
    public static readonly PaymentInput None = new();
}

/// <summary>A charge as we know it.</summary>
internal sealed record Charge(Guid PaymentId, string Reference, string? ChargeReference, Money Amount)
{
    /// <summary>Whether a dispute of it is open here: a provider that only says that it is over leaves to us which way it went.</summary>
    public bool IsDisputed { get; init; }

    /// <summary>How much the banks hold or took of it, as known here, minor units: a provider that shows a dispute by where the money is leaves that to us, too.</summary>
    public long? DisputedAmount { get; init; }

    /// <summary>What an event named that has it asked after: a search there may not find it yet.</summary>
    public string? Subject { get; init; }

    public static Charge Of(Payment payment) => new(payment.Id, payment.ProviderReference!, payment.ChargeReference, payment.Money)
    {
        IsDisputed = payment.Dispute is DisputeState.Open,
        DisputedAmount = payment.Dispute is DisputeState.Open or DisputeState.Lost ? payment.DisputedAmount : null,
    };
}

/// <summary>What to give back, and the key that makes it one refund.</summary>
internal sealed record RefundOrder(Guid RefundId, Money Amount, string Key, string? Reason)
{
    /// <summary>The provider's name for it, once it was told.</summary>
    public string? Reference { get; init; }
}

/// <summary>What came of asking for a charge.</summary>
/// <param name="Reference">The provider's name for it; null only where it was refused.</param>
internal sealed record OpenedCharge(string? Reference)
{
    /// <summary>Where the payer goes to pay.</summary>
    public string? CheckoutUrl { get; init; }

    /// <summary>What the provider's element in the payer's page needs.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The text to copy, of which the QR code is the picture.</summary>
    public string? PixCode { get; init; }

    /// <summary>When the provider stops taking it, where it said so.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How it stands already, such as a card that was charged or declined at once.</summary>
    public ChargeNews? News { get; init; }

    /// <summary>Why the provider refused to open it: letters, digits and <c>_</c>.</summary>
    public string? RefusedCode { get; init; }

    public static OpenedCharge Refused(string code) => new((string?)null) { RefusedCode = code };
}

/// <summary>How a charge stands at its provider, in the provider's word.</summary>
/// <param name="Reference">What <see cref="OpenedCharge.Reference"/> named.</param>
/// <param name="State">Where it stands. What came in stays <see cref="ChargeState.Succeeded"/> when it goes back.</param>
/// <param name="FailureCode">Why it failed.</param>
internal sealed record ChargeNews(string Reference, ChargeState State, string? FailureCode = null)
{
    /// <summary>The money's own name, where it is another.</summary>
    public string? ChargeReference { get; init; }

    /// <summary>How much came in; null where that is not said. Anything but what was asked for is not taken.</summary>
    public Money? Amount { get; init; }

    /// <summary>What the provider keeps of it; null while it is not known.</summary>
    public Money? Fee { get; init; }

    /// <summary>How much of it has gone back in all, minor units; what was taken by a dispute is not in it. Null where that is not said.</summary>
    public long? RefundedAmount { get; init; }

    public DisputeNews? Dispute { get; init; }

    /// <summary>How the payment's dispute stood here when its provider was asked for this; null where that is not known. What was asked for before the last word was heard may be older than that word.</summary>
    public DisputeMark? Known { get; init; }

    /// <summary>Money that came in for it beside this, by its own names, and has not all gone back.</summary>
    public IReadOnlyList<SecondMoney> Others { get; init; } = [];

    /// <summary>Our payment's id, where the provider kept it.</summary>
    public Guid? PaymentId { get; init; }

    /// <summary>When it was made there.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <param name="Reference">Its own name at the provider.</param>
/// <param name="Amount">How much came in.</param>
internal sealed record SecondMoney(string Reference, Money Amount);

internal enum ChargeState
{
    Open,

    /// <summary>The money is held for us and must be taken.</summary>
    Authorized,
    Succeeded,
    Failed,
    Cancelled,
}

/// <summary>The payer had their bank ask for the money back.</summary>
/// <param name="State">How all disputes of the charge stand.</param>
/// <param name="Amount">How much the banks hold or took by them, or did not.</param>
internal sealed record DisputeNews(DisputeState State, Money Amount)
{
    /// <summary>
    /// What several disputes of one charge come to. One that is open comes first, then the newest: each is about money that none before it was about, so that an older one about the
    /// same money says nothing any more. Open if any is, else lost if any is; and the amount is what is not back with us.
    /// </summary>
    /// <param name="newest">Its disputes, the newest first.</param>
    /// <param name="paid">What came in: more than that cannot go.</param>
    public static DisputeNews? Of(IEnumerable<DisputeNews> newest, Money paid)
    {
        var (left, gone, won) = (paid.Amount, 0L, 0L);
        DisputeState? state = null;
        foreach (var dispute in newest.OrderBy(dispute => dispute.State is not DisputeState.Open))
        {
            var amount = Math.Min(left, dispute.Amount.Amount);
            if (amount <= 0)
                continue;
            left -= amount;
            if (dispute.State is DisputeState.Won)
                won += amount;
            else
                gone += amount;
            if (state is null or DisputeState.Won)
                state = dispute.State;
        }

        return state is { } known ? new(known, paid with { Amount = known is DisputeState.Won ? won : gone }) : null;
    }
}

/// <summary>How the dispute of a payment stands here: which round of it, and how that got on.</summary>
/// <param name="Round">From 1.</param>
/// <param name="State">Null where there was none.</param>
/// <param name="Amount">Minor units.</param>
internal sealed record DisputeMark(int Round, DisputeState? State, long? Amount);

internal enum DisputeState
{
    /// <summary>The provider holds the money until it is decided.</summary>
    Open,

    /// <summary>It is ours again.</summary>
    Won,

    /// <summary>It went back to the payer.</summary>
    Lost,
}

/// <summary>How a refund stands.</summary>
internal sealed record RefundNews(RefundState State, string? Reference = null, string? FailureCode = null);

internal enum RefundState
{
    /// <summary>It is on its way; ask again.</summary>
    Pending,
    Succeeded,

    /// <summary>The provider refused, or could not: no money went.</summary>
    Failed,
}

/// <summary>Some charges, and where the next ones begin.</summary>
internal sealed record ChargePage(IReadOnlyList<ChargeNews> Charges, string? Next);

/// <summary>A call that says it is a provider's: its bytes as they came, its headers and the query of its address.</summary>
internal sealed record WebhookCall(ReadOnlyMemory<byte> Body, IReadOnlyDictionary<string, string> Headers, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>A header's value; null where it was not sent. Names know no case.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

/// <summary>What a provider's call is about. The truth about it is fetched.</summary>
/// <param name="EventId">The same event again has the same one.</param>
/// <param name="Type">The provider's word for what happened.</param>
/// <param name="Subject">The charge, by <see cref="OpenedCharge.Reference"/> or by <see cref="ChargeNews.ChargeReference"/>; null where the event is of no charge, and nothing is to be done.</param>
/// <param name="PaymentId">Our payment's id, where the event repeats it.</param>
internal sealed record WebhookNotice(string EventId, string Type, string? Subject, Guid? PaymentId = null);

/// <summary>The provider did not answer, or not so that anything could be known. Nothing secret is in the message.</summary>
internal sealed class ProviderUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
