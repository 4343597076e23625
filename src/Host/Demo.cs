using System.Text.Json;
using Quitanda.Platform;

namespace Quitanda.Host;

/// <summary>Fills an empty database with the demo snack bar, and keeps the credentials it made.</summary>
internal static class Demo
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Where the credentials are kept.</summary>
    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "demo-credentials.json");

    /// <summary>Fills the demo in, unless some module holds something already: then null.</summary>
    public static Task<DemoPeople?> Fill(IServiceProvider services, string dataFolder, CancellationToken ct) =>
        services.GetRequiredService<Executor>().Run(async provider =>
        {
            var db = provider.GetRequiredService<Db>();
            // Two processes may start on one empty database; the second waits here and then finds it filled.
            await db.Execute($"select pg_advisory_xact_lock(hashtext('quitanda demo'))", ct);
            var demos = provider.GetServices<IDemo>().ToList();
            foreach (var demo in demos)
                if (!await demo.IsEmpty(db, ct))
                    return null;

            var people = new DemoPeople();
            foreach (var demo in demos)
                await demo.Fill(db, people, ct);
            // Before the commit: people whose passwords nobody knows would be of no use.
            Keep(people, dataFolder);
            return people;
        }, ct);

    private static void Keep(DemoPeople people, string dataFolder)
    {
        Directory.CreateDirectory(dataFolder);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(PathIn(dataFolder));
        using var file = new FileStream(PathIn(dataFolder), options);
        JsonSerializer.Serialize(file, people.ByRole.ToDictionary(person => person.Key, person => new { person.Value.Email, person.Value.Password }, StringComparer.Ordinal), Readable);
    }
}
