namespace Quitanda.Tests.Platform;

public sealed class OpenApiTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    [Fact]
    public async Task Dump()
    {
        var t = System.Diagnostics.Stopwatch.StartNew();
        var text = await app.Guest.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync("/tmp/openapi-v1.json", text, TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage($"{t.ElapsedMilliseconds}");
        var r = await app.Guest.GetAsync("/docs/index.html", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync("/tmp/docs.html", r + await r.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
    }
}
