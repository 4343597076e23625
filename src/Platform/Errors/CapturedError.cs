using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Quitanda.Platform.Errors;

/// <summary>An exception as it came, to be looked at later by somebody who has time.</summary>
internal sealed record RawError(Exception Error, string Source, string UseCase, DateTimeOffset At, ActivityTraceId TraceId, ActivitySpanId SpanId);

/// <summary>One line of a stack.</summary>
/// <param name="Module">The type, by its full name.</param>
/// <param name="Function">The method, as it is written in the source.</param>
/// <param name="File">The file without its folder; null where the build does not know.</param>
/// <param name="Line">0 where the build does not know.</param>
/// <param name="IsOwn">Whether it is code of ours.</param>
internal sealed record Frame(string Module, string Function, string? File, int Line, bool IsOwn)
{
    /// <summary>The type without its namespace, and the method.</summary>
    public string Name => $"{Module[(Module.LastIndexOf('.') + 1)..]}.{Function}";
}

/// <summary>An unexpected error, described, without the values that came from people; several of one kind are one, with a count.</summary>
internal sealed class CapturedError
{
    private const int FramesAtMost = 60;

    private CapturedError(RawError raw)
    {
        Type = Clean(raw.Error.GetType().FullName ?? raw.Error.GetType().Name);
        (Source, UseCase) = (raw.Source, Clean(raw.UseCase));
        Frames = FramesOf(raw.Error);
        Frame = Top(Frames)?.Name;
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Type}\n{raw.Source}\n{UseCase}\n{Frame}")).AsSpan(0, 16));
        Message = Clean(Scrubbed.MessageOf(raw.Error));
        Stack = Clean(Scrubbed.StackOf(raw.Error));
        TraceId = raw.TraceId == default ? null : raw.TraceId.ToHexString();
        SpanId = raw.SpanId == default ? null : raw.SpanId.ToHexString();
        FirstSeenAt = LastSeenAt = raw.At;
        Count = 1;
    }

    /// <summary>What makes two errors one: their type, what was to be done, and where in our code it went wrong. Not the message, which differs each time.</summary>
    public string Fingerprint { get; }

    public string Type { get; }
    public string Source { get; }
    public string UseCase { get; }
    public string? Frame { get; }
    public string Message { get; private set; }
    public string Stack { get; private set; }
    public string? TraceId { get; private set; }
    public string? SpanId { get; private set; }
    public DateTimeOffset FirstSeenAt { get; private set; }
    public DateTimeOffset LastSeenAt { get; private set; }
    public long Count { get; private set; }

    /// <summary>The innermost first.</summary>
    public IReadOnlyList<Frame> Frames { get; private set; }

    public static CapturedError Of(RawError raw) => new(raw);

    /// <summary>Takes in another of the same kind.</summary>
    public void Add(CapturedError other)
    {
        Count += other.Count;
        if (other.FirstSeenAt < FirstSeenAt)
            FirstSeenAt = other.FirstSeenAt;
        if (other.LastSeenAt < LastSeenAt)
            return;
        (LastSeenAt, Message, Stack, TraceId, SpanId, Frames) = (other.LastSeenAt, other.Message, other.Stack, other.TraceId, other.SpanId, other.Frames);
    }

    // NUL and lone surrogates, which PostgreSQL refuses: one of them would keep all that wait from being stored.
    private static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', ' ');

    // The machinery is in every stack; what is nearest to the fault is the module's code, if any of it is there.
    private static Frame? Top(IReadOnlyList<Frame> frames) =>
        frames.FirstOrDefault(frame => frame.IsOwn && !frame.Module.StartsWith("Quitanda.Platform.", StringComparison.Ordinal)) ?? frames.FirstOrDefault(frame => frame.IsOwn);

    private static List<Frame> FramesOf(Exception error)
    {
        // The first cause has the frames that say most; those who wrapped it only passed it on.
        var cause = error;
        while (cause.InnerException is { StackTrace: not null } inner)
            cause = inner;
        List<Frame> frames = [];
        foreach (var frame in new StackTrace(cause, fNeedFileInfo: true).GetFrames().Concat(cause == error ? [] : new StackTrace(error, fNeedFileInfo: true).GetFrames()).Take(FramesAtMost))
            if (frame.GetMethod() is { DeclaringType: { } declaring } method)
                frames.Add(Described(frame, method, declaring));
        return frames;
    }

    private static Frame Described(StackFrame frame, MethodBase method, Type declaring)
    {
        // What the compiler made of an async method or a lambda has the written name between brackets.
        var name = method.Name;
        var type = declaring;
        while (type.DeclaringType is { } outer && type.Name.StartsWith('<'))
        {
            if (type.Name.IndexOf('>', StringComparison.Ordinal) is > 1 and var end)
                name = type.Name[1..end];
            type = outer;
        }

        if (name.StartsWith('<') && name.IndexOf('>', StringComparison.Ordinal) is > 1 and var close)
            name = name[1..close];
        var module = (type.FullName ?? type.Name).Replace('+', '.').Split('[')[0];
        return new(module, name, Path.GetFileName(frame.GetFileName()), frame.GetFileLineNumber(), OwnTypes.Has(type));
    }
}
