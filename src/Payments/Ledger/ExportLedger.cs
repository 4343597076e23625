using Microsoft.AspNetCore.Http;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>
/// Gives the lines of the ledger out as CSV (RFC 4180), the oldest first. It is read page by page while it is sent, and no connection is held meanwhile: one that breaks off
/// in between was not all of it. It ends a minute before now at the latest: until then what is on its way into the books has come in, so that a line of that time is in this file
/// or in none that begins where it ends.
/// </summary>
internal static class ExportLedger
{
    internal sealed record Query
    {
        /// <summary>Only from this moment on.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Only before this moment, and only before a minute ago.</summary>
        public DateTimeOffset? To { get; init; }
    }

    /// <summary>A line says when its transaction began, and is seen when that has committed; none takes as long.</summary>
    private static readonly TimeSpan Settles = TimeSpan.FromMinutes(1);

    public static async Task<LedgerFile> Handle([AsParameters] Query query, Db db, TimeProvider clock, CancellationToken ct)
    {
        // What is newer is left to the next one, which also lets this one end.
        var settled = clock.GetUtcNow() - Settles;
        LedgerRows rows = new(db, query.From?.ToUniversalTime() ?? DateTimeOffset.MinValue, query.To?.ToUniversalTime() is { } to && to < settled ? to : settled);
        // Read before the first byte is sent: most of what can go wrong is answered as such.
        return new(rows, await rows.After(last: null, ct));
    }
}
