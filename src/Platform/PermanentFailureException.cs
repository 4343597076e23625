namespace Quitanda.Platform;

/// <summary>
/// Thrown by a job that will fail however often it is tried, such as a mail that its server refuses for good: the job is dead at once, kept for an operator to see,
/// instead of after all its attempts.
/// </summary>
public sealed class PermanentFailureException(string message) : Exception(message);
