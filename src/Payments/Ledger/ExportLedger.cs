using Microsoft.AspNetCore.Http;
using Quitanda.Platform;

namespace Quitanda.Payments.Ledger;

/// <summary>
/// Gives the lines of the ledger out as CSV (RFC 4180), the oldest first. It is read page by page while it is sent, and no connection is held meanwhile: one that breaks off
/// in between was not all of it.
/// </summary>
internal static class ExportLedger
{
    internal sealed record Query
    {
        /// <summary>Only from this moment on.</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Only before this moment; without it, before now.</summary>
        public DateTimeOffset? To { get; init; }
    }

    public static async Task<LedgerFile> Handle([AsParameters] Query query, Db db, TimeProvider clock, CancellationToken ct)
    {
        // What is written from now on is left to the next one, so that it ends.
        LedgerRows rows = new(db, query.From?.ToUniversalTime() ?? DateTimeOffset.MinValue, query.To?.ToUniversalTime() ?? clock.GetUtcNow());
        // Read before the first byte is sent: most of what can go wrong is answered as such.
        return new(rows, await rows.After(last: null, ct));
    }
}
