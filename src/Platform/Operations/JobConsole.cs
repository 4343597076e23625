using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;

namespace Quitanda.Platform.Operations;

/// <summary>The queue for a person at a terminal: the same <see cref="JobDesk"/> as the routes, written as lines or, where asked for, as the API's JSON.</summary>
public sealed class JobConsole(IServiceProvider services, TextWriter output, bool asJson)
{
    private static readonly JsonSerializerOptions Readable = new(Wire.Json) { WriteIndented = true };

    /// <summary>Writes a page of jobs, the newest first.</summary>
    /// <exception cref="InvalidException">There is no such state.</exception>
    public async Task List(string? state, string? kind, int limit, CancellationToken ct)
    {
        if (state is not null)
            _ = Wire.Asked<Standing>(state, "state");
        var page = await Ask(desk => desk.List(new() { State = state, Kind = kind, Limit = limit }, ct), ct);
        if (asJson)
        {
            Write(page);
            return;
        }

        foreach (var job in page.Data)
            output.WriteLine(Line(job));
        output.WriteLine($"{page.Data.Count} of {page.Meta.Total} jobs");
    }

    /// <summary>Writes each kind with its numbers.</summary>
    public async Task Kinds(CancellationToken ct)
    {
        var kinds = await Ask(desk => desk.Kinds(only: null, ct), ct);
        if (asJson)
        {
            Write(kinds);
            return;
        }

        foreach (var kind in kinds)
            output.WriteLine(Line(kind));
    }

    /// <summary>Writes a job, whole. False where there is none.</summary>
    public Task<bool> Show(string id, CancellationToken ct) => One(id, (desk, job) => desk.Find(job, ct), ct);

    /// <summary>Makes a job due now. False where there is none.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>: a process works at it.</exception>
    public Task<bool> Retry(string id, CancellationToken ct) => One(id, (desk, job) => desk.Retry(job, ct), ct);

    /// <summary>Deletes a job. False where there is none.</summary>
    /// <exception cref="RefusedException"><c>invalid_transition</c>: a process works at it.</exception>
    public async Task<bool> Delete(string id, CancellationToken ct) => IdOf(id) is { } job && await Ask(desk => desk.Delete(job, ct), ct);

    /// <summary>Pauses a kind. False where there is none.</summary>
    public Task<bool> Pause(string kind, CancellationToken ct) => Change(desk => desk.Pause(kind, ct), ct);

    /// <summary>Resumes a kind. False where there is none.</summary>
    public Task<bool> Resume(string kind, CancellationToken ct) => Change(desk => desk.Resume(kind, ct), ct);

    private async Task<bool> One(string id, Func<JobDesk, Guid, Task<JobDetails?>> use, CancellationToken ct)
    {
        if (IdOf(id) is not { } job || await Ask(desk => use(desk, job), ct) is not { } found)
            return false;
        if (asJson)
        {
            Write(found);
            return true;
        }

        output.WriteLine(Line(found));
        output.WriteLine(found.Payload.GetRawText());
        if (found.TraceId is not null)
            output.WriteLine($"trace {found.TraceId}");
        if (found.LastError is not null)
            output.WriteLine(found.LastError);
        return true;
    }

    private async Task<bool> Change(Func<JobDesk, Task<JobKind?>> change, CancellationToken ct)
    {
        if (await Ask(change, ct) is not { } kind)
            return false;
        if (asJson)
            Write(kind);
        else
            output.WriteLine(Line(kind));
        return true;
    }

    private Task<T> Ask<T>(Func<JobDesk, Task<T>> use, CancellationToken ct) => services.GetRequiredService<Executor>().Run(provider => use(provider.GetRequiredService<JobDesk>()), ct);

    private void Write<T>(T value) => output.WriteLine(JsonSerializer.Serialize(value, Readable));

    /// <summary>As the API writes it, or the number alone.</summary>
    private static Guid? IdOf(string text) =>
        Guid.TryParse(text, out var id) ? id : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? JobDesk.IdOf(number) : null;

    private static string Line(JobRow job) => string.Create(CultureInfo.InvariantCulture,
        $"{job.Id}  {job.State.Name(),-7}  {job.Kind,-32}  attempts {job.Attempts,2}  due {job.RunAt:yyyy-MM-dd'T'HH:mm:ss'Z'}  {job.LastError?.Split('\n')[0]}").TrimEnd();

    private static string Line(JobKind kind) => string.Create(CultureInfo.InvariantCulture,
        $"{kind.Kind,-32}  {(kind.IsPaused ? "paused" : kind.IsKnown ? "runs" : "waits"),-6}  due {kind.Due}, waiting {kind.Waiting}, running {kind.Running}, dead {kind.Dead}{(kind.OldestDueSeconds is { } age ? $", oldest {age:0} s" : "")}{(kind.EverySeconds is { } every ? $", every {every:0} s" : "")}");
}
