using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Quitanda.Platform;

/// <summary>A module as a host lists it.</summary>
/// <param name="Name">What the setting that turns it off is called: <c>Modules:NAME</c>.</param>
/// <param name="Add">Adds its services, its <see cref="IModule"/> among them.</param>
/// <param name="Needs">The names of those it cannot do without. What it uses only where it is there, such as who hears its facts, is not among them.</param>
public sealed record HouseModule(string Name, Action<IServiceCollection> Add, params string[] Needs)
{
    /// <summary>Whether everything stands on it, so that it cannot be turned off.</summary>
    public bool IsBase { get; init; }
}

/// <summary>
/// Stays in force while the module it belongs to is off: on an interface, all that modules register for it; on a handler, its subscription. It is for what is owed to people and for money that is under way,
/// and no more: nothing new begins by it.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Class)]
public sealed class EvenWhenOffAttribute : Attribute;

/// <summary>The modules that are off, by their assemblies.</summary>
/// <param name="assemblies">Theirs.</param>
public sealed class ModulesOff(IReadOnlySet<Assembly> assemblies)
{
    /// <summary>Whether a type belongs to one of them.</summary>
    public bool Has(Type type) => assemblies.Contains(type.Assembly);
}

/// <summary>The modules of a host: adds them, and takes away what those that are off would do.</summary>
public sealed class House
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Modules";

    private readonly List<(HouseModule Module, List<ServiceDescriptor> Added)> _modules = [];

    /// <summary>Adds modules, lower ones first: a module may use those before it, never those after it.</summary>
    /// <exception cref="InvalidOperationException">Two have one name or one assembly, or one needs what is not before it.</exception>
    public void Add(IServiceCollection services, IEnumerable<HouseModule> modules)
    {
        foreach (var module in modules)
        {
            if (Find(module.Name) is not null)
                throw new InvalidOperationException($"Two modules are called {module.Name}.");
            if (module.Needs.FirstOrDefault(needed => Find(needed) is null) is { } missing)
                throw new InvalidOperationException($"{module.Name} needs {missing}, and no module before it is called that.");
            var before = services.Count;
            module.Add(services);
            List<ServiceDescriptor> added = [.. services.Skip(before)];
            // What belongs to a module that is off is told by its assembly.
            if (Own(added) is { } own && _modules.Find(other => Own(other.Added) == own).Module is { } neighbour)
                throw new InvalidOperationException($"{neighbour.Name} and {module.Name} are in one assembly: what belongs to a module is told by its assembly, so each has its own.");
            _modules.Add((module, added));
        }
    }

    /// <summary>Turns off what the settings say. Asked once, when all settings are there.</summary>
    /// <exception cref="SettingException">A name that no module has, a value that is neither true nor false, a module that cannot be off, or one that is on without another that it needs.</exception>
    public void TurnOff(IServiceCollection services, IConfiguration configuration)
    {
        var off = Read(configuration.GetSection(Section)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (module, _) in _modules.Where(module => !off.Contains(module.Module.Name)))
            if (module.Needs.FirstOrDefault(off.Contains) is { } needed)
                throw new SettingException($"{Section}:{needed}", $"is false, but {module.Name} needs {needed}. Turn {module.Name} off as well ({Section}__{module.Name}=false), or {needed} on again.");

        HashSet<Assembly> assemblies = [];
        foreach (var (module, added) in _modules.Where(module => off.Contains(module.Module.Name)))
        {
            var own = Own(added) ?? throw new InvalidOperationException($"{module.Name} adds no module of its own.");
            assemblies.Add(own);
            foreach (var service in added.Where(service => Acts(service.ServiceType, own)))
                services.Remove(service);
        }

        services.AddSingleton(new ModulesOff(assemblies));
    }

    /// <summary>
    /// Whether what a module registers so lets it act: it runs by itself, or it is asked for by others. What it keeps for itself does nothing unasked, and what is in force even then needs it.
    /// </summary>
    private bool Acts(Type service, Assembly own) =>
        service == typeof(IHostedService) || (service.Assembly != own && IsOurs(service.Assembly) && service.GetCustomAttribute<EvenWhenOffAttribute>() is null);

    private bool IsOurs(Assembly assembly) =>
        assembly == typeof(House).Assembly || _modules.Exists(module => Own(module.Added) == assembly);

    private static Assembly? Own(List<ServiceDescriptor> added) => added.Find(service => service.ServiceType == typeof(IModule))?.ImplementationType?.Assembly;

    private HouseModule? Find(string name) => _modules.Find(module => string.Equals(module.Module.Name, name, StringComparison.OrdinalIgnoreCase)).Module;

    private IEnumerable<string> Read(IConfigurationSection section)
    {
        foreach (var setting in section.GetChildren())
        {
            var module = Find(setting.Key) ?? throw new SettingException($"{Section}:{setting.Key}", $"is no module of this host. Those that can be off are {Named(module => !module.IsBase)}.");
            if (!bool.TryParse(setting.Value, out var isOn))
                throw new SettingException($"{Section}:{module.Name}", $"is '{setting.Value}', which is neither true nor false.");
            if (isOn)
                continue;
            if (module.IsBase)
                throw new SettingException($"{Section}:{module.Name}", $"cannot be false: everything else stands on {Named(module => module.IsBase)}.");
            yield return module.Name;
        }
    }

    private string Named(Func<HouseModule, bool> which)
    {
        var names = _modules.Select(module => module.Module).Where(which).Select(module => module.Name).ToList();
        return names is [.. var others, var last] && others.Count > 0 ? $"{string.Join(", ", others)} and {last}" : string.Concat(names);
    }
}
