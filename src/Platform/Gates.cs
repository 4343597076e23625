using Microsoft.AspNetCore.Builder;

namespace Quitanda.Platform;

/// <summary>
/// A table as a gate. Many units of work go through it together, each until it has ended; one that goes alone waits for all of them, and lets none in until it has ended itself. Readers and dumps
/// are not held up, and no row is touched.
/// </summary>
/// <remarks>
/// It is for what many decide by and few change: a row's lock would be written by everybody who only goes by it. A table and not an advisory lock, since
/// taking that one is a query: a serializable transaction, as every write with <c>If-Match</c> is, would have its snapshot before it has waited.
/// </remarks>
public static class Gates
{
    /// <summary>Goes through together with others. It rides with the next statement, which sees all that whoever went alone has done; what it reads of that stays so until the commit.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="table">With its schema; a name from the program's text.</param>
    public static void GoTogether(this Db db, string table) => db.First(Sql.Raw($"lock table {table} in row share mode"));

    /// <summary>Has a writing route go through together with others, before anything else of its transaction: for one that takes <c>If-Match</c>, whose snapshot would else come first.</summary>
    public static TBuilder GoesTogether<TBuilder>(this TBuilder route, string table) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Gate(table, IsAlone: false, IsForConditions: false));

    /// <summary>Has a writing route go through alone, before anything else of its transaction. Every route that writes the table itself must, so that none waits for another in a circle.</summary>
    public static TBuilder GoesAlone<TBuilder>(this TBuilder route, string table) where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Gate(table, IsAlone: true, IsForConditions: false));

    /// <summary>
    /// Has a writing route go through alone where it has a condition (<c>If-Match</c>), and together with others where it has none: for one that changes what others go by and waits for their rows. Without
    /// a condition it sees what they have done once it has waited; with one its snapshot comes first. Other routes that write the table go together at least.
    /// </summary>
    public static TBuilder GoesAloneUnderConditions<TBuilder>(this TBuilder route, string table) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new Gate(table, IsAlone: true, IsForConditions: true));

    /// <summary>What is said of such a route.</summary>
    internal sealed record Gate(string Table, bool IsAlone, bool IsForConditions)
    {
        /// <summary>Goes through. Alone it holds up writers of the table and those who go together, not readers.</summary>
        public void Go(Db db, bool hasCondition)
        {
            if (IsAlone && (hasCondition || !IsForConditions))
                db.First(Sql.Raw($"lock table {Table} in exclusive mode"));
            else
                db.GoTogether(Table);
        }
    }
}
