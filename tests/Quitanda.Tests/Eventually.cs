using System.Diagnostics;

namespace Quitanda.Tests;

/// <summary>Waits for what nobody tells a test of: what another process, another thread or the end of a request does behind an answer.</summary>
internal static class Eventually
{
    /// <summary>Far longer than a busy machine needs, so that only what does not happen at all runs into it. Never a measure of speed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Ends when it has happened; fails after <see cref="Patience"/>, saying <paramref name="what"/> did not.</summary>
    public static async Task Happens(Func<Task<bool>> happened, string what = "What was waited for")
    {
        for (var begun = Stopwatch.GetTimestamp(); !await happened();)
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Patience, $"{what} did not happen within {Patience.TotalSeconds} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <inheritdoc cref="Happens(Func{Task{bool}}, string)"/>
    public static Task Happens(Func<bool> happened, string what = "What was waited for") => Happens(() => Task.FromResult(happened()), what);
}
