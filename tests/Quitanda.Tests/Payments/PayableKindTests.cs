using System.Net;

namespace Quitanda.Tests.Payments;

/// <summary>Whatever a module offers to be paid is paid by one route, under its own name.</summary>
public sealed class PayableKindTests(HouseApp app) : IClassFixture<HouseApp>
{
    [Fact]
    public async Task A_booking_is_paid_by_its_own_id_and_found_by_it()
    {
        var (ana, staff) = (await app.Somebody(), await app.Somebody(Quitanda.Platform.Roles.Staff));
        var (stay, payment) = await app.Booked(ana);

        var seen = await ana.Look(payment);
        Assert.Equal(stay, seen.GetProperty("bookingId").GetGuid());
        foreach (var other in (string[])["orderId", "bookingChangeId", "basketId"])
        {
            Assert.False(seen.TryGetProperty(other, out _), other);
            Assert.Empty((await staff.Get($"/api/v1/payments?{other}={stay}")).GetProperty("data").EnumerateArray());
        }

        Assert.Equal(payment, Assert.Single((await staff.Get($"/api/v1/payments?bookingId={stay}")).GetProperty("data").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.Equal((payment, "paid"), (app.Stays[stay].PaymentId, app.Stays[stay].PaymentStatus));
    }

    [Theory]
    [InlineData("bookingId", "There is no such booking of yours.")]
    [InlineData("bookingChangeId", "There is no such change of a booking of yours.")]
    [InlineData("basketId", "There is no such basket of yours.")]
    [InlineData("orderId", "There is no such order of yours.")]
    public async Task What_is_not_there_or_not_the_callers_or_of_no_module_is_not_found(string field, string text)
    {
        var stay = app.Book(await app.Somebody());
        var answer = await (await Ask(await app.Somebody(), (field, stay))).Read(HttpStatusCode.NotFound);
        Assert.Equal(("not_found", text), (answer.GetProperty("code").GetString(), answer.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task One_thing_is_paid_neither_none_nor_two()
    {
        var ana = await app.Somebody();
        var stay = app.Book(ana);
        var none = await (await Ask(ana)).Read(HttpStatusCode.BadRequest);
        Assert.Equal("orderId", Assert.Single(none.GetProperty("errors").EnumerateObject()).Name);
        var two = await (await Ask(ana, ("orderId", await app.Order(ana)), ("bookingId", stay))).Read(HttpStatusCode.BadRequest);
        Assert.Equal("bookingId", Assert.Single(two.GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal(0, await app.Count($"select count(*) from payments.payments where payer_id = {ana.Id}"));
    }

    [Theory]
    [InlineData("already_paid")]
    [InlineData("booking_cancelled")]
    [InlineData("booking_not_accepted")]
    [InlineData("basket_not_held")]
    public async Task What_cannot_be_paid_says_why_in_its_modules_words(string code)
    {
        var ana = await app.Somebody();
        var stay = app.Book(ana);
        app.Stays[stay].WhyNot = code;
        var answer = await (await Ask(ana, ("bookingId", stay))).Read(HttpStatusCode.Conflict);
        Assert.Equal((code, $"Because {code}."), (answer.GetProperty("code").GetString(), answer.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Twenty_who_pay_a_booking_at_once_make_one_payment_and_what_costs_nothing_is_not_paid()
    {
        var ana = await app.Somebody();
        var stay = app.Book(ana);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Ask(ana, ("bookingId", stay))));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            await Task.FromResult(refused).IsRefused(HttpStatusCode.Conflict, "payment_in_progress");

        var free = await (await Ask(ana, ("bookingId", app.Book(ana, total: 0)))).Read(HttpStatusCode.Conflict);
        Assert.Equal(("nothing_to_pay", "The booking costs nothing."), (free.GetProperty("code").GetString(), free.GetProperty("detail").GetString()));
    }

    private static Task<HttpResponseMessage> Ask(Person who, params (string Field, Guid Id)[] what) =>
        who.Post("/api/v1/payments", what.Select(one => (one.Field, Value: (object)one.Id)).Append(("provider", "sandbox")).ToDictionary(one => one.Field, one => one.Value, StringComparer.Ordinal));
}
