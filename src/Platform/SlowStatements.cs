using System.Data.Common;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Quitanda.Platform.Telemetry;

namespace Quitanda.Platform;

/// <summary>Notices statements that take long, and logs their text, in which no value is: values are parameters.</summary>
internal sealed partial class SlowStatements(IOptions<DatabaseSettings> settings, HouseMeter meter, ILogger<SlowStatements> log) : DbCommandInterceptor
{
    private const int TextAtMost = 2000;

    private readonly TimeSpan _limit = settings.Value.SlowMilliseconds > 0 ? TimeSpan.FromMilliseconds(settings.Value.SlowMilliseconds) : TimeSpan.MaxValue;

    /// <summary>Watches statements until it is disposed, whether they end well or not.</summary>
    public Watch Of(NpgsqlBatch batch) => new(this, batch, null, Stopwatch.GetTimestamp());

    /// <inheritdoc cref="Of(NpgsqlBatch)"/>
    public Watch Of(IReadOnlyList<Sql> statements) => new(this, null, statements, Stopwatch.GetTimestamp());

    public override ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
    {
        Notice(eventData.Duration, command.CommandText);
        return base.ReaderExecutedAsync(command, eventData, result, cancellationToken);
    }

    public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Notice(eventData.Duration, command.CommandText);
        return base.NonQueryExecutedAsync(command, eventData, result, cancellationToken);
    }

    public override Task CommandFailedAsync(DbCommand command, CommandErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        Notice(eventData.Duration, command.CommandText);
        return base.CommandFailedAsync(command, eventData, cancellationToken);
    }

    private void Notice(TimeSpan took, string text)
    {
        if (took < _limit)
            return;
        meter.Slow();
        text = Blank().Replace(text, " ").Trim();
        Took(log, took.TotalMilliseconds, text.Length > TextAtMost ? text[..TextAtMost] : text);
    }

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Blank();

    [LoggerMessage(80, LogLevel.Warning, "A statement took {Milliseconds:0} ms: {Statement}")]
    private static partial void Took(ILogger log, double milliseconds, string statement);

    /// <summary>One round trip that is being watched.</summary>
    internal readonly struct Watch(SlowStatements slow, NpgsqlBatch? batch, IReadOnlyList<Sql>? statements, long started) : IDisposable
    {
        public void Dispose()
        {
            var took = Stopwatch.GetElapsedTime(started);
            if (took >= slow._limit)
                slow.Notice(took, string.Join("; ", batch is null ? statements!.Select(sql => sql.ToString()) : ((IEnumerable<NpgsqlBatchCommand>)batch.BatchCommands).Select(command => command.CommandText)));
        }
    }
}
