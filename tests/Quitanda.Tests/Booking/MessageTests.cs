using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Quitanda.Booking.Messages;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Catalog;

namespace Quitanda.Tests.Booking;

/// <summary>What renter and owner say to each other on a booking.</summary>
public sealed class MessageTests(LetteredRentalsApp app) : IClassFixture<LetteredRentalsApp>
{
    private DateOnly Day(int ahead) => DateOnly.FromDateTime(app.Clock.GetUtcNow().UtcDateTime).AddDays(ahead);

    private static string Of(JsonElement booking) => $"{Rentals.Bookings}/{booking.Id()}/messages";

    private async Task<JsonElement> Write(Party party, JsonElement booking, string text)
    {
        // Nothing is said in the same moment as something else: the first is first.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        return await (await party.Client.Post(Of(booking), new { text })).Body(HttpStatusCode.Created);
    }

    private static async Task<string?[]> Texts(Party party, JsonElement booking, string query = "") =>
        [.. (await (await party.Client.Get(Of(booking) + query)).Body()).GetProperty("data").EnumerateArray().Select(message => message.GetProperty("text").GetString())];

    private static async Task<(int Renter, int Owner)> Unread(Party party, JsonElement booking)
    {
        var shown = await party.Client.Booking(booking.Id());
        return (shown.GetProperty("unreadByRenter").GetInt32(), shown.GetProperty("unreadByOwner").GetInt32());
    }

