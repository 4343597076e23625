using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quitanda.Tests;

/// <summary>Bodies that are wrong in one way or another, made of one that is right. The same random numbers make the same bodies.</summary>
internal static class Fuzz
{
    /// <summary>Stands where text comes that no JSON writer would write.</summary>
    private const string Mark = "<<raw>>";

    /// <summary>Values in place of others, as they stand in JSON.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1.5", "2147483648", "-9223372036854775809", "9223372036854775808", "1e308", "1e400", "-1e-400", "123456789012345678901234567890",
        "\"\"", "\" \"", "\"\\t\\n\\r\"", "[]", "{}", "[null]", "[[]]", "[1,2,3]", "{\"\":\"\"}", "{\"a\":{\"b\":[{\"c\":null}]}}", "{\"length\":1}", "[\"admin\",\"admin\"]", "[\"Admin\"]", "[\"owner, admin\"]",
        // Not text: NUL, halves of pairs, and bytes that are none.
        "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\udfffb\"", "\"\\uffff\\ufffe\"", "\"\\ufeff\"",
        // What looks like something else.
        "\"аdmin\"", "\"ａｄｍｉｎ\"", "\"İstanbul ı ſ K\"", "\"a\\u200bb\\u202ec\"", "\"e\\u0301\\u0301\\u0301\"", "\"ana.souza@exаmple.com\"", "\"ana.souza@example.com\\n\"", "\"ANA.SOUZA@EXAMPLE.COM\"",
        "\"١٢٣٤٥٦\"", "\"👩‍👩‍👧‍👦\"", "\"\\u0130\\u0307\"", "\"ß\"",
        // What means something to somebody behind.
        "\"' or 1=1 --\"", "\"'; drop table accounts.users; --\"", "\"\\\\'; select pg_sleep(1); --\"", "\"$1\"", "\"{0}\"", "\"${7*7}\"", "\"{{7*7}}\"", "\"%s%n\"", "\"%00\"", "\"../../../etc/passwd\"",
        "\"<script>alert(1)</script>\"", "\"javascript:alert(1)\"", "\"file:///etc/passwd\"", "\"http://169.254.169.254/\"", "\"\\\\r\\\\nSet-Cookie: a=b\"", "\"a\\r\\nBcc: b@exemplo.test\"", "\"()=>{}\"",
        "\"00000000-0000-0000-0000-000000000000\"", "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"", "\"9999-12-31T23:59:60Z\"", "\"0000-00-00\"", "\"2026-02-30\"", "\"-infinity\"", "\"NaN\"",
    ];

    /// <summary>Bodies that are wrong from the first letter to the last.</summary>
    private static readonly string[] Texts =
    [
        "", " ", "null", "true", "0", "\"{}\"", "[]", "[{}]", "{", "}", "[", "{}}", "{}{}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{'a':1}", "{a:1}", "{\"a\":NaN}", "{\"a\":01}", "{\"a\":+1}", "// {}\n{}",
        "{/**/}", "\uFEFF{}", "\0", "{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\ud83d\"}", "{\"\\u0000\":1}", "<a/>", "a=1&b=2", "--x\r\n\r\n", "{\"$type\":\"System.Object\"}", "{\"__proto__\":{\"isAdmin\":true}}",
    ];

    /// <summary>Names that a request does not have, some of which it might.</summary>
    private static readonly string[] Names =
        ["isAdmin", "roles", "id", "userId", "emailVerified", "passwordHash", "version", "__proto__", "constructor", "$type", "", " ", "a\0b", "EMAIL", "naïve", "é", "e\u0301", "x' or '1'='1", new string('n', 5000)];

    /// <summary>The next body.</summary>
    public static byte[] Body(Random random, string valid)
    {
        switch (random.Next(12))
        {
            case 0:
                return Encoding.UTF8.GetBytes(One(random, Texts));
            case 1:
                var depth = random.Next(20, 20_000);
                return Encoding.UTF8.GetBytes(random.Next(2) == 0 ? new string('[', depth) + new string(']', random.Next(depth)) : string.Concat(Enumerable.Repeat("{\"a\":", depth)));
            case 2:
                var cut = Encoding.UTF8.GetBytes(valid);
                return cut[..random.Next(cut.Length + 1)];
            case 3:
                // One byte is another, which need not be text any more.
                var bytes = Encoding.UTF8.GetBytes(valid);
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 4:
                return Encoding.UTF8.GetBytes(valid);
            case 5:
                return Encoding.UTF8.GetBytes(Twice(random, valid));
            default:
                return Encoding.UTF8.GetBytes(Changed(random, valid));
        }
    }

    /// <summary>A body as a message can show it.</summary>
    public static string Shown(byte[] body) => JsonSerializer.Serialize(Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500))));

    /// <summary>One or two members are absent, new, or have another value or name.</summary>
    private static string Changed(Random random, string valid)
    {
        var body = JsonNode.Parse(valid)!;
        var raw = "null";
        for (var times = random.Next(1, 3); times > 0; times--)
        {
            var objects = Objects(body).ToList();
            var place = objects[random.Next(objects.Count)];
            var names = place.Select(member => member.Key).ToArray();
            switch (names.Length == 0 ? 2 : random.Next(6))
            {
                case 0:
                    place.Remove(One(random, names));
                    break;
                case 1:
                    var name = One(random, names);
                    var value = place[name]?.DeepClone();
                    place.Remove(name);
                    place[random.Next(2) == 0 ? name.ToUpperInvariant() : name.Replace('a', 'а')] = value;
                    break;
                case 2:
                    raw = Value(random);
                    place[One(random, Names)] = Mark;
                    break;
                default:
                    raw = Value(random);
                    place[One(random, names)] = Mark;
                    break;
            }
        }

        return body.ToJsonString(Plain).Replace($"\"{Mark}\"", raw, StringComparison.Ordinal);
    }

    /// <summary>A member that stands there twice.</summary>
    private static string Twice(Random random, string valid)
    {
        var names = JsonNode.Parse(valid)!.AsObject().Select(member => member.Key).ToArray();
        return names.Length == 0 ? "{\"a\":1,\"a\":2}" : $"{{\"{One(random, names)}\":{Value(random)},{valid.AsSpan(valid.IndexOf('{', StringComparison.Ordinal) + 1)}";
    }

    private static string Value(Random random) => random.Next(5) switch
    {
        0 => $"\"{new string((char)random.Next('a', 'z' + 1), One(random, Lengths))}\"",
        1 => $"[{string.Join(',', Enumerable.Repeat(One(random, Values), random.Next(1, 300)))}]",
        _ => One(random, Values),
    };

    private static readonly int[] Lengths = [1, 2, 7, 8, 36, 64, 100, 128, 129, 200, 201, 254, 255, 300, 1000, 4001, 10_000, 300_000];

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static IEnumerable<JsonObject> Objects(JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Value is { } value ? Objects(value) : []).Prepend(members),
        JsonArray items => items.SelectMany(item => item is null ? [] : Objects(item)),
        _ => [],
    };

    private static T One<T>(Random random, T[] of) => of[random.Next(of.Length)];
}
