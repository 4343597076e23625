using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.MovingIn;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.MovingIn;

/// <summary>Databases as the systems have them that are moved in from, and imports of them.</summary>
internal static class OldSystems
{
    /// <summary>Rows that such a database has in all, more or less.</summary>
    public static readonly int Rows = Size.Of(600, 50_000);

    /// <summary>A database of a system, and the rows that cannot come where they are wanted.</summary>
    public static async Task<string> OldSystem(this TestPostgres postgres, string system, DateTimeOffset now, bool isDirty = false, int? rows = null)
    {
        var address = await postgres.CreateEmptyDatabase();
        foreach (var name in (string[])[$"{system}.sql", $"{system}.dirty.sql"])
            if (isDirty || !name.Contains(".dirty.", StringComparison.Ordinal))
                await Run(address, (await File.ReadAllTextAsync(Path.Combine(Sources.Root, "tests", "moving-in", name), TestContext.Current.CancellationToken))
                    .Replace(":rows", (rows ?? Rows).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace(":now", $"'{now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}'", StringComparison.Ordinal));
        return address;
    }

    /// <summary>Runs statements in a database.</summary>
    public static async Task Run(string address, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address) { Pooling = false, CommandTimeout = 300 }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Imports a database.</summary>
    public static async Task<MoveInReport> Import(this QuitandaApp app, string system, string address, Func<MoveInOptions, MoveInOptions>? options = null, Action<string>? say = null)
    {
        var plain = new MoveInOptions { From = system, Address = address, Batch = Size.Of(50, 500) };
        var report = await app.Services.GetRequiredService<MoveIn>().Run(options is null ? plain : options(plain), say ?? (_ => { }), TestContext.Current.CancellationToken);
        Assert.True(report.IsComplete);
        return report;
    }

    /// <summary>Imports a database, and reads the report.</summary>
    public static async Task<(MoveInReport Report, JsonElement File)> Imported(this QuitandaApp app, string system, string source, Func<MoveInOptions, MoveInOptions>? more = null, Action<string>? say = null)
    {
        var path = Path.Combine(Path.GetTempPath(), $"quitanda-report-{Guid.CreateVersion7():N}.json");
        try
        {
            var report = await app.Import(system, source, options => (more?.Invoke(options) ?? options) with { ReportPath = path }, say);
            using var file = JsonDocument.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
            return (report, file.RootElement.Clone());
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>What every table holds that an import writes into, as a hash of its rows; without when they came, which is another time each time.</summary>
    public static async Task<string[]> Everything(string address)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(address) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        List<string> tables = [];
        await using (var command = new NpgsqlCommand("select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('accounts', 'catalog', 'ordering', 'booking', 'reviews', 'content', 'payments', 'movingin') order by 1", connection))
        await using (var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken))
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                tables.Add(reader.GetString(0));
        List<string> hashes = [];
        foreach (var table in tables)
        {
            await using var command = new NpgsqlCommand($"select count(*) || ' ' || coalesce(md5(string_agg(one::text, E'\\n' order by one::text)), '') from (select to_jsonb(t) - 'came_at' - 'imported_at' as one from {table} t) rows", connection);
            hashes.Add($"{table} {await command.ExecuteScalarAsync(TestContext.Current.CancellationToken)}");
        }

        return [.. hashes];
    }

    /// <summary>What a report says of a row: the codes, in their order.</summary>
    public static string[] Said(this JsonElement report, string kind, string id) =>
        [.. report.GetProperty("remarks").EnumerateArray().Where(remark => remark.Text("kind") == kind && remark.Text("id") == id).Select(remark => remark.Text("code")).Order(StringComparer.Ordinal)];

    /// <summary>A client of somebody who signs in with the password that they had.</summary>
    public static async Task<HttpClient> MovedIn(this QuitandaApp app, string email) => app.CreateClient((await (await app.SignIn(email)).Body()).Text("accessToken"));

    /// <summary>What something is here that came from elsewhere.</summary>
    public static async Task<Guid> Here(this QuitandaApp app, string source, string kind, string oldId) =>
        await app.Scalar<Guid>($"select new_id from movingin.arrivals where source = {source} and kind = {kind} and old_id = {oldId}");
}
