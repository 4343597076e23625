using System.Globalization;

namespace Quitanda.MovingIn.Sources;

/// <summary>Rows that belong to others, read once from the first to the last, in the order of those: so much of them at a time as is asked for.</summary>
/// <param name="source">Where they are.</param>
/// <param name="name">The cursor, which is open.</param>
/// <param name="width">Columns of a row; the last two are the place and the key of the row that it belongs to.</param>
internal sealed class SourceCursor(SourceDatabase source, string name, int width)
{
    private const int AtOnce = 2000;

    private readonly Queue<string?[]> _ahead = new();
    private bool _isOver;

    /// <summary>Those that belong to the rows up to a place, and were not read before, with the key of the row.</summary>
    public async Task<List<(string Key, string?[] Values)>> UpTo(long place, CancellationToken ct)
    {
        List<(string, string?[])> rows = [];
        while (true)
        {
            while (_ahead.TryPeek(out var next) && long.Parse(next[^2]!, CultureInfo.InvariantCulture) <= place)
                rows.Add((_ahead.Dequeue()[^1]!.Trim(), next));
            if (_ahead.Count > 0 || _isOver)
                return rows;
            var more = await source.Fetch(name, AtOnce, width, ct);
            _isOver = more.Count < AtOnce;
            more.ForEach(_ahead.Enqueue);
        }
    }
}
