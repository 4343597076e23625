using Quitanda.Platform;

namespace Quitanda.Ordering.Letters;

/// <summary>The store, in whose name mails are written.</summary>
internal sealed class StoreLetterhead(Db db) : ILetterhead
{
    public Task<(string Name, string TimeZone)> Read(CancellationToken ct) =>
        db.ReadFirst($"select name, time_zone from ordering.stores where id = 1", row => (row.GetString(0), row.GetString(1)), ct);
}
