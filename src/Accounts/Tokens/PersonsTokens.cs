using System.Runtime.CompilerServices;
using Quitanda.Platform;

namespace Quitanda.Accounts.Tokens;

/// <summary>What somebody was written to confirm, and has not. Of the tokens themselves nothing is held that could be given out.</summary>
internal sealed class PersonsTokens : IPersonalData
{
    public string Name => "pendingConfirmations";

    public string? Stays => null;

    private sealed record Pending(TokenPurpose Purpose, string Email, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

    public async IAsyncEnumerable<object> Export(Db db, Guid personId, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var pending in await db.Read(
            $"select purpose, email, created_at, expires_at from accounts.mail_tokens where user_id = {personId} order by created_at",
            row => new Pending(Wire.Parse<TokenPurpose>(row.GetString(0)), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetFieldValue<DateTimeOffset>(3)), ct))
            yield return pending;
    }

    public Task Erase(Db db, Guid personId, CancellationToken ct) => MailToken.EndAll(db, personId, ct);
}
