using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Notifications;

/// <summary>Things of notifications that are simply there.</summary>
internal static class Told
{
    public static async Task<Guid> InsertNotice(this QuitandaApp app, Guid personId)
    {
        var id = Guid.CreateVersion7();
        await app.Execute($"""
            insert into notifications.notices (id, person_id, kind, key, title, body, short, data, is_listed, created_at)
            values ({id}, {personId}, 'order.ready', {id.ToString()}, 'Pedido 7 pronto', 'O pedido 7 está pronto.', 'O pedido 7 está pronto.', jsonb_build_object('orderNumber', '7'), true, {app.Clock.GetUtcNow()})
            """);
        return id;
    }

    /// <summary>A mail, and the token by which its reader asks for no more.</summary>
    public static async Task<string> InsertMailed(this QuitandaApp app, Guid personId)
    {
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.Execute($"""
            insert into notifications.deliveries (id, person_id, channel, kind, status, attempts, created_at, updated_at, finished_at) values ({id}, {personId}, 'email', 'order.confirmed', 'sent', 1, {now}, {now}, {now})
            """);
        return new SignedIds(app.Services.GetRequiredService<Secrets>(), "quitanda unsubscribe", "qun_").Write(id);
    }

    public static async Task<Guid> InsertSubscription(this QuitandaApp app, Guid personId)
    {
        var (id, now) = (Guid.CreateVersion7(), app.Clock.GetUtcNow());
        await app.Execute($"""
            insert into notifications.push_subscriptions (id, person_id, endpoint, public_key, auth, created_at, updated_at)
            values ({id}, {personId}, {Base64Url.EncodeToString(id.ToByteArray())}, {RandomNumberGenerator.GetBytes(65)}, {RandomNumberGenerator.GetBytes(16)}, {now}, {now})
            """);
        return id;
    }
}
