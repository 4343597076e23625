using System.Text;
using System.Text.Json.Nodes;
using Quitanda.Payments.Simulator;

namespace Quitanda.Payments.Stripe;

/// <summary>What happens to things of the simulated Stripe, by us or without us, and the events with which it tells of it.</summary>
internal sealed class StripeDeeds(SimulatedWorld world)
{
    /// <summary>Something happens without us. False where it cannot, as the payment intent stands.</summary>
    public async Task<bool> Do(string reference, SimulatedAct act, CancellationToken ct)
    {
        if (await world.Find("payment_intent", reference, ct) is not { } intent)
            return false;
        switch (act.Deed)
        {
            case SimulatedDeed.Succeed when IsOpen(intent):
                await Charge(intent, isCaptured: true, ct);
                return true;
            case SimulatedDeed.Authorize when IsOpen(intent):
                await Charge(intent, isCaptured: false, ct);
                return true;
            case SimulatedDeed.Fail when IsOpen(intent):
                await Fail(intent, StripeObjects.Declined(act.Code ?? "generic_decline"), ct);
                return true;
            case SimulatedDeed.Expire when intent.Status() == "requires_action":
                // The code is past its time; the intent waits for another way to pay.
                await Fail(intent, StripeObjects.Expired(), ct);
                return true;
            case SimulatedDeed.Expire:
                return await Cancel(intent, "automatic", ct);
            default:
                return intent["latest_charge"]?.GetValue<string>() is { } id && await world.Find("charge", id, ct) is { } charge && await AfterCharge(intent, charge, act, ct);
        }
    }

    /// <summary>Takes the money that is held. False where none is.</summary>
    public async Task<bool> Capture(JsonObject intent, CancellationToken ct)
    {
        if (intent.Status() != "requires_capture")
            return false;
        var charge = (await world.Find("charge", intent["latest_charge"]!.GetValue<string>(), ct))!;
        await Take(intent, charge, ct);
        Tell("charge.captured", charge, intent);
        Tell("payment_intent.succeeded", intent, intent);
        return true;
    }

    /// <summary>Ends an intent. False where it has ended.</summary>
    public async Task<bool> Cancel(JsonObject intent, string? reason, CancellationToken ct)
    {
        if (!IsOpen(intent) && intent.Status() != "requires_capture")
            return false;
        (intent["status"], intent["cancellation_reason"], intent["canceled_at"], intent["next_action"], intent["amount_capturable"]) = ("canceled", reason, world.Now.ToUnixTimeSeconds(), null, 0L);
        await world.Put("payment_intent", intent.Id(), intent, ct);
        Tell("payment_intent.canceled", intent, intent);
        return true;
    }

    /// <summary>Gives money back; what is left was looked at.</summary>
    public async Task<JsonObject> Refund(JsonObject intent, JsonObject charge, long amount, JsonObject metadata, CancellationToken ct)
    {
        var isPix = charge["payment_method_details"]!["type"]!.GetValue<string>() == "pix";
        var refund = StripeObjects.Refund(charge, amount, isPix ? "pending" : "succeeded", metadata, world.Now);
        await world.Put("refund", refund.Id(), refund, ct, intent.Id());
        await Count(charge, charge.Amount("amount_refunded") + amount, ct);
        Tell("refund.created", refund, intent);
        Tell("charge.refunded", charge, intent);
        return refund;
    }

    /// <summary>A refund that was under way is there.</summary>
    public async Task Arrive(JsonObject refund, CancellationToken ct)
    {
        refund["status"] = "succeeded";
        await world.Put("refund", refund.Id(), refund, ct);
        var intent = (await world.Find("payment_intent", refund["payment_intent"]!.GetValue<string>(), ct))!;
        Tell("refund.updated", refund, intent);
        Tell("charge.refund.updated", refund, intent);
    }

    /// <summary>Whether a dispute stands in no refund's way.</summary>
    public static bool IsWon(JsonObject dispute) => dispute.Status() == "won";

