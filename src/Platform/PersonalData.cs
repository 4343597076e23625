using Microsoft.Extensions.DependencyInjection;

namespace Quitanda.Platform;

/// <summary>
/// One kind of thing that a module holds about people: how it is given out to them, and how it is taken away. The module registers it with
/// <see cref="PersonalDataRegistration.AddPersonalData{T}"/>.
/// </summary>
[EvenWhenOff]
public interface IPersonalData
{
    /// <summary>What it is called in an export, one name for one kind, in camelCase: <c>files</c>. Clients read it: never rename one.</summary>
    string Name { get; }

    /// <summary>What of it stays when its person is erased, and why, in a sentence that they can read; null where all of it goes.</summary>
    string? Stays { get; }

    /// <summary>All of it that is about a person, as the API shows it, read piece by piece, so that it may be of any size.</summary>
    IAsyncEnumerable<object> Export(Db db, Guid personId, CancellationToken ct);

    /// <summary>
    /// Takes it away in the caller's transaction, and parts what stays from its person. It may be asked again, and is, for what was on its way meanwhile.
    /// What lies outside the database is left to a job of the same transaction.
    /// </summary>
    /// <exception cref="RefusedException">Something that is under way still needs it; then nothing is erased at all.</exception>
    Task Erase(Db db, Guid personId, CancellationToken ct);
}

/// <summary>Erases people, over all modules: either everything goes, or nothing.</summary>
public sealed class Erasure
{
    /// <summary>How long something may be on its way that somebody began before they were erased: longer than an upload, or an access token.</summary>
    internal static readonly TimeSpan Meanwhile = TimeSpan.FromHours(2);

    private readonly IPersonalData[] _held;
    private readonly Db _db;
    private readonly TimeProvider _clock;

    internal Erasure(IEnumerable<IPersonalData> held, Db db, TimeProvider clock)
    {
        // Higher modules first: they let go of what lower ones hold for them.
        (_held, _db, _clock) = ([.. held.Reverse()], db, clock);
    }

    /// <summary>
    /// Erases a person from every module and from the audit log, for good, in this unit of work. The caller ends the person's access in the same one; what they had
    /// begun by then is erased by a job two hours later.
    /// </summary>
    /// <exception cref="RefusedException">Something that is under way still needs what is to go.</exception>
    public async Task Erase(Guid personId, CancellationToken ct)
    {
        await EraseHeld(personId, ct);
        _db.Schedule(EraseAgain.Kind, new EraseAgain.Message(personId), _clock.GetUtcNow() + Meanwhile);
    }

    /// <summary>
    /// Erases a guest whom a module knows to be done with, from every other module and from the audit log. A guest has no access to end and may come again, so nothing is done later.
    /// </summary>
    /// <param name="guestId">The guest.</param>
    /// <param name="own">A type of the module that asks, and has let go of what is its own.</param>
    /// <param name="ct">Ends the work.</param>
    public async Task EraseGuest(Guid guestId, Type own, CancellationToken ct)
    {
        foreach (var held in _held)
            if (held.GetType().Assembly != own.Assembly)
                await held.Erase(_db, guestId, ct);
        _db.Erase(guestId);
    }

    /// <summary>
    /// Erases what came late of somebody who is erased already. What something still needs, such as an order that was placed in the same moment, stays for now and stands
    /// in nothing else's way.
    /// </summary>
    /// <returns>Whether nothing is left.</returns>
    internal async Task<bool> EraseLate(Guid personId, CancellationToken ct)
    {
        var isWhole = true;
        foreach (var held in _held)
            try
            {
                await held.Erase(_db, personId, ct);
            }
            catch (RefusedException)
            {
                isWhole = false;
            }

        _db.Erase(personId);
        return isWhole;
    }

    private async Task EraseHeld(Guid personId, CancellationToken ct)
    {
        foreach (var held in _held)
            await held.Erase(_db, personId, ct);
        _db.Erase(personId);
    }
}

/// <summary>Erases what reached the database after its person was erased, because it was on its way; and comes again for what is still needed.</summary>
internal sealed class EraseAgain(Erasure erasure, Db db, TimeProvider clock) : IHandle<EraseAgain.Message>
{
    public const string Kind = "platform.erase-again";

    /// <param name="PersonId">Who was erased: by now an id and nothing else.</param>
    internal sealed record Message(Guid PersonId);

    public async Task Handle(Message message, CancellationToken ct)
    {
        if (!await erasure.EraseLate(message.PersonId, ct))
            db.Schedule(Kind, message, clock.GetUtcNow() + Erasure.Meanwhile);
    }
}

/// <summary>How modules say what they hold about people.</summary>
public static class PersonalDataRegistration
{
    /// <summary>Has <typeparamref name="T"/> be a part of every export and every erasure.</summary>
    public static IServiceCollection AddPersonalData<T>(this IServiceCollection services) where T : class, IPersonalData => services.AddScoped<IPersonalData, T>();
}
