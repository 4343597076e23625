using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>
/// Whoever holds the link in a mail wants no more of its kind in that way: also by the one click of a mail program (RFC 8058), whose body says so and is not looked at. Said again, it is as it was.
/// </summary>
internal static class Unsubscribe
{
    public static async Task<Results<Ok<Unsubscription>, NotFound>> Handle(string token, Db db, ExitLinks links, Choices choices, TimeProvider clock, CancellationToken ct)
    {
        if (await Unsubscription.Find(db, links, token, ct) is not var (person, kind, channel))
            return TypedResults.NotFound();
        await choices.TurnOff(person, kind.Name, channel, clock.GetUtcNow(), ct);
        return TypedResults.Ok(new Unsubscription(kind.Name, channel, IsOn: false));
    }
}
