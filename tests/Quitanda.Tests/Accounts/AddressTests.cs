using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Accounts;

namespace Quitanda.Tests.Accounts;

public sealed class AddressTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Path = "/api/v1/users/me/addresses";

    [Fact]
    public async Task The_first_address_is_the_default_and_exactly_one_stays_it()
    {
        var user = await app.Insert();
        var client = app.As(user);
        var response = await client.Post(Path, New("casa"));
        var home = await response.Body(HttpStatusCode.Created);
        Assert.Equal($"{Path}/{home.Id()}", response.Headers.Location?.ToString());
        Assert.True(home.GetProperty("isDefault").GetBoolean());
        Assert.Equal(("casa", "Rua das Laranjeiras", "12-A", "BR"), (home.Text("label"), home.Text("street"), home.Text("number"), home.Text("country")));

        var work = await Add(client, "trabalho");
        Assert.False(work.GetProperty("isDefault").GetBoolean());
        var beach = await Add(client, "praia", isDefault: true);
        Assert.Equal(beach.Id(), await Default(client));

        await (await client.Send(HttpMethod.Patch, $"{Path}/{work.Id()}", """{"isDefault":true,"complement":"fundos"}""")).Body();
        Assert.Equal(work.Id(), await Default(client));
        Assert.Equal("validation_failed", await (await client.Send(HttpMethod.Patch, $"{Path}/{work.Id()}", """{"isDefault":false}""")).Refusal(HttpStatusCode.BadRequest));

        await (await client.Send(HttpMethod.Delete, $"{Path}/{work.Id()}")).Body(HttpStatusCode.NoContent);
        Assert.Equal(beach.Id(), await Default(client));
        await (await client.Send(HttpMethod.Delete, $"{Path}/{work.Id()}")).Refusal(HttpStatusCode.NotFound);
        await (await client.Send(HttpMethod.Delete, $"{Path}/{home.Id()}")).Body(HttpStatusCode.NoContent);
        await (await client.Send(HttpMethod.Delete, $"{Path}/{beach.Id()}")).Body(HttpStatusCode.NoContent);
        Assert.Empty(await All(client));
    }

    [Fact]
    public async Task A_patch_changes_what_is_in_it()
    {
        var client = app.As(await app.Insert());
        var address = await Add(client, "casa");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var changed = await (await client.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", """{"label":"casa nova","complement":"bloco B"}""")).Body();
        Assert.Equal(("casa nova", "bloco B", "Rua das Laranjeiras"), (changed.Text("label"), changed.Text("complement"), changed.Text("street")));
        Assert.NotEqual(address.Text("updatedAt"), changed.Text("updatedAt"), StringComparer.Ordinal);

        var cleared = await (await client.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", """{"complement":null}""")).Body();
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("complement").ValueKind);
        Assert.Equal("validation_failed", await (await client.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", """{"street":null}""")).Refusal(HttpStatusCode.BadRequest));
        Assert.Equal("unknown_field", await (await client.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", """{"userId":"x"}""")).Refusal(HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Where_an_address_is_on_the_globe_takes_both_degrees_or_neither()
    {
        var client = app.As(await app.Insert());
        var address = await Add(client, "casa");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (address.GetProperty("lat").ValueKind, address.GetProperty("lng").ValueKind));

        var placed = await (await client.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", """{"lat":-23.5513,"lng":-46.6344}""")).Body();
        Assert.Equal((-23.5513, -46.6344), (placed.GetProperty("lat").GetDouble(), placed.GetProperty("lng").GetDouble()));
        Assert.Equal(-46.6344, (await (await client.Get($"{Path}/{address.Id()}")).Body()).GetProperty("lng").GetDouble());
        foreach (var wrong in (string[])["""{"lat":null}""", """{"lng":null}""", """{"lat":90.01}""", """{"lng":-180.01}""", """{"lat":"1"}"""])
            Assert.Equal("validation_failed", await (await client.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", wrong)).Refusal(HttpStatusCode.BadRequest));
        var cleared = await (await client.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", """{"lat":null,"lng":null}""")).Body();
        Assert.Equal(JsonValueKind.Null, cleared.GetProperty("lat").ValueKind);
    }

    [Fact]
    public async Task Another_users_address_is_not_there()
    {
        var owner = await app.Insert();
        var address = await Add(app.As(owner), "casa");
        var stranger = app.As(await app.Insert(Quitanda.Platform.Roles.Admin));

        await (await stranger.Send(HttpMethod.Patch, $"{Path}/{address.Id()}", """{"label":"minha"}""")).Refusal(HttpStatusCode.NotFound);
        await (await stranger.Send(HttpMethod.Delete, $"{Path}/{address.Id()}")).Refusal(HttpStatusCode.NotFound);
        Assert.Empty(await All(stranger));
        Assert.Equal("casa", Assert.Single(await All(app.As(owner))).Text("label"));

        var found = await app.InScope(provider => provider.GetRequiredService<IAccounts>().FindAddress(owner.Id, address.Id(), CancellationToken.None));
        Assert.Equal("Laranjeiras", found?.Neighborhood);
        Assert.Null(await app.InScope(provider => provider.GetRequiredService<IAccounts>().FindAddress(Guid.CreateVersion7(), address.Id(), CancellationToken.None)));
    }

    [Fact]
    public async Task Thirty_added_at_once_become_twenty_with_one_default()
    {
        var client = app.As(await app.Insert());
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => client.Post(Path, New($"lugar {i}", isDefault: i % 3 == 0))));

        Assert.Equal(20, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
            Assert.Equal("too_many_addresses", await answer.Refusal(HttpStatusCode.Conflict));
        Assert.Single(await All(client), address => address.GetProperty("isDefault").GetBoolean());
    }

    [Fact]
    public async Task Making_each_the_default_at_once_leaves_one()
    {
        var client = app.As(await app.Insert());
        List<Guid> ids = [];
        for (var i = 0; i < 6; i++)
            ids.Add((await Add(client, $"lugar {i}")).Id());
        var answers = await Task.WhenAll(ids.Select(id => client.Send(HttpMethod.Patch, $"{Path}/{id}", """{"isDefault":true}""")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(await All(client), address => address.GetProperty("isDefault").GetBoolean());
    }

    [Theory]
    [InlineData("country", "Brasil")]
    [InlineData("country", "br")]
    [InlineData("label", "")]
    [InlineData("state", null)]
    public async Task What_is_not_valid_is_named(string field, string? value)
    {
        var client = app.As(await app.Insert());
        var body = JsonSerializer.SerializeToNode(New("casa"))!;
        body[field] = value;
        var problem = await (await client.Post(Path, body)).Body(HttpStatusCode.BadRequest);
        Assert.Contains(field, problem.GetProperty("errors").GetRawText(), StringComparison.Ordinal);
        Assert.Equal("unauthenticated", await (await app.Guest.Post(Path, body)).Refusal(HttpStatusCode.Unauthorized));
    }

    private static object New(string label, bool isDefault = false) => new
    {
        label,
        street = "Rua das Laranjeiras",
        number = "12-A",
        neighborhood = "Laranjeiras",
        city = "Rio de Janeiro",
        state = "RJ",
        postalCode = "22240-003",
        country = "BR",
        isDefault,
    };

    private static async Task<JsonElement> Add(HttpClient client, string label, bool isDefault = false) => await (await client.Post(Path, New(label, isDefault))).Body(HttpStatusCode.Created);

    private static async Task<List<JsonElement>> All(HttpClient client) => [.. (await (await client.Get($"{Path}?limit=100")).Body()).GetProperty("data").EnumerateArray()];

    private static async Task<Guid> Default(HttpClient client) => Assert.Single(await All(client), address => address.GetProperty("isDefault").GetBoolean()).Id();
}
