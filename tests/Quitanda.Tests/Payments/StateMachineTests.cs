using FsCheck;
using FsCheck.Fluent;
using Quitanda.Payments;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments;

/// <summary>Whatever happens to a payment, in whatever order and however often.</summary>
public sealed class StateMachineTests(PaymentsApp app) : IClassFixture<PaymentsApp>
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 15, 0, 0, TimeSpan.Zero);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    /// <summary>What can happen; a refund takes the number as its amount.</summary>
    private enum Event
    {
        Opened,
        Succeeded,
        Failed,
        Cancelled,
        RefundAsked,
        RefundDone,
        RefundRefused,
        RefundFound,
        DisputeOpened,
        DisputeWon,
        DisputeLost,
        FeeKnown,
    }

    [Fact]
    public void A_payment_never_goes_back_and_no_more_leaves_it_than_came_in()
    {
        var events = Gen.ListOf(Gen.Zip(Gen.Elements(Enum.GetValues<Event>()), Gen.Choose(1, 700))).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(normal: 2000, full: 10_000)), Prop.ForAll(events, sequence =>
        {
            var payment = NewPayment();
            Queue<long> asked = new();
            Stack<long> taken = new();
            var hasSucceeded = false;
            foreach (var (happened, amount) in sequence)
            {
                var (before, back, dispute) = (payment.Status, payment.RefundedAmount, payment.DisputeMark);
                Happen(payment, happened, amount, asked, taken);
                hasSucceeded |= happened is Event.Succeeded;

                // What is known only grows: the way it stood, that money came in, how much went back, and how far a dispute got.
                Assert.True(payment.HasComeIn || payment.Status >= before, $"{before} became {payment.Status} by {happened}");
                // Or what a bank took is back with us, which is another round of the dispute: rounds only grow, and within one it is open and then decided.
                var isTurned = payment.DisputeRound > dispute.Round;
                Assert.InRange(payment.DisputeRound, dispute.Round, dispute.Round + 1);
                Assert.True(isTurned || dispute.State is null or DisputeState.Open || payment.Dispute == dispute.State, $"A dispute that was {dispute} became {payment.DisputeMark}");
                Assert.InRange(payment.RefundedAmount, isTurned && dispute.State is DisputeState.Lost ? 0 : back, payment.RefundAskedAmount);
                Assert.InRange(payment.RefundAskedAmount, 0, payment.Amount);
                Assert.Equal(payment.Dispute is DisputeState.Open, payment.Status is PaymentStatus.Disputed);
                if (payment.Status is not PaymentStatus.Disputed)
                {
                    Assert.Equal(payment.Status is PaymentStatus.Refunded, payment.RefundedAmount == payment.Amount);
                    Assert.Equal(payment.Status is PaymentStatus.PartiallyRefunded, payment.RefundedAmount > 0 && payment.RefundedAmount < payment.Amount);
                }

                // Money that came in is there or on its way back, whatever came before or after it.
                Assert.Equal(hasSucceeded, payment.HasComeIn);
            }
        }));
    }

    [Fact]
    public void The_same_event_again_changes_nothing()
    {
        var events = Gen.ListOf(Gen.Elements(Event.Opened, Event.Succeeded, Event.Failed, Event.Cancelled, Event.DisputeOpened, Event.DisputeWon, Event.DisputeLost, Event.FeeKnown)).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(normal: 500, full: 10_000)), Prop.ForAll(events, sequence =>
        {
            var payment = NewPayment();
            Stack<long> taken = new();
            foreach (var happened in sequence)
            {
                Happen(payment, happened, 0, [], taken);
                var once = Facts(payment);
                Assert.False(Happen(payment, happened, 0, [], taken));
                Assert.Equal(once, Facts(payment));
            }
        }));
    }

    [Fact]
    public async Task A_providers_words_in_any_order_and_twice_each_end_in_one_state()
    {
        var ana = await app.Somebody();
        ChargeNews[] words = [new("r", ChargeState.Open), new("r", ChargeState.Failed, "card_declined"), new("r", ChargeState.Succeeded), new("r", ChargeState.Cancelled)];
        var orders = Permutations(words).ToArray();
        Assert.Equal(24, orders.Length);

        foreach (var permutation in orders)
        {
            var (order, payment) = await app.Pending(ana);
            // Both copies of each word at once.
            foreach (var word in permutation)
                await Task.WhenAll(Hear(payment, word), Hear(payment, word));

            Assert.Equal("succeeded", await app.StatusOf(payment));
            Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
            await app.RunJobs();
            Assert.Equal(1, app.Announced.Of(payment));
            Assert.Equal(0, await app.Count($"select count(*) from payments.refunds where payment_id = {payment}"));
        }
    }

    [Fact]
    public async Task A_success_that_meets_the_providers_first_answer_in_midair_is_not_overwritten()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);
        Guid payment;
        using (app.Line.Cut())
            payment = (await ana.Pay(order)).GetProperty("id").GetGuid();

        await app.Overlap(
            scope => scope.Get<HearProvider>().Opened(payment, new("r"), _ct),
            scope => scope.Get<HearProvider>().Hear(payment, new("r", ChargeState.Succeeded), _ct));

        Assert.Equal("succeeded", await app.StatusOf(payment));
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
    }

    [Fact]
    public async Task A_word_that_would_lead_backwards_is_kept_and_changes_nothing()
    {
        var ana = await app.Somebody();
        var (order, payment) = await app.Paid(ana);
        var before = (await ana.Look(payment)).GetRawText();

        await Hear(payment, new("r", ChargeState.Failed, "expired_card"));

        Assert.Equal(before, (await ana.Look(payment)).GetRawText());
        Assert.Equal(("confirmed", "paid"), await app.OrderOf(order));
        Assert.Equal(1, await app.Count($"select count(*) from payments.ignored_news where payment_id = {payment} and news = 'failed' and failure_code = 'expired_card' and status = 'succeeded'"));
    }

    private static string Facts(Payment payment) => System.Text.Json.JsonSerializer.Serialize(payment);

    private Task<Payment> Hear(Guid payment, ChargeNews word) => app.InScope(scope => scope.Get<HearProvider>().Hear(payment, word, _ct));

    private static Payment NewPayment() => Payment.Intend(
        "order", Guid.CreateVersion7(), new Due(Guid.CreateVersion7(), new Money(1000, "BRL"), new Dictionary<string, long>(StringComparer.Ordinal) { ["sales"] = 1000 }, MayBePaid: true, WhyNot: null),
        "sandbox", new(Method: null, Installments: null, ReturnUrl: null, Metadata: null), Now);

    private static bool Happen(Payment payment, Event happened, long amount, Queue<long> asked, Stack<long> taken)
    {
        switch (happened)
        {
            case Event.Opened:
                return payment.Opened(new("reference"), Now);
            case Event.Succeeded:
                return payment.Succeed(new("reference", ChargeState.Succeeded), Now);
            case Event.Failed:
                return payment.Fail("reference", "card_declined", Now);
            case Event.Cancelled:
                return payment.Cancel(Now);
            case Event.RefundAsked when amount > payment.Refundable:
                Assert.Throws<RefusedException>(() => Refund.Ask(payment, amount, reason: null, Now));
                return false;
            case Event.RefundAsked:
                asked.Enqueue(Refund.Ask(payment, amount, reason: null, Now).Amount);
                return true;
            case Event.RefundDone when asked.TryDequeue(out var refunded):
                payment.GoneBack(refunded, Now);
                return true;
            case Event.RefundRefused when asked.TryDequeue(out var kept):
                payment.Keep(kept, Now);
                return true;
            case Event.RefundFound when payment.HasComeIn:
                return payment.WentBack(amount, Now) > 0;
            case Event.DisputeOpened:
                return Dispute(payment, DisputeState.Open, taken);
            case Event.DisputeWon:
                return Dispute(payment, DisputeState.Won, taken);
            case Event.DisputeLost:
                return Dispute(payment, DisputeState.Lost, taken);
            case Event.FeeKnown:
                return payment.NoteFee(new(39, "BRL"), Now);
            default:
                return false;
        }
    }

    private static bool Dispute(Payment payment, DisputeState state, Stack<long> taken)
    {
        if (!payment.Disputes(new(state, payment.Money), Now))
            return false;
        if (taken.TryPop(out var back))
            payment.Regain(back, Now);
        if (state is DisputeState.Lost)
            taken.Push(payment.WentBack(payment.DisputedAmount!.Value, Now));
        return true;
    }

    private static IEnumerable<T[]> Permutations<T>(T[] items) => items.Length == 0
        ? [[]]
        : items.SelectMany((item, at) => Permutations<T>([.. items[..at], .. items[(at + 1)..]]).Select(rest => (T[])[item, .. rest]));
}
