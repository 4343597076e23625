using Quitanda.Platform;

namespace Quitanda.Host;

/// <summary>The whole host, for a program that adds modules of its own to it.</summary>
public static class QuitandaHost
{
    /// <summary>Does what the command line says (<c>serve</c>, <c>migrate</c>, <c>seed</c>, <c>jobs</c>), and gives the exit code to end with.</summary>
    /// <param name="args">The program's own.</param>
    /// <param name="modules">What comes on top of the house's own modules, lower ones first.</param>
    public static Task<int> Run(string[] args, params HouseModule[] modules) => CommandLine.Run(args, modules);
}
