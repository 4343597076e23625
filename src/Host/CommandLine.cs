using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Npgsql;
using Quitanda.MovingIn;
using Quitanda.Platform;
using Quitanda.Platform.Operations;

namespace Quitanda.Host;

/// <summary>The host's command line. Exit codes are part of it: scripts and service managers act on them.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int WrongUsage = 2;
    private const int WrongSetting = 3;
    private const int PortTaken = 4;
    private const int NoDatabase = 5;
    private const int NotThere = 6;
    private const int Refused = 7;

    private static readonly Option<DirectoryInfo?> Data = new("--data") { Description = "Folder of the private database, its secrets and the demo's credentials. Default: QUITANDA_DATA, or ./data." };
    private static readonly Option<int?> Port = new("--port") { Description = "Port to listen on. Default: Http:Port, or 8080." };
    private static readonly Option<string?> Address = new("--address") { Description = "Address to listen on. Default: Http:Address, or 127.0.0.1." };
    private static readonly Option<bool> NoDemo = new("--no-demo") { Description = "Leave an empty database empty, and the payment sandbox off." };

    public static async Task<int> Run(string[] args, IReadOnlyList<HouseModule> added)
    {
        var hosting = new Hosting(added);
        var serve = new Command("serve", "Starts the database if none is given, migrates it, and serves the API.") { Data, Port, Address, NoDemo };
        serve.SetAction((parsed, _) => Guarded((Ending ending) => hosting.Serve(
            new(Folder(parsed.GetValue(Data)), parsed.GetValue(Port), parsed.GetValue(Address), !parsed.GetValue(NoDemo)), ending)));
        var migrate = new Command("migrate", "Applies the migrations that are missing, and stops.") { Data };
        migrate.SetAction((parsed, _) => Guarded((CancellationToken ct) => hosting.Migrate(Folder(parsed.GetValue(Data)), ct)));
        var seed = new Command("seed", "Fills an empty database with the demo snack bar, and stops.") { Data };
        seed.SetAction((parsed, _) => Guarded((CancellationToken ct) => hosting.Seed(Folder(parsed.GetValue(Data)), ct)));
        var version = new Command("version", "Prints the version, and stops.");
        version.SetAction(_ => Console.WriteLine(typeof(CommandLine).Assembly.GetName().Version!.ToString(3)));

        var root = new RootCommand("""
            Quitanda: an open backend for businesses that sell, rent and publish online.

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 wrong setting, 4 port taken, 5 no database, 6 nothing of that name, 7 refused.
            Every setting can also come from the environment, such as Http__Port=8080; see docs/configuration.md.
            """) { serve, migrate, seed, Jobs(hosting), Import(hosting), version };

        var parsed = root.Parse(args);
        // The host stops gracefully by itself and takes the time it needs.
        var exit = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? WrongUsage : exit;
    }

    private static Command Import(Hosting hosting)
    {
        var address = new Argument<string?>("URL")
        {
            Description = "The old system's PostgreSQL: a postgres:// address or a connection string. Default: QUITANDA_IMPORT_URL, which nobody sees in a list of processes.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("QUITANDA_IMPORT_URL"),
        };
        var from = new Option<string>("--from") { Description = $"What it is: {string.Join(", ", MoveInOptions.Systems)}.", Required = true };
        var name = new Option<string?>("--name") { Description = "What it is called in metadata.importedFrom, where two databases of one system are imported. Default: as --from." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Do everything in one transaction and undo it: the report is the same, and nothing stays." };
        var batch = new Option<int>("--batch") { Description = "Rows a transaction, up to 5000.", DefaultValueFactory = _ => 500 };
        var report = new Option<FileInfo?>("--report") { Description = "File for the report, as JSON." };
        var currency = new Option<string?>("--currency") { Description = "Currency of its amounts. Default: the catalog's." };
        var amounts = new Option<string?>("--amounts") { Description = "What its amounts are in: units or cents. Default: what the columns' names and types say; see docs/moving-in.md." };
        var zone = new Option<string?>("--time-zone") { Description = "Zone of times that it keeps without one. Default: UTC where Prisma or Drizzle wrote them, else the store's." };
        var withAdmins = new Option<bool>("--with-admins") { Description = "Let its admins be admins here. Else they come as customers." };
        var import = new Command("import", "Brings in what another system's database holds. Stopped or repeated, it goes on where it was.")
        {
            address, from, name, dryRun, batch, report, currency, amounts, zone, withAdmins, Data,
        };
        import.SetAction((parsed, _) => Guarded((CancellationToken ct) => hosting.Import(Folder(parsed.GetValue(Data)), new()
        {
            From = parsed.GetValue(from)!,
            Address = parsed.GetValue(address) is { Length: > 0 } given ? given : throw new InvalidException("from", "needs the address of a database, or QUITANDA_IMPORT_URL."),
            Name = parsed.GetValue(name),
            IsDryRun = parsed.GetValue(dryRun),
            Batch = parsed.GetValue(batch),
            Currency = parsed.GetValue(currency),
            TimeZone = parsed.GetValue(zone),
            Amounts = parsed.GetValue(amounts) is { } asked ? Wire.Asked<AmountsIn>(asked, "amounts") : null,
            WithAdmins = parsed.GetValue(withAdmins),
            ReportPath = parsed.GetValue(report)?.FullName,
        }, ct)));
        return import;
    }

    private static Command Jobs(Hosting hosting)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON, as the API does." };
        var state = new Option<string?>("--state") { Description = "Only jobs that stand so: ready, waiting, running, paused or dead." };
        var kind = new Option<string?>("--kind") { Description = "Only jobs of this kind." };
        var limit = new Option<int>("--limit") { Description = "Jobs at the most, up to 100.", DefaultValueFactory = _ => 20 };
        limit.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 100)
                given.AddError("--limit is 1 to 100.");
        });
        var id = new Argument<string>("id") { Description = "The job's id, or its number." };
        var name = new Argument<string>("kind") { Description = "A kind, as 'jobs kinds' lists them." };

        var list = new Command("list", "Lists jobs, the newest first.") { Data, state, kind, limit, json };
        list.SetAction((parsed, _) => Desk(parsed, async (jobs, ct) =>
        {
            await jobs.List(parsed.GetValue(state), parsed.GetValue(kind), parsed.GetValue(limit), ct);
            return true;
        }));
        var kinds = new Command("kinds", "Lists the kinds of jobs with their numbers.") { Data, json };
        kinds.SetAction((parsed, _) => Desk(parsed, async (jobs, ct) =>
        {
            await jobs.Kinds(ct);
            return true;
        }));
        return new Command("jobs", "Shows and changes the queue of jobs, beside running hosts or without.")
        {
            list, kinds,
            Act("show", "Shows a job with its payload and its last error.", id, (jobs, job, ct) => jobs.Show(job, ct)),
            Act("retry", "Makes a dead or waiting job due now.", id, (jobs, job, ct) => jobs.Retry(job, ct)),
            Act("delete", "Deletes a job, which is then not done.", id, (jobs, job, ct) => jobs.Delete(job, ct)),
            Act("pause", "Has no process take jobs of a kind.", name, (jobs, paused, ct) => jobs.Pause(paused, ct)),
            Act("resume", "Ends a pause.", name, (jobs, resumed, ct) => jobs.Resume(resumed, ct)),
        };

        Command Act(string verb, string description, Argument<string> on, Func<JobConsole, string, CancellationToken, Task<bool>> act)
        {
            var command = new Command(verb, description) { on, Data, json };
            command.SetAction((parsed, _) => Desk(parsed, (jobs, ct) => act(jobs, parsed.GetValue(on)!, ct)));
            return command;
        }

        Task<int> Desk(ParseResult parsed, Func<JobConsole, CancellationToken, Task<bool>> use) => Guarded(async (CancellationToken ct) =>
        {
            if (!await hosting.Jobs(Folder(parsed.GetValue(Data)), parsed.GetValue(json), use, ct))
                throw new NotThereException("There is nothing of that name.");
        });
    }

    private static string Folder(DirectoryInfo? given) => given?.FullName ?? Path.GetFullPath(Environment.GetEnvironmentVariable("QUITANDA_DATA") is { Length: > 0 } folder ? folder : "data");

    private static Task<int> Guarded(Func<CancellationToken, Task> command) => Guarded((Ending ending) => command(ending.Asked));

    /// <summary>Runs a command, and turns what a person can mend into a sentence and an exit code.</summary>
    private static async Task<int> Guarded(Func<Ending, Task> command)
    {
        using var stop = new CancellationTokenSource();
        using var hurry = new CancellationTokenSource();
        // While something is being started they end it, so that nothing is left half up.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        try
        {
            await command(new(stop.Token, hurry.Token));
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
        catch (NotThereException error)
        {
            return Say(NotThere, error.Message);
        }
        catch (RefusedException error)
        {
            return Say(Refused, error.Message);
        }
        catch (InvalidException error)
        {
            return Say(WrongUsage, $"--{error.Field} {error.Message}");
        }
        catch (NoDatabaseException error)
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
            if (context.Signal == PosixSignal.SIGINT || stop.IsCancellationRequested)
                hurry.Cancel();
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

/// <summary>How a command is told to end.</summary>
/// <param name="Asked">By any signal.</param>
/// <param name="Hurried">By somebody who waits: Ctrl-C, or whatever comes a second time.</param>
internal sealed record Ending(CancellationToken Asked, CancellationToken Hurried);

/// <summary>Somebody else listens where we should.</summary>
internal sealed class PortTakenException(string message) : Exception(message);

/// <summary>What was asked for by name is not there.</summary>
internal sealed class NotThereException(string message) : Exception(message);

/// <summary>There is no database to look at, or it is behind this version.</summary>
internal sealed class NoDatabaseException(string message) : Exception(message);
