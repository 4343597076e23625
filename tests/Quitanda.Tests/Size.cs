namespace Quitanda.Tests;

/// <summary>How large a race or a crash is: small in every run, at its full size with <c>./quitanda test --full</c>.</summary>
internal static class Size
{
    /// <summary>Whether this is such a run.</summary>
    public static readonly bool IsFull = Environment.GetEnvironmentVariable("QUITANDA_TEST_FULL") == "1";

    public static int Of(int normal, int full) => IsFull ? full : normal;
}
