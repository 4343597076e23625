using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.MercadoPago;

/// <summary>
/// Mercado Pago: its page (a preference of Checkout Pro) where it is to ask how to pay, its payments where that is known: a Pix code, or a card's token. Ours is told as
/// <c>external_reference</c> to both, and that is how its payments lead back.
/// </summary>
internal sealed class MercadoPagoProvider(
    MercadoPagoLine line, IOptions<MercadoPagoSettings> settings, IOptions<PaymentSettings> payments, Simulation simulation, TimeProvider clock) : IPaymentProvider
{
    /// <summary>A Pix code lives 30 minutes at the least; these few more are for the question's way, which may be asked again with the same words.</summary>
    private static readonly TimeSpan ShortestPix = TimeSpan.FromMinutes(35);

    private static readonly TimeSpan LongestPix = TimeSpan.FromDays(30);

    /// <summary>What is paid in at a counter takes days to arrive.</summary>
    private static readonly TimeSpan ShortestSlip = TimeSpan.FromDays(3);

    /// <summary>Payments of one search: more than anybody tries to pay one thing, and a page of a list.</summary>
    private const int PageSize = 50;

    public string Name => MercadoPagoSetup.ProviderName;

    public string? WhyOff => settings.Value.AccessToken.Length > 0 || simulation.IsOn(Name) ? null : "MercadoPago:AccessToken is not set.";

    /// <summary>Pix is Brazil's.</summary>
    public IReadOnlyList<PaymentMethod> Methods => settings.Value.Currency == "BRL" ? [PaymentMethod.Card, PaymentMethod.Pix] : [PaymentMethod.Card];

    public string? PublicKey => simulation.IsOn(Name) ? MercadoPagoLine.SimulatedToken : settings.Value.PublicKey is { Length: > 0 } key ? key : null;

    public void Check(PaymentOrder order)
    {
        if (order.Amount.Currency != settings.Value.Currency)
            throw new InvalidException("provider", $"Mercado Pago takes {settings.Value.Currency} here, and the order costs {order.Amount.Currency}.");
        if (order.Input is { CardToken: not null, CardBrand: null })
            throw new InvalidException("cardBrand", "is required with cardToken.");
        if (IsDirect(order) && order.Input.Email is null)
            throw new InvalidException("method", "needs an e-mail address of yours, which Mercado Pago asks for. Without a method, its page asks for it.");
    }

    public Task<OpenedCharge> Create(PaymentOrder order, string key, CancellationToken ct) => IsDirect(order) ? Take(order, key, ct) : Prepare(order, key, ct);

    public async Task<OpenedCharge?> Look(PaymentOrder order, string key, CancellationToken ct)
    {
        if (!IsDirect(order))
            return await Prepare(order, key, ct);
        // Asked again it would charge the card, or begin to.
        var made = MercadoPagoPayment.Telling(await Attempts(new Charge(order.PaymentId, "", ChargeReference: null, order.Amount), ct));
        return made is null ? null : new(made.Id) { News = made.State is ChargeState.Open ? null : made.News(made.Id) };
    }

    public async Task<ChargeNews> Fetch(Charge charge, CancellationToken ct)
    {
        var attempts = await Attempts(charge, ct);
        if (Telling(attempts, charge) is { } telling)
            return News(telling, charge, attempts);
        // Nobody has tried to pay. Nobody is told that the page has closed, so that is looked up.
        var preference = await line.Get(PathOf(charge.Reference), ct);
        var isOver = preference.IsSuccess && preference.Body.Member("expiration_date_to").Instant() is { } until && until <= clock.GetUtcNow();
        return new(charge.Reference, isOver ? ChargeState.Cancelled : ChargeState.Open);
    }

    public async Task<ChargeNews> Capture(Charge charge, string key, CancellationToken ct)
    {
        if (Telling(await Attempts(charge, ct), charge) is { State: ChargeState.Authorized } authorized)
            await line.Put($"/v1/payments/{authorized.Id}", new JsonObject { ["capture"] = true }, key, ct);
        // Refused, it was captured or let go before.
        return await Fetch(charge, ct);
    }

    public async Task<ChargeNews> Cancel(Charge charge, CancellationToken ct)
    {
        // First nobody may begin to pay, then what was begun is ended. A page that cannot be closed ends nothing either way: what is paid there all the same is given back.
        if (IdOf(charge) is null)
            await Close(charge, ct);
        List<MercadoPagoPayment> attempts = [];
        foreach (var attempt in await Attempts(charge, ct))
            attempts.Add(attempt.State is ChargeState.Open or ChargeState.Authorized ? await End(attempt, ct) : attempt);
        return Telling(attempts, charge) is { State: not (ChargeState.Failed or ChargeState.Cancelled) } telling
            ? News(telling, charge, attempts)
            : new(charge.Reference, ChargeState.Cancelled);
    }

    /// <summary>A page can be paid as often as its payers have it open; a payment of its own cannot.</summary>
    public bool StaysOpen(string reference) => !MercadoPagoJson.IsDigits(reference);

    public bool KnowsSecondCharges => true;

    /// <summary>Its time is over from now on. Refused, there is nothing more to be done: what is paid there all the same is given back.</summary>
    public async Task Close(Charge charge, CancellationToken ct)
    {
        if (StaysOpen(charge.Reference))
            await line.Put(PathOf(charge.Reference), new JsonObject { ["expires"] = true, ["expiration_date_to"] = clock.GetUtcNow().Written() }, key: null, ct);
    }

    public async Task<RefundNews> Refund(Charge charge, RefundOrder refund, CancellationToken ct)
    {
        if ((IdOf(charge) ?? MercadoPagoPayment.Telling(await Attempts(charge, ct))?.Id) is not { } id)
            return new(RefundState.Failed, FailureCode: "unknown_payment");
        if (MercadoPagoJson.IsDigits(refund.Reference) && await line.Get($"/v1/payments/{id}/refunds/{refund.Reference}", ct) is { IsSuccess: true } known)
            return RefundOf(refund.Reference!, known.Body.Member("status").Text());
        // Always with its amount: without one it is all that is left, which may be less than what we mean.
        var answer = await line.Post($"/v1/payments/{id}/refunds", new JsonObject { ["amount"] = refund.Amount.Major() }, refund.Key, ct);
        if (!answer.IsSuccess)
            return new(RefundState.Failed, FailureCode: MercadoPagoRefusals.OfQuestion(MercadoPagoLine.CodeOf(answer.Body)));
        if (answer.Body.Member("id").Text() is not { } reference || !MercadoPagoJson.IsDigits(reference))
            throw new ProviderUnavailableException($"{Name} told of a refund that cannot be read.");
        var news = RefundOf(reference, answer.Body.Member("status").Text());
        // The key brings back the first answer, whatever became of the refund since.
        if (news.State is RefundState.Pending && await line.Get($"/v1/payments/{id}/refunds/{reference}", ct) is { IsSuccess: true } now)
            news = RefundOf(reference, now.Body.Member("status").Text());
        return news;
    }

    public WebhookNotice? Read(WebhookCall call, DateTimeOffset now) =>
        MercadoPagoWebhook.Read(call, simulation.IsOn(Name) ? [simulation.KeyOf(Name)] : SignatureCheck.Secrets(settings.Value.WebhookSecrets));

    public async Task<Guid?> PaymentOf(string subject, CancellationToken ct)
    {
        var id = subject;
        if (subject.StartsWith(MercadoPagoWebhook.ChargebackPrefix, StringComparison.Ordinal))
        {
            var chargeback = await line.Get($"/v1/chargebacks/{Uri.EscapeDataString(subject[MercadoPagoWebhook.ChargebackPrefix.Length..])}", ct);
            id = chargeback.IsSuccess ? chargeback.Body.Member("payments").Elements().FirstOrDefault().Text() : null;
        }

        return MercadoPagoJson.IsDigits(id) ? (await Find(id!, ct))?.PaymentId : null;
    }

    public async Task<ChargePage> List(DateTimeOffset from, DateTimeOffset until, string? cursor, CancellationToken ct)
    {
        var offset = int.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;
        var answer = await line.Get(
            $"/v1/payments/search?sort=date_created&criteria=asc&range=date_created&begin_date={Uri.EscapeDataString(from.Written())}&end_date={Uri.EscapeDataString(until.Written())}&offset={offset}&limit={PageSize}", ct);
        var found = Found(answer);
        return new(
            [.. found.Where(payment => payment.CreatedAt is not { } made || (made >= from && made < until)).Select(payment => payment.News(payment.Id))],
            found.Count > 0 && answer.Body.Member("paging").Member("total").Number() > offset + found.Count ? (offset + found.Count).ToString(CultureInfo.InvariantCulture) : null);
    }

    private static bool IsDirect(PaymentOrder order) => order.Method is PaymentMethod.Pix || order.Input.CardToken is not null;

    /// <summary>The payment that the charge is, as soon as that is one.</summary>
    private static string? IdOf(Charge charge) => MercadoPagoJson.IsDigits(charge.ChargeReference) ? charge.ChargeReference : MercadoPagoJson.IsDigits(charge.Reference) ? charge.Reference : null;

    /// <summary>Under the name by which we know the charge, unless an event brought one that is none of a charge.</summary>
    private static ChargeNews News(MercadoPagoPayment telling, Charge charge, List<MercadoPagoPayment> attempts) =>
        telling.News(charge.Reference.StartsWith(MercadoPagoWebhook.ChargebackPrefix, StringComparison.Ordinal) ? telling.Id : charge.Reference, charge.IsDisputed, charge.DisputedAmount) with
        {
            Others = [.. attempts.Where(other => other.Id != telling.Id && other.State is ChargeState.Succeeded && other.Refunded != other.Amount.Amount && other.Amount.Amount > 0).Select(other => new SecondMoney(other.Id, other.Amount))],
        };

    /// <summary>The one that the charge is known to be, or else the one that tells most.</summary>
    private static MercadoPagoPayment? Telling(List<MercadoPagoPayment> attempts, Charge charge) => attempts.Find(attempt => attempt.Id == IdOf(charge)) ?? MercadoPagoPayment.Telling(attempts);

    private static string PathOf(string preference) => $"/checkout/preferences/{Uri.EscapeDataString(preference)}";

    private static RefundNews RefundOf(string reference, string? status) => status switch
    {
        "approved" => new(RefundState.Succeeded, reference),
        "rejected" or "cancelled" or "canceled" => new(RefundState.Failed, reference, "refund_rejected"),
        _ => new(RefundState.Pending, reference),
    };

    /// <summary>Charges now: a Pix code to be paid, or a card.</summary>
    private async Task<OpenedCharge> Take(PaymentOrder order, string key, CancellationToken ct)
    {
        var body = Told(order);
        body["transaction_amount"] = order.Amount.Major();
        body["description"] = settings.Value.Title;
        body["payer"] = new JsonObject { ["email"] = order.Input.Email };
        if (order.Input.CardToken is { } token)
        {
            body["payment_method_id"] = order.Input.CardBrand;
            body["token"] = token;
            body["installments"] = order.Installments ?? 1;
        }
        else
        {
            body["payment_method_id"] = "pix";
            if (PixUntil(order) is { } until)
                body["date_of_expiration"] = until.Written();
        }

        var answer = await line.Post("/v1/payments", body, key, ct);
        if (!answer.IsSuccess)
            return OpenedCharge.Refused(MercadoPagoRefusals.OfQuestion(MercadoPagoLine.CodeOf(answer.Body)));
        var payment = MercadoPagoPayment.Read(answer.Body);
        return new(payment.Id)
        {
            PixCode = payment.PixCode,
            ExpiresAt = Earlier(payment.ExpiresAt, order.ExpiresAt),
            News = payment.State is ChargeState.Open ? null : payment.News(payment.Id),
        };
    }

    /// <summary>Makes a page on which the payer chooses.</summary>
    private async Task<OpenedCharge> Prepare(PaymentOrder order, string key, CancellationToken ct)
    {
        var body = Told(order);
        body["items"] = new JsonArray(new JsonObject
        {
            ["id"] = order.PaymentId.ToString("D"),
            ["title"] = settings.Value.Title,
            ["quantity"] = 1,
            ["currency_id"] = order.Amount.Currency,
            ["unit_price"] = order.Amount.Major(),
        });
        if (order.Input.Email is { } email)
            body["payer"] = new JsonObject { ["email"] = email };
        if (order.ReturnUrl is { } back)
        {
            body["back_urls"] = new JsonObject { ["success"] = back, ["pending"] = back, ["failure"] = back };
            // By itself their page leads back to https alone, and refuses to be asked otherwise.
            if (back.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
                body["auto_return"] = "approved";
        }

        if (order.ExpiresAt is { } until)
        {
            body["expires"] = true;
            body["expiration_date_to"] = until.Written();
            // A Pix code that was made on the page is to end with it.
            body["date_of_expiration"] = PixUntil(order)!.Value.Written();
        }

        var ways = new JsonObject();
        if (order.Installments is { } parts)
            ways["installments"] = parts;
        if (Excluded(order) is { Count: > 0 } excluded)
            ways["excluded_payment_types"] = new JsonArray([.. excluded.Select(type => new JsonObject { ["id"] = type })]);
        if (ways.Count > 0)
            body["payment_methods"] = ways;

        var answer = await line.Post("/checkout/preferences", body, key, ct);
        if (!answer.IsSuccess)
            return OpenedCharge.Refused(MercadoPagoRefusals.OfQuestion(MercadoPagoLine.CodeOf(answer.Body)));
        if (answer.Body.Member("id").Text() is not { Length: > 0 and <= 255 } id || answer.Body.Member("init_point").Text() is not { Length: > 0 and <= 2200 } page)
            throw new ProviderUnavailableException($"{Name} told of a preference that cannot be read.");
        return new(id) { CheckoutUrl = page, ExpiresAt = order.ExpiresAt };
    }

    /// <summary>What both are told: whose it is, and where to tell us of it.</summary>
    private JsonObject Told(PaymentOrder order)
    {
        var body = new JsonObject { ["external_reference"] = order.PaymentId.ToString("D") };
        // Only notices of the signed kind: the older ones, which it sends as well without this, are not.
        if (payments.Value.PublicUrl is { } here)
            body["notification_url"] = $"{here.TrimEnd('/')}/api/v1/webhooks/mercadopago?source_news=webhooks";
        return body;
    }

    /// <summary>Kinds of paying that the page is not to offer.</summary>
    private static List<string> Excluded(PaymentOrder order)
    {
        List<string> excluded = [];
        if (order.Method is PaymentMethod.Card || order.ExpiresAt - order.CreatedAt < ShortestSlip)
            excluded.Add("ticket");
        if (order.Method is PaymentMethod.Card)
            excluded.Add("bank_transfer");
        return excluded;
    }

    /// <summary>As long as the order waits, within what Pix allows.</summary>
    private static DateTimeOffset? PixUntil(PaymentOrder order) => order.ExpiresAt is not { } until ? null
        : until < order.CreatedAt + ShortestPix ? order.CreatedAt + ShortestPix
        : until > order.CreatedAt + LongestPix ? order.CreatedAt + LongestPix
        : until;

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    /// <summary>Everything that was tried to pay the charge. Of one that is known to be an attempt that attempt, with what else was paid: on its page, or as the event says that it was.</summary>
    private async Task<List<MercadoPagoPayment>> Attempts(Charge charge, CancellationToken ct)
    {
        List<MercadoPagoPayment> found = [];
        if (IdOf(charge) is { } id)
            found.Add(await Find(id, ct) ?? throw new ProviderUnavailableException($"{Name} does not know a payment that it made: MercadoPago:AccessToken may be of another account."));
        if (found is [] || (StaysOpen(charge.Reference) && charge.Subject is null))
            found.AddRange(Found(await line.Get($"/v1/payments/search?sort=date_created&criteria=desc&external_reference={charge.PaymentId:D}&limit={PageSize}", ct)).Where(attempt => attempt.Id != IdOf(charge)));
        // A search is some seconds behind; what an event names can be asked for by itself.
        if (MercadoPagoJson.IsDigits(charge.Subject) && !found.Exists(payment => payment.Id == charge.Subject) && await Find(charge.Subject!, ct) is { } named)
            found.Add(named);
        return found.FindAll(payment => payment.PaymentId == charge.PaymentId || payment.Id == IdOf(charge));
    }

    /// <summary>Null where there is none of this account.</summary>
    private async Task<MercadoPagoPayment?> Find(string id, CancellationToken ct)
    {
        var answer = await line.Get($"/v1/payments/{id}", ct);
        return answer.IsSuccess ? MercadoPagoPayment.Read(answer.Body)
            : answer.Status is 404 ? null
            : throw new ProviderUnavailableException($"{Name} answered {answer.Status} to a question after a payment.");
    }

    private List<MercadoPagoPayment> Found(ProviderAnswer answer) => answer.IsSuccess
        ? [.. answer.Body.Member("results").Elements().Select(MercadoPagoPayment.Read)]
        : throw new ProviderUnavailableException($"{Name} answered {answer.Status} to a search.");

    /// <summary>Ends an attempt, or says how it stands where it cannot be ended any more.</summary>
    private async Task<MercadoPagoPayment> End(MercadoPagoPayment attempt, CancellationToken ct)
    {
        var answer = await line.Put($"/v1/payments/{attempt.Id}", new JsonObject { ["status"] = "cancelled" }, key: null, ct);
        return answer.IsSuccess ? MercadoPagoPayment.Read(answer.Body) : await Find(attempt.Id, ct) ?? attempt;
    }
}
