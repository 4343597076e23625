using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quitanda.MovingIn.Kinds;
using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn;

/// <summary>Takes some rows of a kind in, in one transaction, with the note that they came.</summary>
internal static class Batch
{
    private const int LongestId = 200;

    public static async Task<List<Outcome>> Take(IServiceProvider services, Kind kind, List<SourceRow> given, Reading reading, CancellationToken ct)
    {
        var db = services.GetRequiredService<Db>();
        await Lock(db, ct);

        // Said anew when the transaction runs again.
        var rows = given.ConvertAll(row => row.Again());
        List<Outcome> outcomes = [];
        var keyed = Keyed(rows, kind, outcomes);
        var before = await Ledger.Find(db, reading.Name, kind.Name, [.. keyed.Select(row => row.OldId)], ct);
        reading.Forget();
        await Ledger.Learn(db, reading, keyed.SelectMany(row => kind.Named(row.Row)), ct);
        await Prepare(services, db, kind, [.. keyed.Where(row => !before.ContainsKey(row.OldId)).Select(row => row.Row)], reading, ct);

        List<Coming> coming = [];
        foreach (var (oldId, row) in keyed)
        {
            var hash = row.Hash();
            if (before.TryGetValue(oldId, out var entry))
                outcomes.Add(new(kind.Name, oldId, IsAsItWas(entry, hash, kind, row, oldId) ? Fate.Unchanged : Fate.Changed, entry.Remarks, NewId: entry.NewId));
            else if (Understand(kind, row, oldId) is not { } incoming || !row.Says.MayCome)
                outcomes.Add(new(kind.Name, oldId, Fate.Refused, row.Says.Remarks, row.Says.Refusal ?? new("not_understood", "It could not be understood.")));
            else
                coming.Add(new(oldId, row, incoming, hash));
        }

        if (coming.Count > 0)
            await Bring(services, db, kind, coming, ct);
        await RefuseRepeated(db, kind, coming, reading, ct);
        await Note(db, kind, coming, reading, ct);
        var against = await Ledger.OldIds(db, reading.Name, kind.Name, [.. coming.Select(one => one.Arrival!.Against).OfType<Guid>().Distinct()], ct);
        outcomes.AddRange(coming.Select(one => one.Outcome(kind.Name, against)));
        return outcomes;
    }

    /// <summary>Whether nobody changed it there. What is of somebody who was erased here is as it was, though it could not come again.</summary>
    private static bool IsAsItWas(Ledger.Entry entry, byte[] hash, Kind kind, SourceRow row, string oldId)
    {
        if (entry.Hash is null || hash.AsSpan().SequenceEqual(entry.Hash))
            return true;
        _ = Understand(kind, row, oldId);
        return row.Says.Refusal?.Code.EndsWith("_erased", StringComparison.Ordinal) == true;
    }

    /// <summary>What nobody foresaw in a row is that row's alone: JSON may hold half a character, which no text can, and an amount may be more than any number.</summary>
    private static object? Understand(Kind kind, SourceRow row, string oldId)
    {
        try
        {
            return kind.Understand(row, oldId);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            row.Says.Refuse("not_understood", $"Something in it could not be read ({error.GetType().Name}).");
            return null;
        }
    }

    /// <summary>One after the other: also after the last statement of one that was killed.</summary>
    private static async Task Lock(Db db, CancellationToken ct)
    {
        try
        {
            await db.Execute($"select pg_advisory_xact_lock(hashtextextended('movingin', 0))", ct);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new RefusedException("import_running", "Another import writes into this database right now.");
        }
    }

