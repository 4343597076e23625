using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Quitanda.Platform;

/// <summary>Gives EF Core the unit of work's own connection, so that both ways of writing are one transaction, and keeps its hands off one that is lost.</summary>
internal sealed class OwnConnection : DbConnectionInterceptor
{
    public override InterceptionResult<DbConnection> ConnectionCreating(ConnectionCreatingEventData eventData, InterceptionResult<DbConnection> result) =>
        InterceptionResult<DbConnection>.SuppressWithResult(Of(eventData.Context).Connection);

    public override InterceptionResult ConnectionClosing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => Unless(eventData.Context, result);

    public override ValueTask<InterceptionResult> ConnectionClosingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => new(Unless(eventData.Context, result));

    public override InterceptionResult ConnectionDisposing(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => Unless(eventData.Context, result);

    public override ValueTask<InterceptionResult> ConnectionDisposingAsync(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) => new(Unless(eventData.Context, result));

    private static InterceptionResult Unless(DbContext? context, InterceptionResult result) => Of(context).IsLost ? InterceptionResult.Suppress() : result;

    private static Db Of(DbContext? context) => (Db)context!;
}

/// <summary>EF Core's statements are waited for like all others: for as long as there is a database.</summary>
internal sealed class OwnPatience : DbCommandInterceptor
{
    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        InterceptionResult<DbDataReader>.SuppressWithResult(await Of(eventData).Answered(command.ExecuteReaderAsync(cancellationToken)));

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) =>
        InterceptionResult<int>.SuppressWithResult(await Of(eventData).Answered(command.ExecuteNonQueryAsync(cancellationToken)));

    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) =>
        InterceptionResult<object>.SuppressWithResult((await Of(eventData).Answered(command.ExecuteScalarAsync(cancellationToken)))!);

    private static Db Of(CommandEventData eventData) => (Db)eventData.Context!;
}
