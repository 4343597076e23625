using Quitanda.MovingIn.Sources;
using Quitanda.Platform;

namespace Quitanda.MovingIn.Kinds;

/// <summary>One kind of things that is moved in: where it may be found, how a row of it is understood, and who takes it.</summary>
internal abstract class Kind
{
    /// <summary>Stable, stored: <c>users</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Where it may be found.</summary>
    public abstract Layout Layout { get; }

    /// <summary>The rows that belong to each of its rows, by the field that names it; null where none do.</summary>
    public virtual (Layout Layout, string Field)? Lines => null;

    /// <summary>The words that belong to each of its rows, by the field that names it; null where none do.</summary>
    public virtual (Layout Layout, string Field)? Labels => null;

    /// <summary>What the module takes; the module is its assembly's.</summary>
    public abstract Type Incoming { get; }

    /// <summary>Whether two of them can never be one thing here.</summary>
    public virtual bool AreApart => false;

    /// <summary>What else a row names, that must be here first.</summary>
    public virtual IEnumerable<(string Kind, string? OldId)> Named(SourceRow row) => [];

    /// <summary>Brings what rows name and no row of its own holds.</summary>
    /// <returns>What came of it, by its kind and what it was called.</returns>
    public virtual Task<IReadOnlyList<(string Kind, string OldId, Arrival Arrival)>> Prepare(IServiceProvider services, IReadOnlyList<SourceRow> rows, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<(string, string, Arrival)>>([]);

    /// <summary>A row as the module that takes it wants it; null, with a refusal said of the row, where it cannot come.</summary>
    public abstract object? Understand(SourceRow row, string oldId);

    /// <summary>Has the module take what was understood.</summary>
    public abstract Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IReadOnlyList<object> incoming, CancellationToken ct);
}

/// <inheritdoc cref="Kind"/>
/// <typeparam name="T">What the module takes.</typeparam>
internal abstract class Kind<T> : Kind where T : class
{
    public sealed override Type Incoming => typeof(T);

    public sealed override object? Understand(SourceRow row, string oldId) => Map(row, oldId, row.Reading);

    public sealed override Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, IReadOnlyList<object> incoming, CancellationToken ct) => Take(services, [.. incoming.Cast<T>()], ct);

    /// <inheritdoc cref="Kind.Understand"/>
    protected abstract T? Map(SourceRow row, string oldId, Reading reading);

    /// <inheritdoc cref="Kind.Take(IServiceProvider, IReadOnlyList{object}, CancellationToken)"/>
    protected abstract Task<IReadOnlyList<Arrival>> Take(IServiceProvider services, T[] incoming, CancellationToken ct);

    /// <summary>Another thing by its id here; null, with a refusal, where it is not here.</summary>
    protected static Guid? Needed(SourceRow row, string kind, string field, string what)
    {
        if (row.Reading.Here(kind, row.Id(field)) is { } id)
            return id;
        var why = row.Reading.WhyNot(kind, row.Id(field), what);
        row.Says.Refuse(why.Code, why.Text);
        return null;
    }
}
