using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Host;

/// <summary>The host's command line. Exit codes are part of it: scripts and service managers act on them.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongSetting = 3;
    private const int PortTaken = 4;
    private const int NoDatabase = 5;

    private static readonly Option<DirectoryInfo?> Data = new("--data") { Description = "Folder of the private database, its secrets and the demo's credentials. Default: QUITANDA_DATA, or ./data." };
    private static readonly Option<int?> Port = new("--port") { Description = "Port to listen on. Default: Http:Port, or 8080." };
    private static readonly Option<string?> Address = new("--address") { Description = "Address to listen on. Default: Http:Address, or 127.0.0.1." };
    private static readonly Option<bool> NoDemo = new("--no-demo") { Description = "Leave an empty database empty, and the payment sandbox off." };

    public static async Task<int> Run(string[] args)
    {
        var serve = new Command("serve", "Starts the database if none is given, migrates it, and serves the API.") { Data, Port, Address, NoDemo };
        serve.SetAction((parsed, _) => Guarded(ct => Hosting.Serve(
            new(Folder(parsed.GetValue(Data)), parsed.GetValue(Port), parsed.GetValue(Address), !parsed.GetValue(NoDemo)), ct)));
        var migrate = new Command("migrate", "Applies the migrations that are missing, and stops.") { Data };
        migrate.SetAction((parsed, _) => Guarded(ct => Hosting.Migrate(Folder(parsed.GetValue(Data)), ct)));
        var seed = new Command("seed", "Fills an empty database with the demo snack bar, and stops.") { Data };
        seed.SetAction((parsed, _) => Guarded(ct => Hosting.Seed(Folder(parsed.GetValue(Data)), ct)));
        var version = new Command("version", "Prints the version, and stops.");
        version.SetAction(_ => Console.WriteLine(typeof(CommandLine).Assembly.GetName().Version!.ToString(3)));

        var root = new RootCommand("""
            Quitanda: an open backend for businesses that sell, rent and publish online.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong setting, 4 port taken, 5 no database.
            Every setting can also come from the environment, such as Http__Port=8080; see docs/configuration.md.
            """) { serve, migrate, seed, version };

        var parsed = root.Parse(args);
        // The host stops gracefully by itself and takes the time it needs.
        var exit = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? 2 : exit;
    }

    private static string Folder(DirectoryInfo? given) => given?.FullName ?? Path.GetFullPath(Environment.GetEnvironmentVariable("QUITANDA_DATA") is { Length: > 0 } folder ? folder : "data");

    /// <summary>Runs a command, and turns what a person can mend into a sentence and an exit code.</summary>
    private static async Task<int> Guarded(Func<CancellationToken, Task> command)
    {
        using var stop = new CancellationTokenSource();
        // Until the host runs and takes the signals itself, they end whatever is being started, so that nothing is left half up.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            await command(stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (OptionsValidationException error)
        {
            return Say(WrongSetting, [.. error.Failures]);
        }
        catch (SettingException error)
        {
            return Say(WrongSetting, error.Message);
        }
        catch (InvalidOperationException error) when (error.Source == "Microsoft.Extensions.Configuration.Binder")
        {
            return Say(WrongSetting, error.InnerException is null ? error.Message : $"{error.Message} {error.InnerException.Message}");
        }
        catch (PortTakenException error)
        {
            return Say(PortTaken, error.Message);
        }
        catch (IOException error) when (error.InnerException is AddressInUseException)
        {
            return Say(PortTaken, error.Message);
        }
        catch (PostgresMissingException error)
        {
            return Say(NoDatabase, error.Message);
        }
        catch (NpgsqlException error)
        {
            return Say(NoDatabase, $"The database does not answer: {error.Message}");
        }
        catch (Exception error)
        {
            return Say(Failed, error.ToString());
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private static int Say(int exit, params string[] lines)
    {
        foreach (var line in lines)
            Console.Error.WriteLine(line);
        return exit;
    }
}

/// <summary>Somebody else listens where we should.</summary>
internal sealed class PortTakenException(string message) : Exception(message);
