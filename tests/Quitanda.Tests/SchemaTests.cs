using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Quitanda.Platform;

namespace Quitanda.Tests;

/// <summary>EF's model and the migrated database say the same, in both directions.</summary>
public sealed partial class SchemaTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const string Ours = "n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'public') and n.nspname not like 'pg\\_temp%' and n.nspname not like 'pg\\_toast%'";

    [Fact]
    public async Task Every_column_of_the_model_is_in_the_database_and_the_other_way_round()
    {
        var model = await Model();
        Assert.NotEmpty(model);
        Assert.Empty(Differences(model, await Columns()));
    }

    [Fact]
    public async Task A_database_that_drifted_is_found_out()
    {
        var model = await Model();
        await app.WithDb<bool>(async db =>
        {
            foreach (var change in (string[])[
                "alter table platform.jobs add column surplus text",
                "alter table platform.jobs alter column trace_parent set not null",
                "alter table platform.jobs alter column attempts type bigint",
                "alter table platform.idempotency_keys drop column location",
                "alter table platform.data_protection_keys drop constraint data_protection_keys_pkey",
                "alter table platform.data_protection_keys add primary key (xml)",
                "create table platform.surplus (id uuid primary key)"])
                await db.Execute(Sql.Raw(change), TestContext.Current.CancellationToken);
            Assert.Equal(
                [
                    "platform.data_protection_keys.name: text key in the model, text in the database",
                    "platform.data_protection_keys.xml: text in the model, text key in the database",
                    "platform.idempotency_keys.location: text null in the model, missing in the database",
                    "platform.jobs.attempts: integer in the model, bigint in the database",
                    "platform.jobs.surplus: missing in the model, text null in the database",
                    "platform.jobs.trace_parent: text null in the model, text in the database",
                    "platform.surplus.id: missing in the model, uuid key in the database",
                ],
                Differences(model, await Columns(db)), StringComparer.Ordinal);
            throw new UndoneException();
        }).ContinueWith(undone => Assert.IsType<UndoneException>(undone.Exception?.InnerException), TaskScheduler.Default);
    }

    [Fact]
    public async Task Every_enum_has_a_check_with_exactly_its_names()
    {
        var checks = await app.WithDb(db => db.Read(Sql.Raw($"""
            select n.nspname || '.' || t.relname || '.' || a.attname, pg_get_constraintdef(c.oid)
            from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace join pg_attribute a on a.attrelid = t.oid and a.attnum = any (c.conkey)
            where c.contype = 'c' and array_length(c.conkey, 1) = 1 and {Ours}
            union all
            select n.nspname || '.' || t.relname || '.' || a.attname, pg_get_constraintdef(c.oid)
            from pg_constraint c join pg_attribute a on a.atttypid = c.contypid join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
            where c.contype = 'c' and c.contypid <> 0 and t.relkind in ('r', 'p') and not a.attisdropped and {Ours}
            """), row => (Column: row.GetString(0), Definition: row.GetString(1)), TestContext.Current.CancellationToken));
        Assert.Empty(await app.WithDb(db => Task.FromResult(EnumDifferences(
            [.. from property in Mapped(db)
                let type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType
                where type.IsEnum && property.GetColumnType() == "text"
                select (NameOf(property), Enum.GetNames(type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))], checks).ToList())));
    }

    [Fact]
    public void An_enum_that_drifted_is_found_out()
    {
        string[] names = ["ready", "dead"];
        static (string, string)[] Checked(string definition) => [("platform.jobs.state", definition)];
        Assert.Empty(EnumDifferences([("platform.jobs.state", names)], Checked("CHECK ((state = ANY (ARRAY['ready'::text, 'dead'::text])))")));
        Assert.NotEmpty(EnumDifferences([("platform.jobs.state", names)], Checked("CHECK ((state = ANY (ARRAY['ready'::text, 'gone'::text])))")));
        Assert.NotEmpty(EnumDifferences([("platform.jobs.state", names)], Checked("CHECK ((state = 'ready'::text))")));
        Assert.NotEmpty(EnumDifferences([("platform.jobs.state", names)], []));
    }

    [Fact]
    public async Task No_foreign_key_leaves_its_schema()
    {
        Assert.Empty(await Leaving());
        await app.WithDb<bool>(async db =>
        {
            await db.Execute(Sql.Raw("create schema elsewhere"), TestContext.Current.CancellationToken);
            await db.Execute(Sql.Raw("create table elsewhere.things (id bigint references platform.jobs)"), TestContext.Current.CancellationToken);
            Assert.Equal(["elsewhere.things"], await Leaving(db), StringComparer.Ordinal);
            throw new UndoneException();
        }).ContinueWith(undone => Assert.IsType<UndoneException>(undone.Exception?.InnerException), TaskScheduler.Default);
    }

    private static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> model, IReadOnlyDictionary<string, string> database) =>
        from column in model.Keys.Union(database.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
        let modelled = model.GetValueOrDefault(column, "missing")
        let stored = database.GetValueOrDefault(column, "missing")
        where modelled != stored
        select $"{column}: {modelled} in the model, {stored} in the database";

    private static IEnumerable<string> EnumDifferences(IEnumerable<(string Column, IEnumerable<string> Names)> enums, IReadOnlyCollection<(string Column, string Definition)> checks) =>
        from pair in enums
        let wanted = pair.Names.Order(StringComparer.Ordinal).ToArray()
        let found = checks.Where(check => check.Column == pair.Column).Select(check => Quoted().Matches(check.Definition).Select(match => match.Groups["name"].Value).Order(StringComparer.Ordinal).ToArray())
        where !found.Any(names => names.SequenceEqual(wanted, StringComparer.Ordinal))
        select $"{pair.Column} has no check of exactly {string.Join(", ", wanted)}";

    private static IEnumerable<IProperty> Mapped(Db db) => db.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties());

    private static string NameOf(IProperty property) => $"{property.DeclaringType.GetSchema()}.{property.DeclaringType.GetTableName()}.{property.GetColumnName()}";

    private Task<Dictionary<string, string>> Model() => app.WithDb(db => Task.FromResult(Mapped(db).ToDictionary(NameOf,
        property => $"{property.GetColumnType()}{(property.IsColumnNullable() ? " null" : "")}{(property.IsPrimaryKey() ? " key" : "")}", StringComparer.Ordinal)));

    private Task<Dictionary<string, string>> Columns() => app.WithDb(Columns);

    private static async Task<Dictionary<string, string>> Columns(Db db) => (await db.Read(Sql.Raw($"""
        select n.nspname || '.' || t.relname || '.' || a.attname, format_type(coalesce(nullif(y.typbasetype, 0), a.atttypid), a.atttypmod), not a.attnotnull,
               exists (select from pg_constraint c where c.conrelid = t.oid and c.contype = 'p' and a.attnum = any (c.conkey))
        from pg_attribute a join pg_type y on y.oid = a.atttypid join pg_class t on t.oid = a.attrelid join pg_namespace n on n.oid = t.relnamespace
        where t.relkind in ('r', 'p') and not t.relispartition and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and {Ours} and (n.nspname, t.relname) <> ('platform', 'migrations')
        """), row => (Name: row.GetString(0), Type: $"{row.GetString(1)}{(row.GetBoolean(2) ? " null" : "")}{(row.GetBoolean(3) ? " key" : "")}"), TestContext.Current.CancellationToken))
        .ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);

    private Task<List<string>> Leaving() => app.WithDb(Leaving);

    private static Task<List<string>> Leaving(Db db) => db.Read(Sql.Raw($"""
        select n.nspname || '.' || t.relname from pg_constraint c
        join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace join pg_class o on o.oid = c.confrelid
        where c.contype = 'f' and t.relnamespace <> o.relnamespace
        """), row => row.GetString(0), TestContext.Current.CancellationToken);

    [GeneratedRegex("'(?<name>[^']*)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    /// <summary>Undoes what a test did to the schema.</summary>
    private sealed class UndoneException : Exception;
}
