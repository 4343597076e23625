using FsCheck;
using FsCheck.Fluent;
using Quitanda.Payments;
using Quitanda.Payments.Ledger;
using Quitanda.Payments.Payments;
using Quitanda.Payments.Providers;
using Quitanda.Payments.Refunds;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>Whatever happens to a payment, its lines in the ledger add up.</summary>
public sealed class PostingsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 15, 0, 0, TimeSpan.Zero);

    private static readonly string[] Currencies = ["BRL", "JPY", "KWD", "USD"];

    private static readonly Guid Owner = Guid.CreateVersion7(), OtherOwner = Guid.CreateVersion7();

    private static readonly string[] Sellable = ["sales", "delivery", "tips", "tax", "platform_commission", "held", "owner_payable", $"owner_payable:{Owner}", $"owner_payable:{OtherOwner}"];

    [Fact]
    public void Books_balance_whatever_happens_in_whichever_order_and_twice() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(normal: 1500, full: 10_000)), Prop.ForAll(Gen.ListOf(Gen.Choose(0, 1_000_000)).ToArbitrary(), numbers =>
        {
            var tape = new Tape(numbers);
            var story = new Story(NewPayment(tape), isTaken: tape.Next(5) > 0);
            while (!tape.IsAtEnd)
                story.Happen(tape);
            story.Check();
        }));

    [Fact]
    public void Shares_sum_exactly_and_none_is_a_unit_off() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Size.Of(normal: 2000, full: 10_000)), Prop.ForAll(
            Gen.Zip(Gen.NonEmptyListOf(Gen.Choose(-300, 3000)), Gen.Choose(0, 1_000_000)).ToArbitrary(), drawn =>
            {
                long[] weights = [.. drawn.Item1.Select(weight => (long)weight)];
                if (weights.Sum() is var total && total <= 0)
                    return;
                var amount = drawn.Item2 % (total + 1);
                var parts = Postings.Share(amount, weights);
                Assert.Equal(amount, parts.Sum());
                for (var at = 0; at < parts.Length; at++)
                    Assert.True(Math.Abs(parts[at] * total - amount * weights[at]) < total, $"{parts[at]} of {amount} by {weights[at]} of {total}");
                Assert.Equal(weights, Postings.Share(total, weights));
                Assert.All(Postings.Share(0, weights), part => Assert.Equal(0, part));
            }));

    [Fact]
    public void Shares_of_the_largest_amounts_do_not_overflow() =>
        Assert.Equal([333_333_333_333, 333_333_333_333, 333_333_333_333], Postings.Share(Money.Most - 1, [Money.Most / 2, Money.Most / 2, Money.Most / 2]));

    [Theory]
    [InlineData(1, 1, 0, 0)]
    [InlineData(2, 1, 1, 0)]
    [InlineData(100, 34, 33, 33)]
    public void Thirds_go_to_the_first_ones_first(long amount, long first, long second, long third) => Assert.Equal([first, second, third], Postings.Share(amount, [500, 500, 500]));

    private static Payment NewPayment(Tape tape)
    {
        Dictionary<string, long> split = new(StringComparer.Ordinal);
        for (var parts = 1 + tape.Next(4); parts > 0; parts--)
            split[Sellable[tape.Next(Sellable.Length)]] = 1 + tape.Next(tape.Next(2) == 0 ? 10 : 100_000);
        if (tape.Next(3) == 0 && split.Values.Sum() is > 1 and var whole)
            split["discounts"] = -(1 + tape.Next((int)whole - 1));
        return Payment.Intend(
            "order", Guid.CreateVersion7(), new Due(Guid.CreateVersion7(), new Money(split.Values.Sum(), Currencies[tape.Next(3)]), split, MayBePaid: true, WhyNot: null), "sandbox",
            new(Method: null, Installments: null, ReturnUrl: null, Metadata: null), Now);
    }

    /// <summary>Numbers that decide what happens; nothing but noughts after the last one.</summary>
    private sealed class Tape(IEnumerable<int> numbers)
    {
        private readonly Queue<int> _numbers = new(numbers);

        public bool IsAtEnd => _numbers.Count == 0;

        public int Next(int below) => _numbers.TryDequeue(out var number) ? number % below : 0;
    }

    /// <summary>What happens to one payment, written down as <see cref="HearProvider"/> does it.</summary>
    private sealed class Story(Payment payment, bool isTaken)
    {
        private readonly Dictionary<string, Posting> _books = new(StringComparer.Ordinal);
        private readonly Queue<Refund> _pending = new();
        private long _returned;
        private long _taken;

        public void Happen(Tape tape)
        {
            switch (tape.Next(11))
            {
                case 0 or 1 when payment.Succeed(new("r", ChargeState.Succeeded), Now):
                    if (!isTaken)
                        payment.TurnAway();
                    Post(Postings.CameIn(payment));
                    break;
                case 2 when payment.NoteFee(new(tape.Next(50), Currencies[tape.Next(4)]), Now):
                    Post(Postings.Fee(payment));
                    break;
                case 3 or 4 when payment.Refundable > 0:
                    _pending.Enqueue(Refund.Ask(payment, Math.Max(1, payment.Refundable / (1 + tape.Next(3))), reason: null, Now));
                    break;
                case 5 when _pending.TryDequeue(out var done):
                    payment.GoneBack(done.Amount, Now);
                    _returned += done.Amount;
                    Post(Postings.WentBack(payment, done.Id, done.Amount));
                    break;
                case 6 when _pending.TryDequeue(out var refused):
                    payment.Keep(refused.Amount, Now);
                    break;
                case 7 when payment.HasComeIn && payment.WentBack(1 + tape.Next((int)payment.Amount), Now) is > 0 and var counted:
                    _returned += counted;
                    Post(Postings.WentBack(payment, Guid.CreateVersion7(), counted));
                    break;
                case 8 or 9 or 10:
                    Dispute(new((DisputeState)tape.Next(3), new(1 + tape.Next(2 * (int)payment.Amount), payment.Currency)));
                    break;
            }
        }

        /// <summary>A dispute begins, ends, or is turned: as often as it likes.</summary>
        private void Dispute(DisputeNews news)
        {
            var (before, isTurn) = (payment.DisputeMark, payment.IsTurnedBy(news));
            if (!payment.Disputes(news, Now))
                return;
            Assert.Equal(before.Round + (isTurn ? 1 : 0), payment.DisputeRound);
            var regained = isTurn && before.State is DisputeState.Lost ? _taken : 0;
            if (regained > 0)
                payment.Regain(regained, Now);
            _taken = payment.Dispute is DisputeState.Lost ? payment.WentBack(payment.DisputedAmount!.Value, Now) : 0;
            Post(Postings.Disputed(payment, _taken, before, regained));
        }

        public void Check()
        {
            foreach (var posting in _books.Values)
            {
                Assert.NotEmpty(posting.Entries);
                Assert.DoesNotContain(posting.Entries, line => line.Amount == 0 || !LedgerAccounts.All.Contains(line.Account, StringComparer.Ordinal) || (line.PartyId is not null && line.Account != LedgerAccounts.OwnerPayable));
                Assert.All(posting.Entries.GroupBy(line => line.Currency, StringComparer.Ordinal), same => Assert.Equal(0, same.Sum(line => line.Amount)));
            }

            Assert.InRange(payment.RefundedAmount, 0, payment.HasComeIn ? payment.Amount : 0);
            var disputed = payment.Dispute is DisputeState.Open or DisputeState.Lost ? payment.DisputedAmount!.Value : 0;
            var fee = payment.FeeCurrency == payment.Currency ? payment.FeeAmount!.Value : 0;
            Assert.Equal((payment.HasComeIn ? payment.Amount : 0) - _returned - disputed - fee, Balance(LedgerAccounts.ProviderClearing));
            Assert.Equal(payment.Dispute is DisputeState.Open ? disputed : 0, Balance(LedgerAccounts.Disputes));
            Assert.Equal(0, Balance(LedgerAccounts.Receivable));
            if (!payment.HasComeIn)
                Assert.Empty(_books);
            else
                CheckParts();
        }

        /// <summary>What went back of each part is its share of all that went back, to less than a unit, and all of it where all went back.</summary>
        private void CheckParts()
        {
            var beyond = payment.Dispute is DisputeState.Lost ? payment.DisputedAmount!.Value - (payment.RefundedAmount - _returned) : 0;
            Assert.InRange(beyond, 0, long.MaxValue);
            if (!isTaken)
            {
                Assert.Equal(payment.RefundedAmount - payment.Amount, Balance(LedgerAccounts.Surplus));
                Assert.Equal(beyond, Balance(LedgerAccounts.Refunds));
                return;
            }

            var others = payment.Split.Where(part => Account.TryParse(part.Key, out var account) && !account.IsOwn).ToList();
            foreach (var (key, amount) in others)
            {
                Assert.True(Account.TryParse(key, out var account));
                IsShare(Balance(account.Code, account.PartyId) + amount, amount);
            }

            var own = payment.Amount - others.Sum(part => part.Value);
            IsShare(Balance(LedgerAccounts.Refunds) - beyond, own);
            Assert.Equal(-own, LedgerAccounts.Own.Sum(code => Balance(code)));
        }

        private void IsShare(long back, long whole)
        {
            Assert.True(Int128.Abs((Int128)back * payment.Amount - (Int128)payment.RefundedAmount * whole) < payment.Amount, $"{back} of {whole} went back with {payment.RefundedAmount} of {payment.Amount}");
            if (payment.RefundedAmount == payment.Amount)
                Assert.Equal(whole, back);
        }

        private long Balance(string code, Guid? party = null) =>
            _books.Values.SelectMany(posting => posting.Entries).Where(line => line.Account == code && line.PartyId == party && line.Currency == payment.Currency).Sum(line => line.Amount);

        /// <summary>Each thing twice: what has been written is not written again.</summary>
        private void Post(IReadOnlyList<Posting> postings)
        {
            foreach (var posting in postings.Concat(postings))
                _books.TryAdd(posting.Key, posting);
        }
    }
}
