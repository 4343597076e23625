using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class ValidationTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Things = "/api/v1/probe/things";

    [Theory]
    [InlineData("""{"name":"","quantity":1}""", "name")]
    [InlineData("""{"name":"a","quantity":0}""", "quantity")]
    [InlineData("""{"name":"a","quantity":1000}""", "quantity")]
    [InlineData("""{"name":"a","quantity":1,"items":[{"productId":"00000000-0000-0000-0000-000000000001","quantity":0}]}""", "items[0].quantity")]
    [InlineData("""{"name":"a","quantity":1,"items":[{"productId":"00000000-0000-0000-0000-000000000001","quantity":1},{"productId":"00000000-0000-0000-0000-000000000001","quantity":1000}]}""", "items[1].quantity")]
    [InlineData("""{"name":"a","quantity":1,"items":[null]}""", "items[0]")]
    [InlineData("""{"name":"a","quantity":1,"items":[null,null,null,null,null,null]}""", "items")]
    [InlineData("""{"name":"a","quantity":1,"box":{"width":0}}""", "box.width")]
    [InlineData("""{"name":"a","quantity":1,"box":{"width":1,"inside":{"productId":"00000000-0000-0000-0000-000000000001","quantity":0}}}""", "box.inside.quantity")]
    [InlineData("""{"name":"a","quantity":1,"box":{"width":1,"inside":{"productId":"00000000-0000-0000-0000-000000000001","quantity":1,"notes":"more than twenty characters"}}}""", "box.inside.notes")]
    public async Task A_broken_bound_is_named_however_deep_it_lies(string body, string field) =>
        Assert.NotEmpty((await (await app.Guest.PostText(Things, body)).Problem(400, "validation_failed")).Errors(field));

    [Fact]
    public void A_pattern_holds_for_a_text_of_no_length_too()
    {
        Assert.Equal(["code"], Validation.Errors(new Coded("", ""))?.Keys, StringComparer.Ordinal);
        Assert.Null(Validation.Errors(new Coded("a", "")));
        Assert.Null(Validation.Errors(new Coded(null, null)));
    }

    private sealed record Coded([property: RegularExpression("^[a-z]+$")] string? Code, [property: RegularExpression("^[a-z]*$")] string? Note);

    [Fact]
    public void What_is_worked_out_of_a_request_is_not_held_to_its_rules()
    {
        Assert.Null(Validation.Errors(new Derived(["a"])));
        Assert.Equal(["names[0]"], Validation.Errors(new Derived([null!]))?.Keys, StringComparer.Ordinal);
    }

    private sealed record Derived(string[] Names)
    {
        public string?[] Long => Array.ConvertAll(Names, name => name.Length > 1 ? name : null);
    }

    [Fact]
    public async Task All_that_is_wrong_is_said_at_once_and_nothing_was_written()
    {
        var problem = await (await app.Guest.PostText(Things, """{"name":"","quantity":0,"box":{"width":11}}""")).Problem(400, "validation_failed");
        Assert.Equal(["box.width", "name", "quantity"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.Equal(0, await app.Effects(""));
    }

    [Fact]
    public async Task Null_in_an_array_of_text_is_refused()
    {
        Assert.NotEmpty((await (await app.Guest.PostText("/api/v1/probe/notes", """{"notes":["a",null]}""")).Problem(400, "validation_failed")).Errors("notes[1]"));
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.PostText("/api/v1/probe/notes", """{"notes":["a"],"numbers":[1,2]}""")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await app.Guest.PostText("/api/v1/probe/notes", "{}")).StatusCode);
    }

    [Theory]
    [InlineData(20, 40, 500, true)]
    [InlineData(21, 1, 1, false)]
    [InlineData(1, 41, 1, false)]
    [InlineData(1, 0, 1, false)]
    [InlineData(1, 1, 501, false)]
    [InlineData(0, 0, 0, true)]
    public async Task Metadata_takes_20_pairs_of_40_and_500_characters(int pairs, int key, int value, bool taken)
    {
        var metadata = Enumerable.Range(0, pairs).ToDictionary(
            i => new string((char)('A' + i), key), _ => new string('v', value), StringComparer.Ordinal);
        var response = await app.Guest.Post(Things, new { Name = "a", Quantity = 1, Metadata = metadata });
        if (taken)
            Assert.Equal(pairs, (await response.Json()).GetProperty("metadata").EnumerateObject().Count());
        else
            Assert.NotEmpty((await response.Problem(400, "validation_failed")).Errors("metadata"));
    }

    [Theory]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":1}""")]
    [InlineData("""[]""")]
    public async Task Metadata_is_text_and_nothing_else(string metadata) =>
        await (await app.Guest.PostText(Things, $$"""{"name":"a","quantity":1,"metadata":{{metadata}}}""")).Problem(400, "validation_failed");

    [Theory]
    [InlineData("{}", "name", "(absent)")]
    [InlineData("""{"name":"a"}""", "name", "a")]
    [InlineData("{}", "nickname", "(absent)")]
    [InlineData("""{"nickname":null}""", "nickname", "(null)")]
    [InlineData("""{"nickname":"b"}""", "nickname", "b")]
    [InlineData("""{"quantity":3}""", "quantity", "3")]
    [InlineData("""{"limit":null}""", "limit", "(null)")]
    [InlineData("""{"limit":7}""", "limit", "7")]
    [InlineData("""{"box":null}""", "box", "(null)")]
    [InlineData("""{"box":{"width":4}}""", "box", "4")]
    public async Task A_patch_tells_absent_from_null_from_a_value(string body, string member, string seen)
    {
        var response = await Patch(body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(seen, (await response.Json()).GetProperty(member).GetString());
    }

    [Theory]
    [InlineData("""{"name":null}""", "name")]
    [InlineData("""{"name":""}""", "name")]
    [InlineData("""{"name":"too long"}""", "name")]
    [InlineData("""{"nickname":"too long"}""", "nickname")]
    [InlineData("""{"quantity":null}""", "quantity")]
    [InlineData("""{"quantity":0}""", "quantity")]
    [InlineData("""{"limit":"7"}""", "limit")]
    [InlineData("""{"box":{"width":0}}""", "box.width")]
    [InlineData("""{"box":{"width":1,"inside":{"productId":"00000000-0000-0000-0000-000000000001","quantity":0}}}""", "box.inside.quantity")]
    public async Task A_patch_is_held_to_the_same_rules(string body, string field) =>
        Assert.NotEmpty((await (await Patch(body)).Problem(400, "validation_failed")).Errors(field));

    [Theory]
    [InlineData("""{"amount":1099,"currency":"BRL"}""", true)]
    [InlineData("""{"amount":0,"currency":"JPY"}""", true)]
    [InlineData("""{"amount":1000000000000,"currency":"KWD"}""", true)]
    [InlineData("""{"amount":1000000000001,"currency":"BRL"}""", false)]
    [InlineData("""{"amount":-1,"currency":"BRL"}""", false)]
    [InlineData("""{"amount":"1099","currency":"BRL"}""", false)]
    [InlineData("""{"amount":10.99,"currency":"BRL"}""", false)]
    [InlineData("""{"amount":1e3,"currency":"BRL"}""", false)]
    [InlineData("""{"amount":null,"currency":"BRL"}""", false)]
    [InlineData("""{"amount":1,"currency":"brl"}""", false)]
    [InlineData("""{"amount":1,"currency":"XXX"}""", false)]
    [InlineData("""{"amount":1,"currency":""}""", false)]
    [InlineData("""{"amount":1,"currency":null}""", false)]
    [InlineData("""{"amount":1}""", false)]
    [InlineData("""{"currency":"BRL"}""", false)]
    [InlineData("1099", false)]
    public async Task Money_is_whole_minor_units_of_a_known_currency(string money, bool taken)
    {
        var response = await app.Guest.PostText("/api/v1/probe/money", $$"""{"price":{{money}}}""");
        if (taken)
            Assert.Equal($$"""{"price":{{money}}}""", await response.Text());
        else
            await response.Problem(400, "validation_failed");
    }

    [Fact]
    public void Money_of_two_currencies_is_never_added_and_sums_do_not_wrap()
    {
        Assert.Equal(new Money(3, "BRL"), new Money(1, "BRL") + new Money(2, "BRL"));
        Assert.Throws<InvalidOperationException>(() => new Money(1, "BRL") + new Money(1, "USD"));
        Assert.Throws<OverflowException>(() => new Money(long.MaxValue, "BRL") + new Money(1, "BRL"));
        Assert.Equal([2, 0, 3], ((string[])["BRL", "JPY", "KWD"]).Select(Currencies.DecimalsOf));
    }

    [Theory]
    [InlineData("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000000Z")]
    [InlineData("2026-03-01T12:00:00.1234567-03:00", "2026-03-01T15:00:00.123456Z")]
    [InlineData("2026-03-01T00:30:00+01:00", "2026-02-28T23:30:00.000000Z")]
    public async Task An_instant_comes_back_in_UTC(string sent, string seen)
    {
        var response = await app.Guest.PostText(Things, $$"""{"name":"a","quantity":1,"at":"{{sent}}"}""");
        Assert.Equal(seen, (await response.Json()).GetProperty("at").GetString());
    }

    [Theory]
    [InlineData("2026-03-01T12:00:00")]
    [InlineData("2026-03-01")]
    [InlineData("12:00:00Z")]
    [InlineData("2026-02-30T12:00:00Z")]
    [InlineData("1772366400")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    public async Task An_instant_without_an_offset_is_refused(string sent)
    {
        var problem = await (await app.Guest.PostText(Things, $$"""{"name":"a","quantity":1,"at":"{{sent}}"}""")).Problem(400, "validation_failed");
        Assert.NotEmpty(problem.Errors("at"));
    }

    [Fact]
    public async Task An_enum_is_its_name_in_snake_case_both_ways()
    {
        var response = await app.Guest.PostText(Things, """{"name":"a","quantity":1,"colour":"dark_blue"}""");
        Assert.Equal("dark_blue", (await response.Json()).GetProperty("colour").GetString());
        foreach (var wrong in (string[])["\"DarkBlue\"", "\"darkBlue\"", "1", "\"1\"", "\"\"", "\"red, dark_blue\""])
            Assert.NotEmpty((await (await app.Guest.PostText(Things, $$"""{"name":"a","quantity":1,"colour":{{wrong}}}""")).Problem(400, "validation_failed")).Errors("colour"));

        Assert.Equal("dark_blue", Colour.DarkBlue.Name());
        Assert.Equal(Colour.DarkBlue, Wire.Parse<Colour>("dark_blue"));
        Assert.Throws<FormatException>(() => Wire.Parse<Colour>("DarkBlue"));
        Assert.Equal(["red", "dark_blue"], Wire.Names<Colour>());
        Assert.Equal("\"olá\"", JsonSerializer.Serialize("olá", Wire.Json));
    }

    private Task<HttpResponseMessage> Patch(string body) => app.Guest.Raw(HttpMethod.Patch, $"/api/v1/probe/things/{Guid.CreateVersion7()}", System.Text.Encoding.UTF8.GetBytes(body));
}
