using Quitanda.Files.Stores;
using Quitanda.Platform;

namespace Quitanda.Files.Orphans;

/// <summary>Deletes an object of the store, and the row of a deleted file once its bytes are gone. Tried again until the store has done it.</summary>
internal sealed class DeleteObject(Db db, IFileStore store) : ICallOut<DeleteObject.Message, bool>
{
    public const string Kind = "files.delete-object";

    internal sealed record Message(string Key);

    public async Task<bool> Call(Message message, CancellationToken ct)
    {
        await store.Delete(ObjectKey.Parse(message.Key), ct);
        return true;
    }

    public Task Write(Message message, bool outcome, CancellationToken ct) =>
        db.Execute($"delete from files.files where object_key = {message.Key} and state = 'deleted'", ct);
}
