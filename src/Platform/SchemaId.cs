namespace Quitanda.Platform;

/// <summary>The name of a type's schema in the API's document, where the type's own name is already another module's.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum, Inherited = false)]
public sealed class SchemaIdAttribute(string id) : Attribute
{
    /// <summary>Unique in the document, in PascalCase.</summary>
    public string Id { get; } = id;
}
