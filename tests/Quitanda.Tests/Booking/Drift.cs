using System.Net;
using System.Text.Json;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>The report of drift, as an admin asks for it.</summary>
internal static class Drift
{
    /// <summary>What a report that is made now names, as <c>kind expected/found</c> in order.</summary>
    public static async Task<string[]> Differences(this QuitandaApp app)
    {
        // What has just happened is left to the next report.
        app.Clock.Advance(TimeSpan.FromMinutes(16));
        await app.RunJobs();
        var admin = await app.Admin();
        var begun = await (await admin.Client.Post("/api/v1/reports/drift", new { })).Body(HttpStatusCode.Accepted);
        await app.RunJobs();
        var report = await (await admin.Client.Get("/api/v1/reports/drift")).Body();
        Assert.Equal((begun.Id(), JsonValueKind.String), (report.Id(), report.GetProperty("finishedAt").ValueKind));
        return [.. report.GetProperty("differences").EnumerateArray().Select(found => $"{found.Text("kind")} {found.Field("expected")}/{found.Field("found")}").Order(StringComparer.Ordinal)];
    }
}
