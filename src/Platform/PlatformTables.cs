using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Quitanda.Platform;

/// <summary>Platform's own tables as the EF model knows them; they are written by hand-made SQL.</summary>
internal static partial class PlatformTables
{
    public static void Map(ModelBuilder model)
    {
        model.Entity<Job>(job =>
        {
            job.ToTable("jobs", "platform");
            job.Property(j => j.Payload).HasColumnType("jsonb");
            job.Property(j => j.State).IsNamed();
        });
        model.Entity<Errors.KeptError>().ToTable("errors", "platform");
        model.Entity<PausedJobKind>().ToTable("paused_job_kinds", "platform").HasKey(kind => kind.Kind);
        model.Entity<IdempotencyKey>().ToTable("idempotency_keys", "platform");
        model.Entity<PersonKey>().ToTable("person_keys", "platform").HasKey(key => key.PersonId);
        model.Entity<AuditRow>(row =>
        {
            row.ToTable("audit_log", "platform");
            row.Property(r => r.Origin).HasColumnType("jsonb");
            row.Property(r => r.Before).HasColumnType("jsonb");
            row.Property(r => r.After).HasColumnType("jsonb");
            row.Property(r => r.Details).HasColumnType("jsonb");
        });
        model.Entity<KeptMail>().ToTable("mailbox", "platform");
        model.Entity<EvictionRow>(eviction =>
        {
            eviction.ToTable("evictions", "platform");
            eviction.Property(e => e.Xid).HasColumnType("xid8");
        });
        model.Entity<LimitRow>().ToTable("limits", "platform").HasKey(limit => limit.Key);
        model.Entity<DataProtectionKey>().ToTable("data_protection_keys", "platform").HasKey(key => key.Name);
        model.Entity<StreamTicket>().ToTable("stream_tickets", "platform").HasKey(ticket => ticket.Hash);
    }

    /// <summary>Names every column of every module as its property is called, in snake_case.</summary>
    public static void NameColumns(ModelBuilder model)
    {
        foreach (var property in model.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(WordStart().Replace(property.Name, "_${start}").ToLowerInvariant());
    }

    [GeneratedRegex("(?<!^)(?<start>[A-Z])", RegexOptions.ExplicitCapture | RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WordStart();
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

internal sealed class PersonKey
{
    public Guid PersonId { get; init; }
    public string? Secret { get; init; }
    public byte[]? Wrapped { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ErasedAt { get; init; }
}

internal sealed class AuditRow
{
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Action { get; init; }
    public Guid? ActorId { get; init; }
    public required string[] ActorRoles { get; init; }
    public Guid? SessionId { get; init; }
    public Guid? PersonId { get; init; }
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }
    public string? RequestId { get; init; }
    public string? TraceId { get; init; }
    public required string Origin { get; init; }
    public string? Before { get; init; }
    public string? After { get; init; }
    public string? Details { get; init; }
}

internal sealed class KeptMail
{
    public Guid Id { get; init; }
    public long Position { get; init; }
    public required string Template { get; init; }
    public required string Locale { get; init; }
    public required string FromName { get; init; }
    public required string FromAddress { get; init; }
    public required string ToName { get; init; }
    public required string ToAddress { get; init; }
    public required string Subject { get; init; }
    public required string TextBody { get; init; }
    public required string HtmlBody { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class EvictionRow
{
    public required Guid Id { get; init; }
    public ulong Xid { get; init; }
    public required string[] Tags { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class LimitRow
{
    public required Guid Key { get; init; }
    public int Count { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
}

internal sealed class StreamTicket
{
    public required byte[] Hash { get; init; }
    public Guid UserId { get; init; }
    public Guid SessionId { get; init; }
    public long? Version { get; init; }
    public DateTimeOffset? GoodUntil { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Forgets idempotency keys after 24 hours.</summary>
internal sealed class ForgetIdempotencyKeys(Db db) : IHandle<Tick>
{
    public static readonly TimeSpan KeptFor = TimeSpan.FromHours(24);

    public Task Handle(Tick message, CancellationToken ct) =>
        db.Execute($"delete from platform.idempotency_keys where created_at < {message.At - KeptFor}", ct);
}
