using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Quitanda.Platform.OpenApi;

/// <summary>What the source says about its types, from the documentation files that lie beside the assemblies. Read when the document is made, never before.</summary>
internal sealed partial class XmlComments
{
    private readonly Dictionary<Assembly, Dictionary<string, XElement>> _files = [];

    /// <summary>The summary of a type, as plain text with code in back-ticks; null where there is none.</summary>
    public string? Of(Type type) => Text(Member(type.Assembly, $"T:{Name(type)}")?.Element("summary"));

    /// <summary>What is said of a property, or of the record's parameter that it comes from.</summary>
    public string? Of(PropertyInfo property)
    {
        var owner = property.DeclaringType!;
        return Text(Member(owner.Assembly, $"P:{Name(owner)}.{property.Name}")?.Element("summary"))
            ?? Text(Member(owner.Assembly, $"T:{Name(owner)}")?.Elements("param").FirstOrDefault(param => param.Attribute("name")?.Value == property.Name));
    }

    /// <summary>What is said of a handler's parameter.</summary>
    public string? Of(MethodInfo method, string parameter)
    {
        var name = $"M:{Name(method.DeclaringType!)}.{method.Name}";
        return Text(File(method.DeclaringType!.Assembly)
            .Where(member => member.Key.StartsWith(name, StringComparison.Ordinal) && member.Key.Length > name.Length && member.Key[name.Length] is '(')
            .SelectMany(member => member.Value.Elements("param")).FirstOrDefault(param => param.Attribute("name")?.Value == parameter));
    }

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private XElement? Member(Assembly assembly, string id) => File(assembly).GetValueOrDefault(id);

    private Dictionary<string, XElement> File(Assembly assembly)
    {
        if (_files.TryGetValue(assembly, out var members))
            return members;
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        members = new(StringComparer.Ordinal);
        // Without its file a description is missing and nothing else.
        if (path.Length > 0 && System.IO.File.Exists(path))
        {
            using var reader = XmlReader.Create(path, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            foreach (var member in XDocument.Load(reader).Descendants("member"))
                members.TryAdd(member.Attribute("name")!.Value, member);
        }

        return _files[assembly] = members;
    }

    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var text = string.Concat(element.Nodes().Select(Text));
        return Space().Replace(text, " ").Trim() is { Length: > 0 } plain ? plain : null;
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" or "seealso" or "paramref" or "typeparamref" } see when see.Value.Length == 0 => $"`{Last(see)}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "para" } para => string.Concat(para.Nodes().Select(Text)) + " ",
        XElement other => string.Concat(other.Nodes().Select(Text)),
        _ => "",
    };

    private static string Last(XElement see)
    {
        var target = (see.Attribute("cref") ?? see.Attribute("langword") ?? see.Attribute("name") ?? see.Attribute("href"))?.Value ?? "";
        var name = target.Split('(')[0].Split('.', ':')[^1];
        // A property, or the parameter it comes from, is named as clients know it.
        return target.StartsWith("P:", StringComparison.Ordinal) || see.Name.LocalName == "paramref" ? System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name) : name;
    }

    [GeneratedRegex("\\s+", RegexOptions.None, 1000)]
    private static partial Regex Space();
}
