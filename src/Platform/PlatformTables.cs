using Microsoft.EntityFrameworkCore;

namespace Quitanda.Platform;

/// <summary>Platform's own tables as the EF model knows them; they are written by hand-made SQL.</summary>
internal static class PlatformTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<Job>(job =>
        {
            job.ToTable("jobs", "platform");
            job.Property(j => j.Payload).HasColumnType("jsonb");
            job.Property(j => j.State).HasConversion(state => state.Name(), name => Wire.Parse<JobState>(name));
        });
        model.Entity<PausedJobKind>().ToTable("paused_job_kinds", "platform").HasKey(kind => kind.Kind);
        model.Entity<IdempotencyKey>().ToTable("idempotency_keys", "platform");
        model.Entity<DataProtectionKey>().ToTable("data_protection_keys", "platform").HasKey(key => key.Name);
    }
}

/// <summary>Whether a job is still to be done.</summary>
internal enum JobState
{
    Ready,
    Dead,
}

internal sealed class Job
{
    public long Id { get; init; }
    public required string Kind { get; init; }
    public required string Payload { get; init; }
    public JobState State { get; init; }
    public DateTimeOffset RunAt { get; init; }
    public int Attempts { get; init; }
    public Guid? Token { get; init; }
    public DateTimeOffset? LeasedUntil { get; init; }
    public string? UniqueKey { get; init; }
    public string? TraceParent { get; init; }
    public string? LastError { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A kind of job that no process claims until it is resumed.</summary>
internal sealed class PausedJobKind
{
    public required string Kind { get; init; }
    public DateTimeOffset PausedAt { get; init; }
}

internal sealed class IdempotencyKey
{
    public required byte[] Id { get; init; }
    public required byte[] RequestHash { get; init; }
    public int Status { get; init; }
    public string? ContentType { get; init; }
    public string? Location { get; init; }
    public byte[]? Body { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset BusyUntil { get; init; }
}

internal sealed class DataProtectionKey
{
    public required string Name { get; init; }
    public required string Xml { get; init; }
}

/// <summary>Forgets idempotency keys after 24 hours.</summary>
internal sealed class ForgetIdempotencyKeys(Db db) : IHandle<Tick>
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    public Task Handle(Tick message, CancellationToken ct) =>
        db.Execute($"delete from platform.idempotency_keys where created_at < {message.At - KeptFor}", ct);
}
