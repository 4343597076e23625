using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.Host;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed class MigratorTests(TestPostgres postgres)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_that_start_at_once_apply_every_file_once_and_the_sixth_finds_nothing_to_do()
    {
        var connection = await postgres.CreateEmptyDatabase();
        await using var app = QuitandaApp.Build(connection, _ => { });
        var database = app.Services.GetRequiredService<Database>();
        var applied = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Migrate(app)));
        var all = applied.SelectMany(files => files).ToList();
        Assert.NotEmpty(all);
        Assert.Equal(all.Distinct(StringComparer.Ordinal), all, StringComparer.Ordinal);
        Assert.Equal(4, applied.Count(files => files.Count == 0));
        Assert.Empty(await Migrate(app));
        Assert.True(await Migrator.IsCurrent(database, Application.Migrations(app.Services), Ct));
        await postgres.DropDatabase(connection);
    }

    [Fact]
    public async Task A_file_that_was_edited_after_it_was_applied_stops_the_start_and_names_itself()
    {
        var connection = await postgres.CreateDatabase();
        await using var app = QuitandaApp.Build(connection, _ => { });
        await using (var command = app.Services.GetRequiredService<Database>().Hot.CreateCommand("update platform.migrations set sha256 = 'other' where name = '0001_platform.sql'"))
            Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Migrate(app));
        Assert.Contains("Quitanda.Platform/0001_platform.sql", error.Message, StringComparison.Ordinal);
        await postgres.DropDatabase(connection);
    }

    [Fact]
    public async Task A_file_that_fails_leaves_nothing_of_itself()
    {
        var connection = await postgres.CreateEmptyDatabase();
        await using var app = QuitandaApp.Build(connection, _ => { });
        await using (var command = app.Services.GetRequiredService<Database>().Hot.CreateCommand("create schema platform; create table platform.data_protection_keys (id int)"))
            await command.ExecuteNonQueryAsync(Ct);
        await Assert.ThrowsAsync<PostgresException>(() => Migrate(app));
        await using (var command = app.Services.GetRequiredService<Database>().Hot.CreateCommand("select to_regclass('platform.jobs') is null and not exists (select from platform.migrations)"))
            Assert.Equal(true, await command.ExecuteScalarAsync(Ct));
        await postgres.DropDatabase(connection);
    }

    [Theory]
    [InlineData("postgres://ana:p%40ss%2Fword@db.example:6432/shop?sslmode=verify-full", "Host=db.example;Port=6432;Database=shop;Username=ana;Password=p@ss/word;SSL Mode=VerifyFull")]
    [InlineData("postgresql://ana@db.example/shop", "Host=db.example;Port=5432;Database=shop;Username=ana")]
    [InlineData("Host=db.example;Database=shop", "Host=db.example;Database=shop")]
    public void A_database_address_is_read_as_providers_give_it(string address, string meant) => Assert.Equal(meant, Database.Parse(address));

    [Fact]
    public void A_parameter_of_an_address_that_is_not_known_is_refused() => Assert.Throws<FormatException>(() => Database.Parse("postgres://ana@db.example/shop?pool=3"));

    private static Task<IReadOnlyList<string>> Migrate(WebApplication app) => Migrator.Migrate(app.Services.GetRequiredService<Database>(), Application.Migrations(app.Services), Ct);
}
