using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Quitanda.Platform;

/// <summary>
/// A member of a JSON Merge Patch (RFC 7396): absent leaves the value as it is, null clears it, anything else sets it.
/// Give the parameter <c>= default</c>; <c>Patch&lt;string&gt;</c> refuses null, <c>Patch&lt;string?&gt;</c> takes it.
/// </summary>
[SuppressMessage("Usage", "CA2225", Justification = "The conversion exists for tests and seeds; the constructor is the other way.")]
public readonly record struct Patch<T> : IPatch
{
    /// <summary>A member that was sent.</summary>
    public Patch(T value) => (IsSet, Value) = (true, value);

    /// <summary>Whether the member was in the request at all.</summary>
    public bool IsSet { get; }

    /// <summary>What was sent; the default where nothing was.</summary>
    public T Value { get; }

    /// <summary>The value after the patch.</summary>
    public T Or(T current) => IsSet ? Value : current;

    object? IPatch.Value => Value;

    /// <summary>A member that was sent.</summary>
    public static implicit operator Patch<T>(T value) => new(value);
}

/// <summary>A patch whose type is not known where it is looked at: validation and the OpenAPI document.</summary>
internal interface IPatch
{
    bool IsSet { get; }
    object? Value { get; }
}

internal sealed class PatchConverter : JsonConverterFactory
{
    /// <summary>Where a failed patch keeps the path below itself, in the exception's data.</summary>
    public const string InnerPath = "path below the patch";

    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Patch<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Of<T> : JsonConverter<Patch<T>>
    {
        // Null is a value here: it says "clear".
        public override bool HandleNull => true;

        public override Patch<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return new(JsonSerializer.Deserialize<T>(ref reader, options)!);
            }
            catch (JsonException inner)
            {
                // The path begins at the patch; the serializer puts its own before it only where there is none yet.
                throw new JsonException(inner.Message, inner.InnerException) { Data = { [InnerPath] = inner.Path } };
            }
        }

        public override void Write(Utf8JsonWriter writer, Patch<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Value, options);
    }
}
