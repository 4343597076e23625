using System.Globalization;
using System.Text.Json.Nodes;
using Quitanda.Payments.Simulator;
using Quitanda.Platform;

namespace Quitanda.Payments.Stripe;

/// <summary>
/// Stripe's side of what <see cref="StripeProvider"/> asks, in Stripe's shapes (<see cref="StripeObjects"/>): payment intents, refunds and disputes. Its payers pay by
/// <see cref="StripeDeeds"/>. A refund by Pix is under way for a minute, as the real ones are for a while; one by card is there at once.
/// </summary>
internal sealed class SimulatedStripe(Simulation simulation) : ISimulatedProvider
{
    /// <summary>The least that Stripe takes: half a real, half a dollar. In other currencies it is about as much.</summary>
    private const long Least = 50;

    private const long Most = 99_999_999;

    private static readonly TimeSpan PixLeast = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan PixMost = TimeSpan.FromDays(14);

    private static readonly TimeSpan PixUsual = TimeSpan.FromHours(4);

    private static readonly TimeSpan PixRefundTakes = TimeSpan.FromMinutes(1);

    public string Name => StripeSetup.ProviderName;

    public string? KeyOf(SimulatedQuestion question) => question.Method == "POST" ? question.Header("Idempotency-Key") : null;

    public Task<bool> Happen(string reference, SimulatedAct act, SimulatedWorld world, CancellationToken ct) => new StripeDeeds(world).Do(reference, act, ct);

    public IReadOnlyDictionary<string, string> Sign(SimulatedEvent happened, DateTimeOffset at) =>
        new Dictionary<string, string>(StringComparer.Ordinal) { [StripeSignature.Header] = StripeSignature.Sign(simulation.KeyOf(Name), happened.Body, at) };

    public Task<SimulatedAnswer> Answer(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (question.Header("Authorization") is not ['B', 'e', 'a', 'r', 'e', 'r', ' ', _, ..])
            return Refuse(401, code: null, "You did not provide an API key.");
        return (question.Method, question.Path.Trim('/').Split('/')) switch
        {
            ("POST", ["v1", "payment_intents"]) => Create(question, world, ct),
            ("GET", ["v1", "payment_intents"]) => List(question, world, ct),
            ("GET", ["v1", "payment_intents", var id]) => Show(id, question, world, ct),
            ("POST", ["v1", "payment_intents", var id, "capture"]) => Capture(id, question, world, ct),
            ("POST", ["v1", "payment_intents", var id, "cancel"]) => Cancel(id, question, world, ct),
            ("POST", ["v1", "refunds"]) => Refund(question, world, ct),
            ("GET", ["v1", "refunds"]) => Children("refund", question, world, ct),
            ("GET", ["v1", "refunds", var id]) => ShowRefund(id, world, ct),
            ("GET", ["v1", "disputes"]) => Children("dispute", question, world, ct),
            _ => Refuse(404, code: null, $"Unrecognized request URL ({question.Method}: {question.Path})."),
        };
    }

