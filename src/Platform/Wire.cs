using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Quitanda.Platform;

/// <summary>How values look outside the process: in JSON, in stored rows and in query strings.</summary>
public static class Wire
{
    /// <summary>The API's JSON: camelCase, snake_case enums, RFC 3339 in UTC; unknown, missing, duplicate and null-for-required members are refused.</summary>
    public static JsonSerializerOptions Json { get; } = Configure(new(JsonSerializerDefaults.Web));

    /// <summary>
    /// The same for what is read back from a row or a job: members that are not known are passed over. A newer version that runs beside this one may have written them.
    /// </summary>
    public static JsonSerializerOptions Stored { get; } = new(Json) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    /// <summary>The lower_snake_case name of an enum value, as stored and as sent.</summary>
    public static string Name<T>(this T value) where T : struct, Enum => EnumNames<T>.Of(value);

    /// <summary>The enum value of a lower_snake_case name.</summary>
    /// <exception cref="FormatException">No such value.</exception>
    public static T Parse<T>(string name) where T : struct, Enum =>
        EnumNames<T>.ByName.TryGetValue(name, out var value) ? value : throw new FormatException($"'{name}' is not one of {string.Join(", ", EnumNames<T>.ByName.Keys)}.");

    /// <summary>Whether <paramref name="name"/> names a value of <typeparamref name="T"/>, and which.</summary>
    public static bool TryParse<T>(string name, out T value) where T : struct, Enum => EnumNames<T>.ByName.TryGetValue(name, out value);

    /// <summary>The value that somebody asks for by its name, in a query or a form.</summary>
    /// <exception cref="InvalidException">There is no such name: the field's error says which there are.</exception>
    public static T Asked<T>(string name, string field) where T : struct, Enum =>
        TryParse<T>(name, out var value) ? value : throw new InvalidException(field, $"must be one of {string.Join(", ", Names<T>())}.");

    /// <summary>Every name of <typeparamref name="T"/>, in declaration order.</summary>
    public static IReadOnlyCollection<string> Names<T>() where T : struct, Enum => EnumNames<T>.ByName.Keys;

    internal static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectRequiredConstructorParameters = true;
        options.RespectNullableAnnotations = true;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.MaxDepth = 32;
        // Portuguese text stays readable; what HTML would mind is still escaped.
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        options.Converters.Add(new EnumConverter());
        options.Converters.Add(new Instant());
        options.Converters.Add(new PatchConverter());
        return options;
    }

    private static class EnumNames<T> where T : struct, Enum
    {
        public static readonly Dictionary<string, T> ByName =
            Enum.GetValues<T>().ToDictionary(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()), StringComparer.Ordinal);

        private static readonly Dictionary<T, string> ByValue = ByName.ToDictionary(pair => pair.Value, pair => pair.Key);

        public static string Of(T value) => ByValue[value];
    }

    /// <summary>Exactly the names. The framework's own converter also takes lists of names and any case, and a list can make a value that does not exist.</summary>
    private sealed class EnumConverter : JsonConverterFactory
    {
        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

        public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) => (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert))!;

        private sealed class Of<T> : JsonConverter<T> where T : struct, Enum
        {
            public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
                TryParse<T>(reader.GetString()!, out var value) ? value : throw new JsonException($"must be one of {string.Join(", ", Names<T>())}.");

            public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name());
        }
    }

    /// <summary>RFC 3339 with an offset in, UTC with <c>Z</c> and microseconds out (what PostgreSQL keeps).</summary>
    private sealed class Instant : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.GetString();
            // A time without an offset would be read in the server's own zone, which a client cannot know.
            var time = text?.IndexOf('T', StringComparison.Ordinal) ?? -1;
            if (time < 0 || !reader.TryGetDateTimeOffset(out var value) || !(text!.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > time))
                throw new JsonException("An RFC 3339 time with an offset is expected, such as 2026-03-01T12:00:00Z.");
            return value.ToUniversalTime();
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
        {
            Span<char> text = stackalloc char[27];
            value.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
            writer.WriteStringValue(text[..length]);
        }
    }
}
