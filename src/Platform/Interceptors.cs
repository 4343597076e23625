using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Quitanda.Platform;

/// <summary>Has what must come first go before EF Core's own commands.</summary>
internal sealed class FirstThingsFirst : DbCommandInterceptor
{
    public override async ValueTask<InterceptionResult<System.Data.Common.DbDataReader>> ReaderExecutingAsync(
        System.Data.Common.DbCommand command, CommandEventData eventData, InterceptionResult<System.Data.Common.DbDataReader> result, CancellationToken cancellationToken = default)
    {
        await ((Db)eventData.Context!).SendFirst(cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        System.Data.Common.DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await ((Db)eventData.Context!).SendFirst(cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        System.Data.Common.DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        await ((Db)eventData.Context!).SendFirst(cancellationToken);
        return result;
    }
}
