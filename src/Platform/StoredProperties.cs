using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Quitanda.Platform;

/// <summary>How properties of modules' entities are stored that no column has a type for.</summary>
public static class StoredProperties
{
    /// <summary>Stored as the name that the API gives it.</summary>
    public static void IsNamed<T>(this PropertyBuilder<T> property) where T : struct, Enum => property.HasConversion(value => value.Name(), name => Wire.Parse<T>(name));

    /// <summary>Stored as the name that the API gives it, or not at all.</summary>
    public static void IsNamed<T>(this PropertyBuilder<T?> property) where T : struct, Enum => property.HasConversion(value => value!.Value.Name(), name => Wire.Parse<T>(name));

    /// <summary>Stored as <c>jsonb</c>, and replaced whole or not at all.</summary>
    public static void IsJson<T>(this PropertyBuilder<T> property) => property.HasColumnType("jsonb").HasConversion(
        value => JsonSerializer.Serialize(value, Wire.Json),
        text => JsonSerializer.Deserialize<T>(text, Wire.Stored)!,
        new ValueComparer<T>((left, right) => ReferenceEquals(left, right), value => value == null ? 0 : value.GetHashCode()));
}
