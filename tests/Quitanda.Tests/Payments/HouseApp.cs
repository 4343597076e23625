using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Booking;
using Quitanda.Payments;
using Quitanda.Platform;
using Quitanda.Tests.Payments.Ledger;

namespace Quitanda.Tests.Payments;

/// <summary>The application with a module of its own in place of bookings: something that can be paid as one, and what it knows of the books.</summary>
public sealed class HouseApp(TestPostgres postgres) : LedgerApp(postgres)
{
    /// <summary>What can be paid, by its id.</summary>
    internal ConcurrentDictionary<Guid, Stay> Stays { get; } = [];

    /// <summary>What two modules say of the books.</summary>
    internal Told First { get; } = new("bookings");

    internal Told Second { get; } = new("baskets");

    /// <summary>Something to be paid, of which everything is held until it is earned.</summary>
    internal Guid Book(Person payer, long total = 1000)
    {
        var id = Guid.CreateVersion7();
        Stays[id] = new(payer.Id, new(total, "BRL"));
        return id;
    }

    /// <summary>A payment of it that came in.</summary>
    internal async Task<(Guid Stay, Guid Payment)> Booked(Person payer, long total = 1000)
    {
        var stay = Book(payer, total);
        var payment = (await (await payer.Post("/api/v1/payments", new { bookingId = stay, provider = "sandbox" })).Read(System.Net.HttpStatusCode.Created)).GetProperty("id").GetGuid();
        Assert.Equal("succeeded", (await payer.Settle(payment, "succeed")).Status());
        return (stay, payment);
    }

    /// <summary>As a module does it: behind its own lock, in one unit of work.</summary>
    internal Task<Money> GiveBack(Guid stay, long amount, string currency = "BRL") => InScope(async scope =>
    {
        await scope.GetServices<IPayable>().Single(payable => payable.Kind == "booking").Lock(stay, CancellationToken.None);
        return await scope.Get<IPayments>().Refund("booking", stay, new(amount, currency), "half", CancellationToken.None);
    });

    /// <summary>Moves money, in one unit of work.</summary>
    internal Task Post(LedgerPost post) => InScope(scope =>
    {
        scope.Get<IPayments>().Post(post);
        return Task.FromResult(true);
    });

    /// <summary>The lines of a transaction of the books, as account and amount.</summary>
    internal Task<List<string>> LinesOf(string key) => WithDb(db => db.Read(
        $"select e.account, e.amount from payments.ledger_entries e join payments.ledger_transactions t on t.id = e.transaction_id where t.key = {key} order by e.position",
        row => $"{row.GetString(0)} {row.GetInt64(1)}", CancellationToken.None));

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        // In place of what the bookings themselves are to Payments.
        foreach (var own in builder.Services.Where(service => (service.ServiceType == typeof(IPayable) || service.ServiceType == typeof(ISubledger)) && service.ImplementationType?.Assembly == typeof(BookingModule).Assembly).ToList())
            builder.Services.Remove(own);
        builder.Services.AddSingleton(this).AddScoped<IPayable, PayableStay>().AddSingleton<ISubledger>(First).AddSingleton<ISubledger>(Second);
    }

    /// <summary>What is paid, and what it was told.</summary>
    internal sealed class Stay(Guid payerId, Money amount)
    {
        public Guid PayerId => payerId;

        public Money Amount => amount;

        public string? WhyNot { get; set; }

        public Guid? PaymentId { get; set; }

        public string PaymentStatus { get; set; } = "pending";

        /// <summary>What went back in all, as it was told each time, and whether that was all.</summary>
        public ConcurrentQueue<string> Told { get; } = [];
    }

    private sealed class PayableStay(Db db, HouseApp app) : IPayable
    {
        public string Kind => "booking";

        public async Task<Due?> Lock(Guid id, CancellationToken ct)
        {
            await db.Read($"select pg_advisory_xact_lock({BitConverter.ToInt64(id.ToByteArray(), 8)})::text", row => row.GetString(0), ct);
            return app.Stays.TryGetValue(id, out var stay)
                ? new(stay.PayerId, stay.Amount, LedgerTests.Split(("held", stay.Amount.Amount)), stay.WhyNot is null, stay.WhyNot) { WhyNotText = $"Because {stay.WhyNot}." }
                : null;
        }

        public Task<bool> Paid(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct)
        {
            (app.Stays[id].PaymentId, app.Stays[id].PaymentStatus) = (paymentId, "paid");
            return Task.FromResult(true);
        }

        public Task TurnedAway(Guid id, Money amount, CancellationToken ct) => Task.CompletedTask;

        public Task Failed(Guid id, Guid paymentId, DateTimeOffset at, CancellationToken ct) => Task.CompletedTask;

        public Task Refunded(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, "gone", inAll, isWhole ? "refunded" : "partially_refunded");

        public Task RefundCameBack(Guid id, Guid paymentId, Money inAll, bool isWhole, DateTimeOffset at, CancellationToken ct) => Note(id, "back", inAll, isWhole ? "paid" : "partially_refunded");

        public Task<IReadOnlyList<PayableState>> States(IReadOnlyList<Guid> ids, CancellationToken ct) => Task.FromResult<IReadOnlyList<PayableState>>(
            [.. ids.Where(app.Stays.ContainsKey).Select(id => (Id: id, Stay: app.Stays[id])).Select(one => new PayableState(one.Id, one.Stay.PaymentId, one.Stay.PaymentStatus, one.Stay.Amount, IsCancelled: false))]);

        public Task<IReadOnlyList<PayableState>> PaidSince(DateTimeOffset since, int limit, CancellationToken ct) => Task.FromResult<IReadOnlyList<PayableState>>([]);

        private Task Note(Guid id, string what, Money inAll, string status)
        {
            app.Stays[id].Told.Enqueue($"{what} {inAll.Amount} {status}");
            app.Stays[id].PaymentStatus = status;
            return Task.CompletedTask;
        }
    }

    /// <summary>What a module says of the books: what a test has it say.</summary>
    internal sealed class Told(string name) : ISubledger
    {
        public string Name => name;

        public IReadOnlyList<string> Accounts { get; set; } = [];

        public List<SubledgerBalance> Says { get; } = [];

        /// <summary>What happens after it has looked and before the books are looked at again, each once.</summary>
        public Queue<Func<Task>> Meanwhile { get; } = [];

        public int Looks { get; private set; }

        public async Task<IReadOnlyList<SubledgerBalance>> Balances(CancellationToken ct)
        {
            Looks++;
            SubledgerBalance[] seen = [.. Says];
            if (Meanwhile.TryDequeue(out var happens))
                await happens();
            return seen;
        }
    }
}
