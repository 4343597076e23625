using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Quitanda.Tests.Payments;

/// <summary>The application as it is where nobody asked for the sandbox.</summary>
public sealed class AppWithoutSandbox(TestPostgres postgres) : PaymentsApp(postgres)
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Payments:SandboxEnabled"] = null, ["Payments:ManualEnabled"] = "false" });
    }
}

public sealed class SandboxOffTests(AppWithoutSandbox app) : IClassFixture<AppWithoutSandbox>
{
    [Fact]
    public async Task Without_the_sandbox_nobody_pays_with_it_and_its_routes_are_not_there()
    {
        var ana = await app.Somebody();
        var order = await app.Order(ana);

        var problem = await (await ana.AskToPay(order)).Read(HttpStatusCode.BadRequest);
        Assert.Equal("is off: Payments:SandboxEnabled is false. No provider is switched on.", problem.GetProperty("errors").GetProperty("provider")[0].GetString());
        foreach (var route in (string[])["succeed", "fail", "delay"])
            await ana.Post($"/api/v1/sandbox/payments/{Guid.CreateVersion7()}/{route}", new { seconds = 1, outcome = "succeed" }).IsRefused(HttpStatusCode.NotFound, "not_found");
        Assert.Equal(0, await app.Count($"select count(*) from payments.payments"));
    }
}
