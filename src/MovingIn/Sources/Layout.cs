namespace Quitanda.MovingIn.Sources;

/// <summary>Where a kind of things may be found in another system: names of tables and columns, in the order in which they are looked for.</summary>
/// <param name="Tables">The table; names of one thing and of many are one, and their case and underscores do not count.</param>
/// <param name="Fields">What is read of it.</param>
/// <param name="Sides">Tables beside it that hold more of each of its rows.</param>
internal sealed record Layout(string[] Tables, Field[] Fields, params Side[] Sides);

/// <summary>Something that is read, by our name for it.</summary>
/// <param name="Name">Ours.</param>
/// <param name="Columns">Theirs; <c>profile.bio</c> is a column of a side.</param>
internal sealed record Field(string Name, params string[] Columns);

/// <summary>A table beside, with one row for each row at the most; of several the newest.</summary>
/// <param name="Name">Ours, before the point in <see cref="Field.Columns"/>.</param>
/// <param name="Tables">Theirs.</param>
/// <param name="On">Which columns are the same, of the side and of the table it is beside.</param>
internal sealed record Side(string Name, string[] Tables, params (string[] Side, string[] Main)[] On);
