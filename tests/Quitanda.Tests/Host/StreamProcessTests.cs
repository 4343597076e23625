using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Quitanda.Tests.Platform;

namespace Quitanda.Tests.Host;

/// <summary>Streams and the hub over two host processes on one database, and what becomes of them when a process stops.</summary>
public sealed class StreamProcessTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignalRs_own_client_and_event_streams_hear_of_changes_on_another_process_and_are_sent_on_when_theirs_stops()
    {
        await using var data = new DataFolder();
        var (portA, portB) = (HostProcess.FreePort(), HostProcess.FreePort());
        using var hostA = await HostProcess.Serve(data.Path, portA);
        // Who waits for what is open waits longer than a test waits for an exit code.
        var hostB = await HostProcess.Serve(new Dictionary<string, string>(StringComparer.Ordinal) { ["Http__StopSeconds"] = "300" }, data.Path, portB);
        using var a = HostProcess.Client(portA);
        using var b = HostProcess.Client(portB);
        var people = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(data.Path, "demo-credentials.json"), _ct)).RootElement;
        var (ana, staff) = (await SignIn(a, people.GetProperty("customer")), await SignIn(a, people.GetProperty("staff")));
        using var registered = await a.PostAsJsonAsync("/api/v1/auth/register", new { name = "Bia", email = "bia@example.com", password = "correct horse battery" }, _ct);
        var bia = (await registered.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("accessToken").GetString()!;
        var there = $"http://127.0.0.1:{portB}";
        using var node = await Npm.Start("realtime", "listen.js", JsonSerializer.Serialize((IEnumerable<object>)[new { who = "ana", url = there, token = ana }, new { who = "bia", url = there, token = bia }, new { who = "staff", url = there, token = staff }]));
        foreach (var who in (string[])["ana", "bia", "staff"])
        {
            await node.Until(said => Is(said, who, "connected"));
            await node.Until(said => Is(said, who, "not invoked"));
        }

        // Changed on A, heard at B.
        var (ofAna, ofBia) = (await Place(a, ana), await Place(a, bia));
        b.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ana);
        await using var events = await EventReader.Open(b, $"/api/v1/orders/{ofAna}/events");
        Assert.Equal("pending", (await events.Next())!.Status);
        await Send(a, staff, $"/api/v1/orders/{ofAna}/confirm", null, HttpStatusCode.OK);
        await Send(a, staff, $"/api/v1/orders/{ofBia}/cancel", null, HttpStatusCode.OK);
        Assert.Equal("confirmed", (await events.Next())!.Status);
        foreach (var (who, order, status) in (IEnumerable<(string, Guid, string)>)[("ana", ofAna, "confirmed"), ("staff", ofAna, "confirmed"), ("bia", ofBia, "cancelled"), ("staff", ofBia, "cancelled")])
            await node.Until(said => Is(said, who, "orderChanged") && said.GetProperty("body").GetProperty("id").GetGuid() == order && said.GetProperty("body").GetProperty("status").GetString() == status);
        Assert.DoesNotContain(node.Said, said => Is(said, "ana", "orderChanged") && said.GetProperty("body").GetProperty("id").GetGuid() == ofBia);
        Assert.DoesNotContain(node.Said, said => Is(said, "bia", "orderChanged") && said.GetProperty("body").GetProperty("id").GetGuid() == ofAna);

        // B stops with all of that open: at once, and without complaint.
        Assert.Equal(0, await hostB.Interrupt());
        Assert.Null(await events.Next());
        Assert.DoesNotContain("\"level\":\"error\"", hostB.Errors, StringComparison.Ordinal);
        hostB.Dispose();
        // They were told to come again, not cut off.
        var left = await node.Until(said => Is(said, "staff", "reconnecting"));
        Assert.DoesNotContain("1006", left.GetRawText(), StringComparison.Ordinal);

        // What came meanwhile is replayed by the next process; the hub's clients come again by themselves, each with a new ticket.
        await Send(a, staff, $"/api/v1/orders/{ofAna}/prepare", null, HttpStatusCode.OK);
        using var againB = await HostProcess.Serve(data.Path, portB);
        await using var again = await EventReader.Open(b, $"/api/v1/orders/{ofAna}/events", lastEventId: 2);
        Assert.Equal((3, "preparing"), await again.Next() is { } heard ? (heard.Id, heard.Status) : (0, null));
        await node.Until(said => Is(said, "ana", "reconnected"));
        await Send(a, staff, $"/api/v1/orders/{ofAna}/ready", null, HttpStatusCode.OK);
        await node.Until(said => Is(said, "ana", "orderChanged") && said.GetProperty("body").GetProperty("status").GetString() == "ready");

        Assert.DoesNotContain(ana, hostB.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("access_token", hostB.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await againB.Interrupt());
        Assert.Equal(0, await hostA.Interrupt());
    }

    private static bool Is(JsonElement said, string who, string what) => said.GetProperty("who").GetString() == who && said.GetProperty("what").GetString() == what;

    private async Task<Guid> Place(HttpClient client, string token)
    {
        var menu = await client.GetFromJsonAsync<JsonElement>("/api/v1/products?available=true&limit=1", _ct);
        var product = menu.GetProperty("data")[0].GetProperty("id").GetGuid();
        var order = await Send(client, token, "/api/v1/orders", new { items = new[] { new { productId = product, quantity = 1 } }, fulfillment = "pickup", paymentMethod = "manual" }, HttpStatusCode.Created);
        return order.GetProperty("id").GetGuid();
    }

    private async Task<JsonElement> Send(HttpClient client, string token, string path, object? body, HttpStatusCode wanted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request, _ct);
        var text = await response.Content.ReadAsStringAsync(_ct);
        Assert.True(response.StatusCode == wanted, $"{path} answered {(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<string> SignIn(HttpClient client, JsonElement person)
    {
        using var response = await client.PostAsJsonAsync("/api/v1/auth/login", person, _ct);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(_ct)).GetProperty("accessToken").GetString()!;
    }
}
