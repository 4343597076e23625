using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;

namespace Quitanda.Tests;

/// <summary>What STYLE.md says and no analyzer does. Each rule is fed a sample that breaks it, and stays in the suite.</summary>
public sealed partial class StyleTests(QuitandaApp app) : IClassFixture<QuitandaApp>
{
    private const int LinesAtMost = 350;

    private static readonly string[] Banned = ["Dto", "Manager", "Helper", "Service", "Base", "Impl", "Utils"];

    private IEnumerable<Type> Ours => app.Services.GetServices<IModule>().Select(module => module.GetType().Assembly).Append(typeof(Db).Assembly)
        .Append(Assembly.Load("quitanda")).Append(typeof(StyleTests).Assembly).Distinct().SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.Namespace?.StartsWith("Quitanda.", StringComparison.Ordinal) == true && !type.Name.Contains('<', StringComparison.Ordinal));

    [Fact]
    public void No_type_hides_its_name_behind_a_suffix() => Assert.Empty(Ours.Where(type => HidesItsName(type.Name)).Select(type => type.FullName));

    [Theory]
    [InlineData("OrderDto")]
    [InlineData("StockManager")]
    [InlineData("EntityBase`1")]
    [InlineData("CartUtils")]
    public void A_hidden_name_is_found(string name) => Assert.True(HidesItsName(name));

    [Fact]
    public void Our_own_methods_have_no_Async_suffix() => Assert.Empty(Ours.SelectMany(Declared).Where(HasSuffix).Select(method => $"{method.DeclaringType}.{method.Name}"));

    // That it comes last, the analyzers say.
    [Fact]
    public void A_cancellation_token_is_called_ct() => Assert.Empty(Ours.SelectMany(Declared).Where(HidesItsToken).Select(method => $"{method.DeclaringType}.{method.Name}"));

    [Fact]
    public void Methods_that_break_the_rules_are_found()
    {
        var sample = typeof(Sample).GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.Static);
        Assert.Equal(["SaveAsync"], sample.Where(HasSuffix).Select(method => method.Name), StringComparer.Ordinal);
        Assert.Equal(["NotCalledSo"], sample.Where(HidesItsToken).Select(method => method.Name), StringComparer.Ordinal);
    }

    [Fact]
    public void No_file_is_longer_than_one_can_keep_in_mind_and_none_says_what_is_left_to_do()
    {
        var files = Sources.Below("src", "*.cs").Concat(Sources.Below("tests", "*.cs")).Concat(Sources.Below("examples", "*.cs")).Concat(Sources.Below("src", "*.sql")).ToList();
        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(Untidy));
    }

    [Fact]
    public void An_untidy_file_is_found()
    {
        Assert.Equal(["src/A/Long.cs has 351 lines"], Untidy(new("src/A/Long.cs", new string('\n', 350))), StringComparer.Ordinal);
        foreach (var word in (string[])["TO" + "DO", "FIX" + "ME", "HA" + "CK"])
            Assert.Single(Untidy(new("src/A/A.cs", $"// {word}: later")));
        Assert.Empty(Untidy(new("src/A/A.cs", "// Everything is done.\nvar hackathon = 1;")));
    }

    // The compiler would take it for SQL and splice its text in: a value that was sent would become a statement.
    [Fact]
    public void No_interpolated_string_stands_in_a_hole_of_another() => Assert.Empty(Sources.Below("src", "*.cs").Concat(Sources.Below("examples", "*.cs")).SelectMany(Spliced));

    [Fact]
    public void A_string_spliced_into_a_hole_is_found()
    {
        Assert.Single(Spliced(new("src/A/A.cs", "db.Write($\"select {" + "$\"{name}%\"}\");")));
        Assert.Single(Spliced(new("src/A/A.cs", "db.Write($\"select { " + "$\"\"\"{name}%\"\"\"}\");")));
        Assert.Empty(Spliced(new("src/A/A.cs", "db.Write($\"select {pattern} {Sql.Of($\"{id}\")}\");")));
    }

    [Fact]
    public void Tests_do_not_sleep_but_where_they_wait_for_another_process() => Assert.Empty(Sources.Below("tests", "*.cs").Concat(Sources.Below("examples", "*.cs")).SelectMany(Sleeping));

    [Fact]
    public void A_test_that_sleeps_is_found()
    {
        Assert.Single(Sleeping(new("tests/A/ATests.cs", "await Task." + "Delay(TimeSpan.FromSeconds(1), TimeProvider.System);")));
        Assert.Single(Sleeping(new("tests/A/ATests.cs", "Thread." + "Sleep(5);")));
        Assert.Empty(Sleeping(new("tests/A/ATests.cs", "await Task." + "Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);")));
        Assert.Empty(Sleeping(new("tests/A/ATests.cs", "var host = HostProcess.Start();\nawait Task." + "Delay(pause, TimeProvider.System, ct);")));
        Assert.Empty(Sleeping(new("tests/A/ATests.cs", "/// <summary>Waits for another process.</summary>\nawait Task." + "Delay(pause, TimeProvider.System, ct);")));
    }

    // The formatter that sees whitespace does not see these.
    [Fact]
    public void Usings_are_in_order() => Assert.Empty(Sources.Below("src", "*.cs").Concat(Sources.Below("tests", "*.cs")).Concat(Sources.Below("examples", "*.cs")).SelectMany(Disordered));

    [Fact]
    public void Usings_out_of_order_are_found()
    {
        Assert.Equal(["src/A/A.cs: System.Text"], Disordered(new("src/A/A.cs", "using Npgsql;\nusing System.Text;\n")), StringComparer.Ordinal);
        Assert.Equal(["src/A/A.cs: System.IO"], Disordered(new("src/A/A.cs", "using System.Text;\nusing System.IO;\n")), StringComparer.Ordinal);
        Assert.Empty(Disordered(new("src/A/A.cs", "using System.Text;\nusing Npgsql;\nusing Npgsql.Internal;\nusing Other = System.IO.File;\n")));
    }

    [Fact]
    public void Every_class_of_tests_is_named_so() => Assert.Empty(typeof(StyleTests).Assembly.GetTypes()
        .Where(type => type.GetMethods().Any(method => method.GetCustomAttributes().Any(attribute => attribute is FactAttribute)) && NamedWrong(type.Name)).Select(type => type.FullName));

    [Fact]
    public void A_class_of_tests_named_otherwise_is_found()
    {
        Assert.True(NamedWrong("OrderSpecs"));
        Assert.False(NamedWrong(nameof(StyleTests)));
    }

    private static bool HidesItsName(string name) => Array.Exists(Banned, suffix => name.Split('`')[0].EndsWith(suffix, StringComparison.Ordinal));

    private static IEnumerable<MethodInfo> Declared(Type type) => type == typeof(Sample) ? [] : type
        .GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)
        // What the framework calls by its own name, or a compiler made, is not ours to name.
        .Where(method => !method.Name.Contains('<', StringComparison.Ordinal) && !method.Name.Contains('.', StringComparison.Ordinal) && !method.IsSpecialName && method.GetBaseDefinition() == method && !IsOfInterface(method));

    private static bool IsOfInterface(MethodInfo method) => method.DeclaringType is { IsInterface: false } type && type.GetInterfaces()
        .Where(contract => contract.Namespace?.StartsWith("Quitanda.", StringComparison.Ordinal) != true)
        .Any(contract => type.GetInterfaceMap(contract).TargetMethods.Contains(method));

    // Middleware is found by its method's name, BindAsync by the binder.
    private static bool HasSuffix(MethodInfo method) => method.Name.EndsWith("Async", StringComparison.Ordinal) && method.Name is not ("InvokeAsync" or "BindAsync");

    private static bool HidesItsToken(MethodInfo method) =>
        !method.DeclaringType!.IsSubclassOf(typeof(Delegate)) && method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CancellationToken) && parameter.Name != "ct");

    private static IEnumerable<string> Untidy(SourceFile file)
    {
        var lines = file.Text.TrimEnd('\r').Count(character => character == '\n') + (file.Text.EndsWith('\n') && file.Text.Trim().Length > 0 ? 0 : 1);
        if (lines > LinesAtMost)
            yield return $"{file.Path} has {lines} lines";
        if (LeftToDo().Match(file.Text) is { Success: true } left)
            yield return $"{file.Path} says {left.Value}";
    }

    private static IEnumerable<string> Sleeping(SourceFile file)
    {
        if (file.Code.Contains("HostProcess", StringComparison.Ordinal))
            yield break;
        var lines = file.Text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
            if (Sleep().IsMatch(lines[i]) && !lines[Math.Max(0, i - 15)..i].Any(line => line.Contains("process", StringComparison.OrdinalIgnoreCase) && line.TrimStart().StartsWith("//", StringComparison.Ordinal)))
                yield return $"{file.Path}:{i + 1}";
    }

    private static IEnumerable<string> Spliced(SourceFile file) => file.Text.Split('\n').Index().Where(line => SplicedString().IsMatch(line.Item)).Select(line => $"{file.Path}:{line.Index + 1}");

    private static IEnumerable<string> Disordered(SourceFile file)
    {
        var names = file.Text.Split('\n').Select(line => Using().Match(line)).Where(match => match.Success).Select(match => match.Groups["name"].Value).ToList();
        return names.Zip(names.Skip(1)).Where(pair => Place(pair.First).CompareTo(Place(pair.Second)) > 0).Select(pair => $"{file.Path}: {pair.Second}");

        static (bool IsOther, string Name) Place(string name) => (name != "System" && !name.StartsWith("System.", StringComparison.Ordinal), name.ToUpperInvariant());
    }

    private static bool NamedWrong(string name) => !name.EndsWith("Tests", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HA[C]K)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LeftToDo();

    [GeneratedRegex(@"^using (?<name>[\w.]+);", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Using();

    [GeneratedRegex(@"\{\s*\$""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SplicedString();

    [GeneratedRegex(@"\b(Task\.Delay|Thread\.Sleep)\((?!Timeout\.Infinite)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Sleep();

    /// <summary>Breaks the rules.</summary>
    private static class Sample
    {
        public static Task SaveAsync() => Task.CompletedTask;

        public static void NotCalledSo(CancellationToken token) => _ = token.IsCancellationRequested;

        public static void Good(int more, CancellationToken ct) => _ = more > 0 && ct.IsCancellationRequested;
    }
}
