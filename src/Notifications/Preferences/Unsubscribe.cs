using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>
/// Whoever holds the link in a mail wants no more of its kind in that way: also by the one click of a mail program (RFC 8058), whose body says so and is not looked at. A browser is shown a page. Said again, it is as it was.
/// </summary>
internal static class Unsubscribe
{
    public static async Task<Results<Ok<Unsubscription>, ExitPage, NotFound>> Handle(
        string token, HttpContext http, Db db, ExitLinks links, ExitPages pages, Choices choices, TimeProvider clock, CancellationToken ct)
    {
        if (await Unsubscription.Find(db, links, token, ct) is not var (person, kind, channel))
            return TypedResults.NotFound();
        await choices.TurnOff(person, kind.Name, channel, clock.GetUtcNow(), ct);
        return ExitPages.AreWanted(http) ? await pages.Write(person, kind, isOn: false, ct) : TypedResults.Ok(new Unsubscription(kind.Name, channel, IsOn: false));
    }
}