    private async Task<bool> AfterCharge(JsonObject intent, JsonObject charge, SimulatedAct act, CancellationToken ct)
    {
        if (intent.Status() != "succeeded")
            return false;
        var left = charge.Amount("amount_captured") - charge.Amount("amount_refunded");
        var disputes = await world.Children("dispute", intent.Id(), ct);
        // The one that waits, or else the last one, by an appeal.
        var decided = disputes.Find(Waits) ?? disputes.LastOrDefault(dispute => dispute.Status() == (act.Deed is SimulatedDeed.WinDispute ? "lost" : "won"));
        switch (act.Deed)
        {
            case SimulatedDeed.Refund when !disputes.Exists(dispute => !IsWon(dispute)) && (act.Amount ?? left) is var amount && amount > 0 && amount <= left:
                await Refund(intent, charge, amount, [], ct);
                return true;
            case SimulatedDeed.Dispute when !disputes.Exists(dispute => !IsWon(dispute)) && left > 0:
                var dispute = StripeObjects.Dispute(charge, left, world.Now);
                // Which of two came later is told by their seconds.
                dispute["created"] = Math.Max(dispute.Amount("created"), disputes.Select(before => before.Amount("created") + 1).DefaultIfEmpty().Max());
                charge["disputed"] = true;
                await world.Put("charge", charge.Id(), charge, ct);
                await world.Put("dispute", dispute.Id(), dispute, ct, intent.Id());
                Tell("charge.dispute.created", dispute, intent);
                Tell("charge.dispute.funds_withdrawn", dispute, intent);
                return true;
            case SimulatedDeed.WinDispute or SimulatedDeed.LoseDispute when decided is not null:
                var isWon = act.Deed is SimulatedDeed.WinDispute;
                decided["status"] = isWon ? "won" : "lost";
                await world.Put("dispute", decided.Id(), decided, ct);
                if (isWon)
                    Tell("charge.dispute.funds_reinstated", decided, intent);
                Tell("charge.dispute.closed", decided, intent);
                return true;
            default:
                return false;
        }
    }

    private static bool Waits(JsonObject dispute) => dispute.Status() == "needs_response";

    private async Task Charge(JsonObject intent, bool isCaptured, CancellationToken ct)
    {
        var charge = StripeObjects.Charge(intent, error: null, world.Now);
        (intent["latest_charge"], intent["payment_method"], intent["last_payment_error"], intent["next_action"]) = (charge.Id(), charge["payment_method"]!.GetValue<string>(), null, null);
        if (isCaptured)
        {
            await Take(intent, charge, ct);
            Tell("charge.succeeded", charge, intent);
            Tell("payment_intent.succeeded", intent, intent);
            return;
        }

        (intent["status"], intent["amount_capturable"]) = ("requires_capture", intent.Amount("amount"));
        await world.Put("charge", charge.Id(), charge, ct, intent.Id());
        await world.Put("payment_intent", intent.Id(), intent, ct);
        Tell("charge.succeeded", charge, intent);
        Tell("payment_intent.amount_capturable_updated", intent, intent);
    }

    private async Task Take(JsonObject intent, JsonObject charge, CancellationToken ct)
    {
        var transaction = StripeObjects.Transaction(charge, world.Now);
        (charge["captured"], charge["amount_captured"], charge["balance_transaction"]) = (true, charge.Amount("amount"), transaction.Id());
        (intent["status"], intent["amount_received"], intent["amount_capturable"]) = ("succeeded", intent.Amount("amount"), 0L);
        await world.Put("balance_transaction", transaction.Id(), transaction, ct, charge.Id());
        await world.Put("charge", charge.Id(), charge, ct, intent.Id());
        await world.Put("payment_intent", intent.Id(), intent, ct);
    }

    private async Task Fail(JsonObject intent, JsonObject error, CancellationToken ct)
    {
        var charge = StripeObjects.Charge(intent, error, world.Now);
        error["charge"] = charge.Id();
        (intent["status"], intent["latest_charge"], intent["last_payment_error"], intent["next_action"]) = ("requires_payment_method", charge.Id(), error, null);
        await world.Put("charge", charge.Id(), charge, ct, intent.Id());
        await world.Put("payment_intent", intent.Id(), intent, ct);
        Tell("charge.failed", charge, intent);
        Tell("payment_intent.payment_failed", intent, intent);
    }

    private Task Count(JsonObject charge, long refunded, CancellationToken ct)
    {
        (charge["amount_refunded"], charge["refunded"]) = (refunded, refunded == charge.Amount("amount_captured"));
        return world.Put("charge", charge.Id(), charge, ct);
    }

    private static bool IsOpen(JsonObject intent) => intent.Status() is "requires_payment_method" or "requires_confirmation" or "requires_action";

    /// <summary>Tells of a thing as it is now.</summary>
    private void Tell(string type, JsonObject thing, JsonObject intent)
    {
        var happened = StripeObjects.Event(type, thing, world.Now);
        world.Emit(new(happened.Id(), type, intent.Id(), Encoding.UTF8.GetBytes(happened.ToJsonString()), new Dictionary<string, string>(StringComparer.Ordinal)));
    }
}