    /// <summary>Rows that have a name of their own.</summary>
    private static List<(string OldId, SourceRow Row)> Keyed(List<SourceRow> rows, Kind kind, List<Outcome> outcomes)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        List<(string, SourceRow)> keyed = [];
        foreach (var row in rows)
            if (row.Id("id") is not { Length: <= LongestId } oldId)
                outcomes.Add(new(kind.Name, "?", Fate.Refused, [], new("no_key", "It has no id, or one that is longer than ids are.")));
            else if (!seen.Add(oldId))
                outcomes.Add(new(kind.Name, oldId, Fate.Refused, [], new("key_repeated", "Another row came first with the same id.")));
            else
                keyed.Add((oldId, row));
        return keyed;
    }

    private static async Task Prepare(IServiceProvider services, Db db, Kind kind, List<SourceRow> rows, Reading reading, CancellationToken ct)
    {
        var prepared = (await kind.Prepare(services, rows, ct)).Where(one => one.Arrival.MayCome).ToList();
        await Ledger.Note(db, reading.Name, reading.Now, [.. prepared.Select(one => (one.Kind, one.OldId, one.Arrival.Id, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(one.OldId)), one.Arrival.Remarks))], ct);
        foreach (var (named, oldId, arrival) in prepared)
            reading.Learn(named, oldId, new(arrival.Id, IsErased: false));
    }

    /// <summary>Has the module take rows. Where the database refuses one that nobody foresaw, the others come all the same: halves are tried until it is found.</summary>
    private static async Task Bring(IServiceProvider services, Db db, Kind kind, List<Coming> coming, CancellationToken ct)
    {
        await db.Execute(Sql.Raw("savepoint before_rows"), ct);
        try
        {
            var arrivals = await kind.Take(services, [.. coming.Select(one => one.Incoming)], ct);
            await db.Flush(ct);
            await db.Execute(Sql.Raw("release savepoint before_rows"), ct);
            for (var at = 0; at < coming.Count; at++)
                coming[at].Arrival = arrivals[at];
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            await db.Execute(Sql.Raw("rollback to savepoint before_rows"), ct);
            if (coming is [var only])
            {
                only.Arrival = new(Guid.Empty);
                only.Arrival.Refuse("not_accepted", $"The database does not accept it: {refused.ConstraintName ?? refused.MessageText}.");
                return;
            }

            await Bring(services, db, kind, coming[..(coming.Count / 2)], ct);
            await Bring(services, db, kind, coming[(coming.Count / 2)..], ct);
        }
    }

    /// <summary>Two that are apart there do not become one here.</summary>
    private static async Task RefuseRepeated(Db db, Kind kind, List<Coming> coming, Reading reading, CancellationToken ct)
    {
        if (!kind.AreApart)
            return;
        var joined = coming.Where(one => one.Arrival is { MayCome: true, IsJoined: true }).ToList();
        var known = await Ledger.OldIds(db, reading.Name, kind.Name, [.. joined.Select(one => one.Arrival!.Id)], ct);
        foreach (var one in joined.Where(one => known.ContainsKey(one.Arrival!.Id)))
            one.Arrival!.Refuse("email_repeated", "Another account came first with the same address, but for its case.", one.Arrival.Id);
    }

    private static Task Note(Db db, Kind kind, List<Coming> coming, Reading reading, CancellationToken ct) => Ledger.Note(
        db, reading.Name, reading.Now, [.. coming.Where(one => one.Arrival!.MayCome).Select(one => (kind.Name, one.OldId, one.Arrival!.Id, one.Hash, one.Remarks))], ct);

    /// <summary>A row on its way.</summary>
    private sealed class Coming(string oldId, SourceRow row, object incoming, byte[] hash)
    {
        public string OldId => oldId;
        public object Incoming => incoming;
        public byte[] Hash => hash;
        public Arrival? Arrival { get; set; }
        public IReadOnlyList<Remark> Remarks => [.. row.Says.Remarks, .. Arrival!.Remarks];

        public Outcome Outcome(string kind, Dictionary<Guid, string> against)
        {
            if (Arrival!.Refusal is not { } refusal)
                return new(kind, oldId, Arrival.IsJoined ? Fate.Joined : Fate.Taken, Remarks, NewId: Arrival.Id);
            var other = Arrival.Against is not { } id ? "" : against.TryGetValue(id, out var old) ? $" It is {old}." : $" It is {id} here.";
            return new(kind, oldId, Fate.Refused, Remarks, refusal with { Text = refusal.Text + other });
        }
    }
}
