using System.Collections.Concurrent;
using System.Reflection;

namespace Quitanda.Platform;

/// <summary>Tells types of the house, and of modules that others build on it, from those of the framework and of packages.</summary>
internal static class OwnTypes
{
    private static readonly Assembly Platform = typeof(OwnTypes).Assembly;

    private static readonly ConcurrentDictionary<Assembly, bool> Known = new();

    /// <summary>Whether the type was written for Quitanda: its assembly is Platform, or stands on it.</summary>
    public static bool Has(Type type) => type.Namespace is not null && Known.GetOrAdd(type.Assembly, StandsOnPlatform);

    private static bool StandsOnPlatform(Assembly assembly) => assembly == Platform || Array.Exists(assembly.GetReferencedAssemblies(), reference => reference.Name == Platform.GetName().Name);
}