    private static async Task<SimulatedAnswer> Create(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        var form = question.Form;
        var currency = form.GetValueOrDefault("currency");
        if (currency is null || !Currencies.Exists(currency.ToUpperInvariant()))
            return await Refuse(400, currency is null ? "parameter_missing" : null, "Invalid currency.", "currency");
        if (!long.TryParse(form.GetValueOrDefault("amount"), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            return await Refuse(400, "parameter_invalid_integer", "Invalid integer.", "amount");
        if (amount is < Least or > Most)
            return await Refuse(400, amount < Least ? "amount_too_small" : "amount_too_large", "The amount is outside of what can be charged.", "amount");

        var types = form.Where(field => field.Key.StartsWith("payment_method_types[", StringComparison.Ordinal)).Select(field => field.Value).ToList();
        var isAutomatic = form.GetValueOrDefault("automatic_payment_methods[enabled]") == "true";
        if (types.Contains("pix", StringComparer.Ordinal) && currency != "brl")
            return await Refuse(400, "payment_intent_invalid_parameter", "The currency provided is not supported by pix.", "currency");
        var intent = StripeObjects.Intent(amount, currency, isAutomatic ? ["card", .. currency == "brl" ? ["pix"] : (string[])[]] : types is [] ? ["card"] : types, isAutomatic, Metadata(form), world.Now);
        if (form.GetValueOrDefault("capture_method") is { } capture)
            intent["capture_method"] = capture;

        if (form.GetValueOrDefault("confirm") == "true")
        {
            if (form.GetValueOrDefault("payment_method_data[type]") != "pix")
                return await Refuse(400, "parameter_missing", "Only Pix is confirmed here without a page.", "payment_method_data");
            var expiresAt = world.Now + PixUsual;
            if (form.GetValueOrDefault("payment_method_options[pix][expires_at]") is { } at)
            {
                if (!long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds < world.Now.Add(PixLeast).ToUnixTimeSeconds() || seconds > world.Now.Add(PixMost).ToUnixTimeSeconds())
                    return await Refuse(400, "parameter_invalid_integer", "The Pix must expire between 60 and 1209600 seconds from now.", "payment_method_options[pix][expires_at]");
                expiresAt = DateTimeOffset.FromUnixTimeSeconds(seconds);
            }

            StripeObjects.AskForPix(intent, expiresAt);
        }

        await world.Put("payment_intent", intent.Id(), intent, ct);
        return new(200, intent);
    }

    private static async Task<SimulatedAnswer> Show(string id, SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (await world.Find("payment_intent", id, ct) is not { } intent)
            return await Refuse(404, "resource_missing", $"No such payment_intent: '{id}'", "intent");
        await Expand(intent, question.Query, "", world, ct);
        return new(200, intent);
    }

    private static async Task<SimulatedAnswer> Capture(string id, SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (await world.Find("payment_intent", id, ct) is not { } intent)
            return await Refuse(404, "resource_missing", $"No such payment_intent: '{id}'", "intent");
        if (!await new StripeDeeds(world).Capture(intent, ct))
            return await Unexpected(intent, "captured");
        await Expand(intent, question.Form, "", world, ct);
        return new(200, intent);
    }

    private static async Task<SimulatedAnswer> Cancel(string id, SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (await world.Find("payment_intent", id, ct) is not { } intent)
            return await Refuse(404, "resource_missing", $"No such payment_intent: '{id}'", "intent");
        if (!await new StripeDeeds(world).Cancel(intent, question.Form.GetValueOrDefault("cancellation_reason"), ct))
            return await Unexpected(intent, "canceled");
        await Expand(intent, question.Form, "", world, ct);
        return new(200, intent);
    }

    private static async Task<SimulatedAnswer> Refund(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        var form = question.Form;
        if (form.GetValueOrDefault("payment_intent") is not { } id || await world.Find("payment_intent", id, ct) is not { } intent)
            return await Refuse(404, "resource_missing", "No such payment_intent.", "payment_intent");
        if (intent.Status() != "succeeded" || await world.Find("charge", intent["latest_charge"]!.GetValue<string>(), ct) is not { } charge)
            return await Refuse(400, code: null, "This PaymentIntent does not have a successful charge to refund.", "payment_intent");
        if ((await world.Children("dispute", id, ct)).Exists(dispute => !StripeDeeds.IsWon(dispute)))
            return await Refuse(400, "charge_disputed", "The charge has been charged back; it cannot be refunded.");
        var left = charge.Amount("amount_captured") - charge.Amount("amount_refunded");
        if (left == 0)
            return await Refuse(400, "charge_already_refunded", "The charge has already been refunded.");
        var wanted = left;
        if (form.GetValueOrDefault("amount") is { } text && (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out wanted) || wanted == 0))
            return await Refuse(400, "parameter_invalid_integer", "Invalid positive integer.", "amount");
        if (wanted > left)
            return await Refuse(400, code: null, "The refund is greater than what is unrefunded of the charge.", "amount");
        if (world.RefundFails)
            return await Refuse(400, "balance_insufficient", "Insufficient funds in your Stripe balance to refund this amount.");
        return new(200, await new StripeDeeds(world).Refund(intent, charge, wanted, Metadata(form), ct));
    }

    private static async Task<SimulatedAnswer> ShowRefund(string id, SimulatedWorld world, CancellationToken ct)
    {
        if (await world.Find("refund", id, ct) is not { } refund)
            return await Refuse(404, "resource_missing", $"No such refund: '{id}'", "id");
        await Settle(refund, world, ct);
        return new(200, refund);
    }

    /// <summary>The newest first, as Stripe lists.</summary>
    private static async Task<SimulatedAnswer> Children(string kind, SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        if (question.Query.GetValueOrDefault("payment_intent") is not { } intent)
            return await Refuse(400, "parameter_missing", "Only those of one payment intent are listed here.", "payment_intent");
        var found = await world.Children(kind, intent, ct);
        foreach (var refund in found.Where(thing => kind == "refund"))
            await Settle(refund, world, ct);
        found.Reverse();
        return Page(question, found, $"/v1/{kind}s");
    }

    private static async Task<SimulatedAnswer> List(SimulatedQuestion question, SimulatedWorld world, CancellationToken ct)
    {
        var from = Time("created[gte]") ?? DateTimeOffset.UnixEpoch;
        var until = Time("created[lt]") ?? world.Now.AddSeconds(1);
        List<JsonObject> found = [];
        const int AtOnce = 1000;
        while (found.Count % AtOnce == 0)
        {
            var more = await world.Made("payment_intent", from, until, AtOnce, found.Count, ct);
            if (more.Count == 0)
                break;
            found.AddRange(more.Select(made => made.Body));
        }

        found.Reverse();
        var page = Page(question, found, "/v1/payment_intents");
        foreach (var intent in page.Body["data"]!.AsArray())
            await Expand(intent!.AsObject(), question.Query, "data.", world, ct);
        return page;

        DateTimeOffset? Time(string name) => long.TryParse(question.Query.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }

    private static SimulatedAnswer Page(SimulatedQuestion question, List<JsonObject> all, string url)
    {
        var limit = int.TryParse(question.Query.GetValueOrDefault("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) ? Math.Clamp(wanted, 1, 100) : 10;
        var first = question.Query.GetValueOrDefault("starting_after") is { } after ? all.FindIndex(thing => thing.Id() == after) + 1 : 0;
        var page = all.Skip(first).Take(limit).ToArray();
        return new(200, new JsonObject { ["object"] = "list", ["data"] = new JsonArray([.. page]), ["has_more"] = first + page.Length < all.Count, ["url"] = url });
    }

    /// <summary>A refund by Pix arrives after a while.</summary>
    private static async Task Settle(JsonObject refund, SimulatedWorld world, CancellationToken ct)
    {
        if (refund.Status() == "pending" && DateTimeOffset.FromUnixTimeSeconds(refund.Amount("created")) + PixRefundTakes <= world.Now)
            await new StripeDeeds(world).Arrive(refund, ct);
    }

    /// <summary>Puts the charge in the place of its id where that is asked for, and its balance transaction in the place of that one's.</summary>
    private static async Task Expand(JsonObject intent, IReadOnlyDictionary<string, string> asked, string prefix, SimulatedWorld world, CancellationToken ct)
    {
        var paths = asked.Where(field => field.Key.StartsWith("expand[", StringComparison.Ordinal)).SelectMany(field => field.Value.Split(',')).ToList();
        if (!paths.Exists(path => path.StartsWith($"{prefix}latest_charge", StringComparison.Ordinal)) || intent["latest_charge"]?.GetValue<string>() is not { } id)
            return;
        var charge = (await world.Find("charge", id, ct))!;
        if (paths.Contains($"{prefix}latest_charge.balance_transaction", StringComparer.Ordinal) && charge["balance_transaction"]?.GetValue<string>() is { } transaction)
            charge["balance_transaction"] = await world.Find("balance_transaction", transaction, ct);
        intent["latest_charge"] = charge;
    }

    private static JsonObject Metadata(IReadOnlyDictionary<string, string> form)
    {
        JsonObject metadata = [];
        foreach (var (name, value) in form)
            if (name is ['m', 'e', 't', 'a', 'd', 'a', 't', 'a', '[', .. var key, ']'])
                metadata[key] = value;
        return metadata;
    }

    private static Task<SimulatedAnswer> Unexpected(JsonObject intent, string what) =>
        Refuse(400, "payment_intent_unexpected_state", $"This PaymentIntent could not be {what} because it has a status of {intent.Status()}.", intent: intent);

    private static Task<SimulatedAnswer> Refuse(int status, string? code, string message, string? param = null, JsonObject? intent = null)
    {
        var error = new JsonObject { ["type"] = "invalid_request_error", ["message"] = message };
        if (code is not null)
            error["code"] = code;
        if (param is not null)
            error["param"] = param;
        if (intent is not null)
            error["payment_intent"] = intent;
        return Task.FromResult(new SimulatedAnswer(status, new JsonObject { ["error"] = error }));
    }
}
