using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests;

/// <summary>The borders between modules. Modules are found by themselves, and each rule is fed a sample that breaks it.</summary>
public sealed partial class ArchitectureTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private IReadOnlyList<Assembly> Modules => [.. app.Services.GetServices<IModule>().Select(module => module.GetType().Assembly)];

    private IReadOnlyList<string> Names => [.. Modules.Select(NameOf)];

    [Fact]
    public void Every_project_that_is_no_tool_is_a_module_that_the_host_knows() =>
        Assert.Equal(
            Directory.GetDirectories(Path.Combine(Sources.Root, "src")).Select(Path.GetFileName).Except(["Host", "Platform"], StringComparer.Ordinal).Order(StringComparer.Ordinal),
            Names.Order(StringComparer.Ordinal), StringComparer.Ordinal);

    [Fact]
    public void Only_the_root_namespace_of_a_module_is_public() =>
        Assert.Empty(Modules.SelectMany(module => module.GetExportedTypes().Where(type => IsPublicTooDeep(type.Namespace, module.GetName().Name!)).Select(type => type.FullName)));

    [Fact]
    public void A_public_type_of_a_noun_is_found()
    {
        Assert.True(IsPublicTooDeep("Quitanda.Ordering.Orders", "Quitanda.Ordering"));
        Assert.False(IsPublicTooDeep("Quitanda.Ordering", "Quitanda.Ordering"));
    }

    [Fact]
    public Task Every_table_lies_in_the_schema_of_the_module_that_maps_it() => app.WithDb(db =>
    {
        var mapped = db.Model.GetEntityTypes().Select(entity => (entity.ClrType, Schema: entity.GetSchema())).ToList();
        Assert.NotEmpty(mapped);
        Assert.Empty(mapped.Where(entity => IsElsewhere(entity.ClrType, entity.Schema)).Select(entity => $"{entity.ClrType} in {entity.Schema}"));
        return Task.FromResult(true);
    });

    [Fact]
    public void A_table_in_the_schema_of_another_is_found()
    {
        Assert.True(IsElsewhere(typeof(Db), "ordering"));
        Assert.True(IsElsewhere(typeof(Db), null));
        Assert.False(IsElsewhere(typeof(Db), "platform"));
    }

    [Fact]
    public void No_SQL_names_the_schema_of_another_module()
    {
        // A module from outside is held to it as those inside are.
        var files = ((string[])["src", "examples"]).SelectMany(folder => Sources.Below(folder, "*.cs").Concat(Sources.Below(folder, "*.sql"))).ToList();
        Assert.Contains(files, file => file.Path.EndsWith(".sql", StringComparison.Ordinal));
        Assert.Empty(files.SelectMany(file => Trespasses(file, Names)));
    }

    [Fact]
    public void SQL_that_trespasses_is_found()
    {
        string[] names = ["Accounts", "Catalog", "Ordering"];
        Assert.Single(Trespasses(new("src/Ordering/Orders/PlaceOrder.cs", "db.Write($\"update catalog.products set stock = 0\");"), names));
        Assert.Single(Trespasses(new("src/Ordering/Orders/PlaceOrder.cs", "db.Read($\"\"\"\n select 1 from ordering.orders o\n join accounts.users u on true\n\"\"\");"), names));
        Assert.Single(Trespasses(new("src/Ordering/Migrations/0002_x.sql", "alter table ordering.orders add foreign key (user_id) references accounts.users;"), names));
        Assert.Single(Trespasses(new("src/Ordering/Orders/PlaceOrder.cs", "db.Read($\"delete from platform.jobs\");"), names));
        Assert.Empty(Trespasses(new("src/Catalog/Products/Product.cs", "// Stock of catalog.products, not of accounts.users.\nvar x = \"select 1 from catalog.products\";"), names));
    }

    [Fact]
    public void References_go_down_only()
    {
        var order = Names.ToList();
        Assert.Empty(Modules.SelectMany(module => Upward(NameOf(module), module.GetReferencedAssemblies().Select(reference => reference.Name!), order)));
        Assert.DoesNotContain(typeof(Db).Assembly.GetReferencedAssemblies(), reference => reference.Name!.StartsWith("Quitanda.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_reference_upward_is_found()
    {
        List<string> order = ["Accounts", "Payments", "Ordering"];
        Assert.Equal(["Accounts refers to Ordering"], Upward("Accounts", ["Quitanda.Platform", "Quitanda.Ordering", "System.Linq"], order), StringComparer.Ordinal);
        Assert.Empty(Upward("Ordering", ["Quitanda.Accounts", "Quitanda.Payments"], order));
    }

    [Fact]
    public void Nobody_but_the_executor_begins_or_commits() =>
        Assert.Empty(Sources.Below("src", "*.cs").Where(file => Names.Contains(file.Module, StringComparer.Ordinal)).SelectMany(Transactions));

    [Fact]
    public void A_handler_with_a_transaction_of_its_own_is_found()
    {
        foreach (var line in (string[])[
            "await db.Database.BeginTransactionAsync(ct);", "await transaction.CommitAsync(ct);", "await db.SaveChangesAsync(ct);", "db.SaveChanges();", "await database.Hot.OpenConnectionAsync(ct);",
            "await db.Execute($\"commit\", ct);", "await db.Execute($\"begin; update x\", ct);"])
            Assert.Single(Transactions(new("src/Ordering/Orders/PlaceOrder.cs", line)));
        Assert.Empty(Transactions(new("src/Payments/Sandbox/SandboxProvider.cs", "class SandboxProvider(Database database) : IPaymentProvider { await transaction.CommitAsync(ct); }")));
        Assert.Empty(Transactions(new("src/Ordering/Orders/PlaceOrder.cs", "await db.Execute($\"update ordering.orders set begins_at = now()\", ct); // commit")));
    }

    [Fact]
    public void Every_use_case_is_a_static_class_in_a_file_of_its_own_in_the_folder_of_its_noun()
    {
        var files = Sources.Below("src", "*.cs");
        var useCases = Modules.SelectMany(UseCasesOf).ToList();
        Assert.NotEmpty(useCases);
        Assert.Empty(useCases.SelectMany(useCase => Misplaced(useCase.FullName!, useCase is { IsAbstract: true, IsSealed: true, IsNotPublic: true }, files)));
    }

    [Fact]
    public void A_use_case_in_the_wrong_place_is_found()
    {
        SourceFile[] files = [new("src/Ordering/Orders/PlaceOrder.cs", ""), new("src/Ordering/Loose.cs", "")];
        Assert.Empty(Misplaced("Quitanda.Ordering.Orders.PlaceOrder", true, files));
        Assert.Single(Misplaced("Quitanda.Ordering.Orders.PlaceOrder", false, files));
        Assert.Single(Misplaced("Quitanda.Ordering.Orders.CancelOrder", true, files));
        Assert.Single(Misplaced("Quitanda.Ordering.Loose", true, files));
    }

    private static string NameOf(Assembly module) => module.GetName().Name!["Quitanda.".Length..];

    private static bool IsPublicTooDeep(string? space, string module) => space != module;

    private static bool IsElsewhere(Type type, string? schema) => !string.Equals(schema, NameOf(type.Assembly), StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> Trespasses(SourceFile file, IEnumerable<string> modules)
    {
        var others = modules.Append("Platform").Where(module => module != file.Module).Select(module => module.ToLowerInvariant());
        var foreign = new Regex($@"\b(from|join|into|update|table|references|on|delete)\s+(only\s+)?({string.Join('|', others)})\.[a-z_]+", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        return file.Literals.SelectMany(literal => foreign.Matches(literal)).Select(match => $"{file.Path}: {match.Value}");
    }

    private static IEnumerable<string> Upward(string module, IEnumerable<string> references, List<string> order) =>
        from reference in references
        where reference.StartsWith("Quitanda.", StringComparison.Ordinal) && reference != "Quitanda.Platform"
        let other = reference["Quitanda.".Length..]
        where order.IndexOf(other) >= order.IndexOf(module)
        select $"{module} refers to {other}";

    // A provider stands for the other side of the network, which has books of its own.
    private static IEnumerable<string> Transactions(SourceFile file) => Provider().IsMatch(file.Code) ? [] :
        Transaction().Matches(file.Code).Select(match => $"{file.Path}: {match.Value}")
            .Concat(file.Literals.Where(literal => CommandOfTransaction().IsMatch(literal)).Select(literal => $"{file.Path}: {literal}"));

    private static IEnumerable<Type> UseCasesOf(Assembly module) =>
        module.GetTypes().Where(type => type.DeclaringType is null && type.GetMethod("Handle", BindingFlags.Public | BindingFlags.Static) is not null);

    private static IEnumerable<string> Misplaced(string useCase, bool isStaticAndInternal, IEnumerable<SourceFile> files)
    {
        var parts = useCase.Split('.');
        if (!isStaticAndInternal)
            yield return $"{useCase} is not an internal static class";
        if (parts.Length < 4)
            yield return $"{useCase} has no noun";
        else if (!files.Any(file => file.Path == $"src/{string.Join('/', parts[1..])}.cs"))
            yield return $"{useCase} has no file of its own";
    }

    [GeneratedRegex(@"\bclass \w+(\([^)]*\))? : I\w*Provider\b", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Provider();

    [GeneratedRegex(@"\b(BeginTransaction|CommitAsync|Commit\(|RollbackAsync|Rollback\(|SaveChanges|OpenConnection|UseTransaction)\w*", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Transaction();

    [GeneratedRegex("^\"+\\s*(begin|commit|rollback|start transaction)\\s*(;|\"|$)", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 5000)]
    private static partial Regex CommandOfTransaction();
}
