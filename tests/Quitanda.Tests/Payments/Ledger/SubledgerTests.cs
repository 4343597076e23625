using System.Net;
using System.Text.Json;
using Quitanda.Payments;
using Quitanda.Platform;

namespace Quitanda.Tests.Payments.Ledger;

/// <summary>What modules know of the books is held against them daily, and named where it differs.</summary>
public sealed class SubledgerTests(HouseApp app) : IClassFixture<HouseApp>
{
    private static readonly Guid Owner = Guid.CreateVersion7();

    [Fact]
    public async Task What_modules_say_together_is_what_the_books_should_say()
    {
        app.First.Accounts = ["held", "owner_payable"];
        app.Second.Accounts = ["held"];
        await app.Post(new("booking:1:earned", LedgerPostKind.Transfer, [new("held", -600, "BRL"), new("sales", 600, "BRL")]));
        await app.Post(new("booking:2:earned", LedgerPostKind.Transfer, [new("held", 200, "BRL"), new("owner_payable", -200, "BRL", Owner)]));
        app.First.Says.AddRange([new("held", null, "BRL", -300), new("owner_payable", Owner, "BRL", -200)]);
        app.Second.Says.Add(new("held", null, "BRL", -100));
        Assert.Empty(await Differences());

        // One owes more than the books say.
        app.First.Says[1] = new("owner_payable", Owner, "BRL", -250);
        var owed = Assert.Single(await Differences());
        Assert.Equal(("-250 BRL in owner_payable", "-200 BRL in owner_payable", Owner),
            (owed.GetProperty("expected").GetString(), owed.GetProperty("found").GetString(), owed.GetProperty("partyId").GetGuid()));
        Assert.Contains($"account=owner_payable&partyId={Owner} with what these say: bookings;", owed.GetProperty("proposedFix").GetString(), StringComparison.Ordinal);

        // The books have what no module knows of, and a module what is in no book.
        app.First.Says[1] = new("owner_payable", Owner, "BRL", -200);
        app.Second.Says[0] = new("held", null, "USD", -100);
        var held = await Differences();
        Assert.Equal(["-100 USD in held/0 USD in held", "-300 BRL in held/-400 BRL in held"],
            held.Select(found => $"{found.GetProperty("expected").GetString()}/{found.GetProperty("found").GetString()}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(held, found => Assert.Contains("with what these say: baskets, bookings;", found.GetProperty("proposedFix").GetString(), StringComparison.Ordinal));
        app.Second.Says[0] = new("held", null, "BRL", -100);

        // What happens between two looks is looked at again, and is no difference.
        var looks = app.First.Looks;
        app.First.Meanwhile.Enqueue(async () =>
        {
            await app.Post(new("booking:3:earned", LedgerPostKind.Transfer, [new("held", 50, "BRL"), new("owner_payable", -50, "BRL", Owner)]));
            app.First.Says.Clear();
            app.First.Says.AddRange([new("held", null, "BRL", -250), new("owner_payable", Owner, "BRL", -250)]);
        });
        // One that comes and goes leaves the same sum, and was there all the same.
        app.First.Meanwhile.Enqueue(async () =>
        {
            await app.Post(new("booking:4:earned", LedgerPostKind.Transfer, [new("held", 50, "BRL"), new("owner_payable", -50, "BRL", Owner)]));
            await app.Post(new("booking:4:undone", LedgerPostKind.Transfer, [new("held", -50, "BRL"), new("owner_payable", 50, "BRL", Owner)]));
        });
        Assert.Empty(await Differences());
        Assert.Equal(looks + 3, app.First.Looks);

        // What moves each time is left to the next report.
        foreach (var time in Enumerable.Range(0, 5))
            app.First.Meanwhile.Enqueue(() => app.Post(new($"booking:5:earned:{time}", LedgerPostKind.Transfer, [new("held", 1, "BRL"), new("sales", -1, "BRL")])));
        Assert.Empty(await Differences());
        Assert.Equal("-350 BRL in held/-345 BRL in held", Assert.Single((await Differences()).Select(found => $"{found.GetProperty("expected").GetString()}/{found.GetProperty("found").GetString()}")));
    }

    private async Task<IReadOnlyList<JsonElement>> Differences()
    {
        app.Clock.Advance(TimeSpan.FromMinutes(16));
        var admin = await app.Somebody(Roles.Admin);
        var begun = await (await admin.Post("/api/v1/reports/drift", new { })).Read(HttpStatusCode.Accepted);
        await app.RunJobs();
        var report = await admin.Get("/api/v1/reports/drift");
        Assert.Equal(begun.GetProperty("id").GetGuid(), report.GetProperty("id").GetGuid());
        Assert.Equal(JsonValueKind.String, report.GetProperty("finishedAt").ValueKind);
        return [.. report.GetProperty("differences").EnumerateArray().Where(found => found.GetProperty("kind").GetString() == "subledger_differs")];
    }
}
