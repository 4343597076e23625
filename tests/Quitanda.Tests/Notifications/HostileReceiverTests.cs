using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Quitanda.Notifications.Webhooks;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Notifications;

/// <summary>Receivers that never answer, beside others that do: a process of its own runs the jobs, and what counts is who was served while the first still held their places.</summary>
public sealed class HostileReceiverTests(WebhookApp app) : IClassFixture<WebhookApp>
{
    private static readonly (string, string)[] Settings = [.. WebhookApp.Loopback, ("Jobs:Enabled", "true"), ("Webhooks:TimeoutSeconds", "20"), ("Mail:Transport", "mailbox"), ("Mail:MailboxSize", "1000")];

    [Fact]
    public async Task Those_that_answer_are_told_of_everything_while_others_hang_and_letters_and_payments_have_places_of_their_own()
    {
        const int Bad = 3, Good = 3, Half = 4;
        var events = Size.Of(60, 600);
        await using var other = await app.StartBeside(Settings);
        await using var hostile = new HookServer();
        hostile.Hang();
        await using var good = new HookServer();
        var user = await app.Insert(Roles.Customer | Roles.Admin);
        var admin = app.As(user);
        for (var i = 0; i < Bad; i++)
            await admin.AddEndpoint(hostile.Url, "order.status_changed");
        var answering = new List<string>();
        for (var i = 0; i < Good; i++)
            answering.Add((await admin.AddEndpoint(good.Url, "order.status_changed")).Path);
        await app.Happens(times: events);

        await Eventually.Happens(() => good.Received.Count >= Good * events, "Everything that can be delivered");
        Assert.Equal(events, good.Received.Select(one => one.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(hostile.Open, 0, Half);
        Assert.InRange(hostile.Received.Count, 1, Good * events);

        // Many of which nobody knows yet that they hang have no more than half of the places.
        for (var i = 0; i < 12; i++)
            await (await admin.Post($"{(await admin.AddEndpoint(hostile.Url, "webhook.test")).Path}/test")).Body(HttpStatusCode.Accepted);
        await Eventually.Happens(() => hostile.Open >= Half, "Half of the places taken");
        await app.Happens(times: events);
        await Eventually.Happens(() => good.Received.Count >= 2 * Good * events, "Everything that can be delivered, once more");
        Assert.InRange(hostile.Open, 0, Half);

        // All places for what people named taken, by those that answered until now as well: what asks our own providers is not touched.
        good.Hang();
        foreach (var path in answering)
            for (var i = 0; i < 2; i++)
                await (await admin.Post($"{path}/test")).Body(HttpStatusCode.Accepted);
        await Eventually.Happens(() => hostile.Open + good.Open >= 2 * Half, "All places taken");
        await app.InScope(provider =>
        {
            provider.GetRequiredService<IMail>().Send(user.Id, new EndpointDisabled("Caixa", IsGone: true, IsFailing: false));
            return Task.FromResult(true);
        });
        await Eventually.Happens(async () => (await (await app.Guest.Get("/dev/mail.json")).Body()).GetProperty("data").EnumerateArray().Any(mail => mail.Text("toAddress") == user.Email), "The letter");
        Assert.InRange(hostile.Open, 1, Half);
    }
}
