using Npgsql;

namespace Quitanda.Platform;

/// <summary>A row that was asked for ahead of the next statement.</summary>
public sealed class Ahead<T>
{
    private readonly Db _db;
    private T? _value;
    private bool _isHere;

    internal Ahead(Db db) => _db = db;

    /// <summary>The row. Asks for it alone if nothing else has been read meanwhile.</summary>
    /// <exception cref="InvalidOperationException">There is no such row.</exception>
    public async ValueTask<T> Get(CancellationToken ct)
    {
        if (!_isHere)
            await _db.Reading([], _ => Task.CompletedTask, ct);
        return _isHere ? _value! : throw new InvalidOperationException("What went ahead was forgotten with the work it belonged to.");
    }

    internal void Arrive(T value) => (_value, _isHere) = (value, true);
}

/// <summary>A statement that waits for the next one that reads, and who takes its row.</summary>
internal sealed record Waiting(Sql Sql, Action<NpgsqlDataReader> Arrive);
