using System.Text.Json.Nodes;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Stripe;
using Quitanda.Platform;
using static Quitanda.Tests.Payments.Stripe.StripeExamples;

namespace Quitanda.Tests.Payments.Stripe;

/// <summary>What is made of what Stripe says, and how it counts.</summary>
public sealed class StripeNewsTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("requires_payment_method", false, "open")]
    [InlineData("requires_payment_method", true, "failed")]
    [InlineData("requires_confirmation", false, "open")]
    [InlineData("requires_action", true, "open")]
    [InlineData("processing", false, "open")]
    [InlineData("requires_capture", false, "authorized")]
    [InlineData("succeeded", false, "succeeded")]
    [InlineData("canceled", true, "cancelled")]
    [InlineData("a_word_of_tomorrow", false, "open")]
    public async Task Each_status_of_an_intent_is_a_state_here(string status, bool hasError, string state)
    {
        using var stripe = new RecordedStripe().Answers(Intent(("status", status), ("last_payment_error", hasError ? new JsonObject { ["code"] = "expired_card" } : null)).ToJsonString());
        var news = await stripe.Provider.Fetch(Charge(), _ct);
        Assert.Equal((Wire.Parse<ChargeState>(state), state == "failed" ? "expired_card" : null), (news.State, news.FailureCode));
        Assert.Equal("https://api.stripe.com/v1/payment_intents/pi_1MoS6fLgUG5tbmjca6AdBPsl?expand[]=latest_charge.balance_transaction", Assert.Single(stripe.Asked).Address);
        Assert.False(stripe.Asked[0].Headers.ContainsKey("Idempotency-Key"));
    }

    [Fact]
    public async Task A_charge_tells_its_name_its_fee_and_what_went_back()
    {
        using var stripe = new RecordedStripe().Answers(Paid(("amount_refunded", 400L)).ToJsonString());
        var news = await stripe.Provider.Fetch(Charge(), _ct);
        Assert.Equal(new("pi_1MoS6fLgUG5tbmjca6AdBPsl", ChargeState.Succeeded)
        {
            ChargeReference = "ch_1MoS30LgUG5tbmjcjfsQqpHI",
            Amount = new(3490, "BRL"),
            // The account is paid in dollars.
            Fee = new(62, "USD"),
            RefundedAmount = 400,
            PaymentId = PaymentId,
            CreatedAt = DateTimeOffset.FromUnixTimeSeconds(1234567890),
        }, news);
    }

    [Fact]
    public async Task A_fee_that_is_not_known_yet_is_none()
    {
        using var stripe = new RecordedStripe().Answers(Paid(("balance_transaction", null)).ToJsonString()).Answers(Paid(("balance_transaction", "txn_1Moqx7LgUG5tbmjcEekVfAbn")).ToJsonString());
        Assert.Null((await stripe.Provider.Fetch(Charge(), _ct)).Fee);
        Assert.Null((await stripe.Provider.Fetch(Charge(), _ct)).Fee);
    }

    [Theory]
    [InlineData("needs_response", 3490, "brl", "open", 3490)]
    [InlineData("under_review", 1000, "brl", "open", 1000)]
    [InlineData("appeal_needs_response", 1000, "brl", "open", 1000)]
    [InlineData("appeal_under_review", 1000, "brl", "open", 1000)]
    [InlineData("won", 3490, "brl", "won", 3490)]
    [InlineData("lost", 3600, "brl", "lost", 3490)]
    [InlineData("lost", 700, "usd", "lost", 3490)]
    [InlineData("lost,needs_response,won", 3490, "brl", "open", 3490)]
    [InlineData("won,lost", 3490, "brl", "won", 3490)]
    [InlineData("lost,won", 3490, "brl", "lost", 3490)]
    [InlineData("won,lost", 1000, "brl", "lost", 1000)]
    [InlineData("needs_response,lost", 1000, "brl", "open", 2000)]
    [InlineData("needs_response,won", 1000, "brl", "open", 1000)]
    [InlineData("won,needs_response", 3490, "brl", "open", 3490)]
    [InlineData("lost,lost,lost,lost", 1000, "brl", "lost", 3490)]
    [InlineData("warning_needs_response", 3490, "brl", null, 0)]
    [InlineData("warning_under_review", 3490, "brl", null, 0)]
    [InlineData("warning_closed", 3490, "brl", null, 0)]
    [InlineData("prevented", 3490, "brl", null, 0)]
    [InlineData("a_word_of_tomorrow", 3490, "brl", null, 0)]
    public async Task A_dispute_is_asked_for_where_the_charge_has_one(string statuses, long amount, string currency, string? state, long disputed)
    {
        // The newest first, by their times and not by their place.
        var disputes = statuses.Split(',').Select((status, at) => new { id = $"du_{at}", @object = "dispute", status, amount, currency, created = 1_760_000_000 - at }).Reverse();
        using var stripe = new RecordedStripe().Answers(Paid(("disputed", true)).ToJsonString()).Answers(new { @object = "list", data = disputes, has_more = false });
        var news = await stripe.Provider.Fetch(Charge(), _ct);
        Assert.Equal("https://api.stripe.com/v1/disputes?payment_intent=pi_1MoS6fLgUG5tbmjca6AdBPsl&limit=100", stripe.Asked[1].Address);
        Assert.Equal(state is null ? null : new DisputeNews(Wire.Parse<DisputeState>(state), new(disputed, "BRL")), news.Dispute);
        Assert.Equal(ChargeState.Succeeded, news.State);
    }

    /// <summary>As https://docs.stripe.com/currencies has them: two decimals for ISK and UGX, none for MGA, and 0 as the third.</summary>
    [Theory]
    [InlineData(3490, "BRL", 3490)]
    [InlineData(500, "JPY", 500)]
    [InlineData(5, "ISK", 500)]
    [InlineData(5, "UGX", 500)]
    [InlineData(500, "MGA", 5)]
    [InlineData(501, "MGA", null)]
    [InlineData(5120, "KWD", 5120)]
    [InlineData(5124, "KWD", null)]
    [InlineData(1045, "HUF", 1045)]
    [InlineData(80045, "TWD", 80045)]
    public void Amounts_are_written_as_Stripe_counts_them(long ours, string currency, int? theirs)
    {
        Assert.Equal(theirs, StripeMoney.Of(new(ours, currency)));
        if (theirs is not null)
            Assert.Equal(new(ours, currency), StripeMoney.Read(theirs, currency.ToLowerInvariant()));
    }

    [Theory]
    [InlineData(550L, "isk")]
    [InlineData(-1L, "brl")]
    [InlineData(1L, "xyz")]
    [InlineData(long.MaxValue, "brl")]
    [InlineData(long.MaxValue, "mga")]
    [InlineData(null, "brl")]
    [InlineData(1L, null)]
    public void What_is_no_amount_of_ours_is_none(long? amount, string? currency) => Assert.Null(StripeMoney.Read(amount, currency));
}
