using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Quitanda.Platform;

/// <summary>Settings of the log. Section <c>Logs</c>.</summary>
public sealed record LogSettings : IValidatableObject
{
    /// <summary>The least that is logged.</summary>
    [AllowedValues("trace", "debug", "info", "warning", "error", "critical", "none")]
    public string Level { get; init; } = "info";

    /// <summary>The least that is logged of some categories, such as <c>Npgsql=debug Microsoft.AspNetCore=info</c>. The longest beginning of a category's name that is given goes.</summary>
    [StringLength(4000)]
    public string Levels { get; init; } = "";

    /// <summary>A file that gets every line that standard error gets. Empty writes none.</summary>
    [StringLength(1000)]
    public string File { get; init; } = "";

    /// <summary>Megabytes after which the file is put aside; it is put aside at midnight (UTC), too.</summary>
    [Range(1, 100_000)]
    public int FileMegaBytes { get; init; } = 100;

    /// <summary>Files kept that were put aside.</summary>
    [Range(1, 10_000)]
    public int FilesKept { get; init; } = 14;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (text, level) in ByCategory().Where(rule => rule.Level is null))
            yield return new($"Logs:Levels has '{text}', which is not CATEGORY=LEVEL.", [nameof(Levels)]);
    }

    internal static LogLevel? Parse(string name) => name switch
    {
        "trace" => LogLevel.Trace,
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "critical" => LogLevel.Critical,
        "none" => LogLevel.None,
        _ => null,
    };

    internal IEnumerable<(string Category, LogLevel? Level)> ByCategory() =>
        Levels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(rule => rule.Split('=', 2) is [{ Length: > 0 } category, var level] && Parse(level) is { } parsed ? (category, parsed) : (rule, (LogLevel?)null));
}

/// <summary>How a host logs.</summary>
public static class LogSetup
{
    /// <summary>Logs lines of JSON to standard error, and to a file where one is set; standard output is for people.</summary>
    public static ILoggingBuilder AddJsonLines(this ILoggingBuilder logging)
    {
        logging.Services.AddSettings<LogSettings>("Logs");
        logging.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, JsonLines>());
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // Failures writes the one line about an exception; a second with the same stack helps nobody.
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Error);
        // After what is said above, so that a setting for the same category goes.
        logging.Services.AddOptions<LoggerFilterOptions>().PostConfigure<IOptions<LogSettings>>((filters, settings) =>
        {
            filters.MinLevel = LogSettings.Parse(settings.Value.Level)!.Value;
            foreach (var (category, level) in settings.Value.ByCategory())
                filters.Rules.Add(new(providerName: null, category, level, filter: null));
        });
        return logging;
    }
}