    [Fact]
    public async Task Both_sides_write_and_read_an_admin_reads_along_and_nobody_else_does()
    {
        var (owner, renter, admin, stranger) = (await app.Owner(), await app.Renter(), await app.Admin(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var booking = await renter.Client.Booked(listing, Day(3), Day(3));
        Assert.Equal((0, 0), await Unread(renter, booking));

        var first = await Write(renter, booking, "Tem fogão?");
        Assert.Equal(("renter", renter.Id, "Tem fogão?", false), (first.Text("from"), first.GetProperty("authorId").GetGuid(), first.Text("text"), first.GetProperty("isMasked").GetBoolean()));
        await Write(renter, booking, "E geladeira?");
        await Write(owner, booking, "Tem os dois.");
        Assert.Equal((1, 2), await Unread(admin, booking));
        Assert.Equal(["Tem fogão?", "E geladeira?", "Tem os dois."], await Texts(admin, booking), StringComparer.Ordinal);
        Assert.Equal(["Tem os dois."], await Texts(owner, booking, "?sort=-createdAt&limit=1"), StringComparer.Ordinal);

        Assert.Equal(HttpStatusCode.NoContent, (await owner.Client.Post($"{Of(booking)}/read")).StatusCode);
        Assert.Equal((1, 0), await Unread(owner, booking));
        var row = (await (await renter.Client.Get($"{Rentals.Bookings}/mine")).Body()).GetProperty("data").EnumerateArray().Single(one => one.Id() == booking.Id());
        Assert.Equal(1, row.GetProperty("unreadByRenter").GetInt32());
        var read = (await (await renter.Client.Get(Of(booking))).Body()).GetProperty("data");
        Assert.Equal((app.Clock.GetUtcNow(), JsonValueKind.Null), (read[0].GetProperty("readAt").GetDateTimeOffset(), read[2].GetProperty("readAt").ValueKind));

        Assert.Equal("forbidden", await (await admin.Client.Post(Of(booking), new { text = "Oi" })).Refusal(HttpStatusCode.Forbidden));
        Assert.Equal("forbidden", await (await admin.Client.Post($"{Of(booking)}/read")).Refusal(HttpStatusCode.Forbidden));
        await (await stranger.Client.Get(Of(booking))).Refusal(HttpStatusCode.NotFound);
        await (await stranger.Client.Post(Of(booking), new { text = "Oi" })).Refusal(HttpStatusCode.NotFound);
        await (await stranger.Client.Post($"{Of(booking)}/read")).Refusal(HttpStatusCode.NotFound);
        foreach (var text in (string[])["", "  \n ", new('a', 2001)])
            await (await renter.Client.Post(Of(booking), new { text })).Refusal(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_other_side_is_written_to_once_an_hour_at_the_most_and_not_of_what_it_has_read()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var booking = await renter.Client.Booked(await app.Listing(owner.Id), Day(3), Day(3));
        await Write(renter, booking, "Um");
        Assert.Single(await Letters());
        await Write(renter, booking, "Dois");
        await Write(renter, booking, "Três");
        Assert.Single(await Letters());
        await app.Later(TimeSpan.FromMinutes(61));
        var letters = await Letters();
        Assert.Equal(2, letters.Length);
        Assert.Contains("3 mensagens", letters[1].Text("text"), StringComparison.Ordinal);
        Assert.DoesNotContain("Dois", letters[1].GetRawText(), StringComparison.Ordinal);
        // What was told once is not told again, and what was read not at all.
        await app.Later(TimeSpan.FromHours(3));
        await Write(renter, booking, "Quatro");
        Assert.Equal(HttpStatusCode.NoContent, (await owner.Client.Post($"{Of(booking)}/read")).StatusCode);
        await app.Later(TimeSpan.FromHours(3));
        Assert.Equal(2, (await Letters()).Length);
        Assert.DoesNotContain(await app.LettersTo(renter), letter => letter.Text("template") == "booking.messages-wait");

        async Task<JsonElement[]> Letters() => [.. (await app.LettersTo(owner)).Where(letter => letter.Text("template") == "booking.messages-wait")];
    }

    [Fact]
    public async Task Contact_details_are_taken_out_until_it_is_paid_and_kept_nowhere()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var listing = await app.Listing(owner.Id);
        var booking = await renter.Client.Booked(listing, Day(3), Day(3));
        var said = await Write(renter, booking, "Me chama no 11 98765-4321, sou ana.silva@example.com");
        Assert.Equal(("Me chama no •••, sou •••", true), (said.Text("text"), said.GetProperty("isMasked").GetBoolean()));
        await renter.Client.Pay(new { bookingId = booking.Id(), provider = "sandbox", method = "card" });
        Assert.Equal("Agora sim: 11 98765-4321", (await Write(owner, booking, "Agora sim: 11 98765-4321")).Text("text"));
        Assert.Equal(["Me chama no •••, sou •••", "Agora sim: 11 98765-4321"], await Texts(owner, booking), StringComparer.Ordinal);
        Assert.Equal(0, await app.Scalar<long>($"select count(*) from booking.messages where text like '%ana.silva%'"));
    }

    [Theory]
    [InlineData("escreva para ana.silva+sitio@mail.example.com.br hoje", "escreva para ••• hoje")]
    [InlineData("ana (arroba) gmail ponto com", "•••")]
    [InlineData("ana [at] gmail [dot] com, sim", "•••, sim")]
    [InlineData("ana arroba gmail", "•••")]
    [InlineData("ana@gmail.com. Obrigada!", "•••. Obrigada!")]
    [InlineData("+55 (11) 98765-4321", "•••")]
    [InlineData("1 1 9 8 7 6 5 4 3 2 1", "•••")]
    [InlineData("um um nove oito sete meia cinco quatro três dois um", "•••")]
    [InlineData("１１９８７６５４３２１", "•••")]
    [InlineData("tel 11\u200B987\u200B65\u200B4321", "tel •••")]
    [InlineData("veja https://example.com/casa?x=1 agora", "veja ••• agora")]
    [InlineData("www.casa-azul.com.br", "•••")]
    [InlineData("casa-azul.com.br/fotos", "•••")]
    [InlineData("wa.me/5511987654321", "•••")]
    [InlineData("me acha (@ana.silva)", "me acha (•••)")]
    [InlineData("insta: anasilva", "•••")]
    [InlineData("meu insta é ana_silva", "meu •••")]
    public void What_leads_past_the_house_is_taken_out(string text, string masked)
    {
        Assert.Equal((masked, true), ContactDetails.Mask(text));
        // And nothing more of it when it is looked at again.
        Assert.Equal((masked, false), ContactDetails.Mask(masked));
    }

    [Theory]
    [InlineData("Chego em 10/03/2026 às 14:30 e saio em 12/03/2026 às 11h.")]
    [InlineData("2026-03-10 até 2026-03-12, 4 pessoas, 2 carros")]
    [InlineData("São R$ 1.234.567,89 no total, ou US$ 250,000.00?")]
    [InlineData("Somos 12 adultos, 10 crianças e 2 cães; o salão é de 1980.")]
    [InlineData("O whatsapp é melhor? Encontro no ponto com vocês. Uma arroba de boi.")]
    [InlineData("Sim. Não. Talvez... 👩‍👧 ok")]
    public void What_does_not_stays_to_the_letter(string text) => Assert.Equal((text, false), ContactDetails.Mask(text));

    [Fact]
    public void No_text_takes_long_or_becomes_too_long()
    {
        var watch = Stopwatch.StartNew();
        foreach (var piece in (string[])["1", "a.", "a@", "um ", "@", "ﷺ", "a arroba ", "insta: ", "1/2 ", "(at)", "www.a", "9 8 7 6 5 4 3 @"])
        {
            var text = string.Concat(Enumerable.Repeat(piece, ContactDetails.LongestText / piece.Length + 1))[..ContactDetails.LongestText];
            Assert.InRange(ContactDetails.Mask(text).Text.Length, 0, ContactDetails.LongestText);
        }

        // Each is a matter of milliseconds; one that tried all ways to read a text would not be done today.
        Assert.True(watch.Elapsed < Eventually.Patience, $"{watch.Elapsed}");
    }

    [Fact]
    public async Task What_somebody_wrote_is_theirs_to_read_and_goes_with_them()
    {
        var (owner, renter) = (await app.Owner(), await app.Renter());
        var booking = await renter.Client.Booked(await app.Listing(owner.Id), Day(3), Day(3));
        await Write(renter, booking, "Segredo do poço");
        await Write(owner, booking, "Resposta");
        var export = (await (await renter.Client.Get("/api/v1/users/me/export")).Body()).GetProperty("data").GetProperty("bookingMessages");
        Assert.Equal(["Segredo do poço"], export.EnumerateArray().Select(message => message.Text("text")), StringComparer.Ordinal);
        await (await renter.Client.Post($"{Rentals.Bookings}/{booking.Id()}/cancel")).Body();
        Assert.Equal(HttpStatusCode.NoContent, (await renter.Client.Delete("/api/v1/users/me")).StatusCode);
        Assert.Equal([null, "Resposta"], await Texts(owner, booking), StringComparer.Ordinal);
    }
}
