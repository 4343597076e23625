using System.Text.Json;
using System.Text.RegularExpressions;
using Quitanda.Ordering;
using Quitanda.Platform;

namespace Quitanda.Tests.Platform;

public sealed partial class StoredJsonTests
{
    [Fact]
    public void What_a_newer_version_has_stored_is_read_and_what_a_client_sends_too_much_is_refused()
    {
        var newer = """{ "orderId": "019cb95c-e980-7a10-a65e-7028d1afb208", "number": 7, "customerId": "019cb95c-e980-7a10-a65e-7028d1afb209", "status": "ready", "since": "tomorrow" }""";
        Assert.Equal((7, "ready"), JsonSerializer.Deserialize<OrderStatusChanged>(newer, Wire.Stored) is { } read ? (read.Number, read.Status) : default);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<OrderStatusChanged>(newer, Wire.Json));
    }

    [Fact]
    public void What_is_read_back_from_the_database_is_read_as_stored()
    {
        // One that comes from a client's own file is the client's.
        var strict = Sources.Below("src", "*.cs").Where(file => file.Path != "src/Catalog/Csv/Cells.cs")
            .SelectMany(file => file.Text.Split('\n').Where(line => Strict().IsMatch(line)).Select(line => $"{file.Path}: {line.Trim()}"));
        Assert.Empty(strict);
    }

    [GeneratedRegex(@"Deserialize<[^(]*\([^,]*, Wire\.Json[,)]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Strict();
}
