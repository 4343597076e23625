using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Quitanda.Content.Posts;
using Quitanda.Platform;

namespace Quitanda.Content.Views;

/// <summary>
/// Counts how often posts are read, in this process's memory, and writes it down every few seconds in one statement and when the process ends: a read never writes. A process that dies takes its last
/// seconds along. A view is an answer to a GET of one published post, from memory, anew, or the word that it has not changed (304); not a HEAD, not by a program that says it is one, and
/// not by those who look after the post.
/// </summary>
internal sealed partial class PostViews(Executor executor, IOptions<ContentSettings> settings, ILogger<PostViews> log) : BackgroundService
{
    /// <summary>Posts that are counted at once. Far more than are read within seconds; past it, what is not there yet is not counted.</summary>
    private const int PostsAtMost = 100_000;

    /// <summary>How programs that walk the web call themselves.</summary>
    private static readonly string[] Programs = ["bot", "crawl", "spider", "slurp", "preview", "facebookexternalhit", "monitor", "curl/", "wget/"];

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<Guid, long> _counts = new();

    /// <summary>Views that are not written down yet.</summary>
    internal long Waiting => _counts.Values.Sum();

    /// <summary>Counts a request for a post, if it is a view.</summary>
    public void Count(HttpContext http, Guid postId)
    {
        if (PublicReads.IsHead(http) || IsProgram(http.Request.Headers.UserAgent.ToString()))
            return;
        if (_counts.ContainsKey(postId) || _counts.Count < PostsAtMost)
            _counts.AddOrUpdate(postId, 1, static (_, before) => before + 1);
    }

    /// <summary>Counts an answer that was given from memory.</summary>
    public static void CountKept(HttpContext http, IReadOnlyList<string> tags)
    {
        foreach (var tag in tags)
            if (Post.Tagged(tag) is { } id)
                http.RequestServices.GetRequiredService<PostViews>().Count(http, id);
    }

    /// <summary>Writes down what has been counted. Where it cannot be written, it is counted on.</summary>
    public async Task Flush(CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            if (_counts.IsEmpty)
                return;
            var taken = new SortedDictionary<Guid, long>();
            // One by one: who counts meanwhile begins anew behind it, and nothing is lost between the two.
            foreach (var id in _counts.Keys)
                if (_counts.TryRemove(id, out var count))
                    taken.Add(id, count);
            try
            {
                await Write(taken, ct);
            }
            catch
            {
                foreach (var (id, count) in taken)
                    _counts.AddOrUpdate(id, count, (_, before) => before + count);
                throw;
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(settings.Value.ViewSeconds));
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await FlushQuietly(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The process ends; what is left is written in StopAsync, after the last request.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushQuietly(cancellationToken);
    }

    public override void Dispose()
    {
        _writing.Dispose();
        base.Dispose();
    }

    private async Task FlushQuietly(CancellationToken ct)
    {
        try
        {
            await Flush(ct);
        }
        catch (Exception error) when (error is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            NotWritten(log, error.Message);
        }
    }

    private Task<bool> Write(SortedDictionary<Guid, long> counts, CancellationToken ct)
    {
        var (ids, numbers) = (counts.Keys.ToArray(), counts.Values.ToArray());
        // In the order of their ids, so that two processes that write the same posts come one after the other. No answer is forgotten for it: a minute later all show the new number.
        return executor.Run(async provider =>
        {
            await provider.GetRequiredService<Db>().Execute($"""
                with locked as (
                    select p.id from content.posts p where p.id = any({ids}) order by p.id for no key update
                )
                update content.posts p set view_count = p.view_count + v.count from unnest({ids}, {numbers}) as v (id, count), locked where locked.id = v.id and p.id = v.id
                """, ct);
            return true;
        }, ct);
    }

    private static bool IsProgram(string userAgent) => Array.Exists(Programs, name => userAgent.Contains(name, StringComparison.OrdinalIgnoreCase));

    [LoggerMessage(145, LogLevel.Warning, "Views could not be written down and are counted on: {Reason}")]
    private static partial void NotWritten(ILogger log, string reason);
}
