namespace Quitanda.Platform;

/// <summary>Counts what is done on somebody's behalf outside their requests and costs something, such as a text message. The counts are the database's, so a limit holds over all processes together.</summary>
public interface IQuotas
{
    /// <summary>Counts it once for each subject, in a statement of its own; also what is refused counts, and what is rolled back.</summary>
    /// <param name="name">What is counted, stable.</param>
    /// <param name="limit">How often it may be done for one subject.</param>
    /// <param name="subjects">For whom it is done; stored as hashes.</param>
    /// <param name="ct">Ends the work.</param>
    /// <returns>False where one of them has had it as often as it may be.</returns>
    Task<bool> Take(string name, Limit limit, IReadOnlyCollection<string> subjects, CancellationToken ct);
}
