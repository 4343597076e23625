using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>Shows what a link in a mail is about; a browser is shown a page with a button. It changes nothing: mail programs follow links by themselves.</summary>
internal static class ShowUnsubscription
{
    public static async Task<Results<Ok<Unsubscription>, ExitPage, NotFound>> Handle(string token, HttpContext http, Db db, ExitLinks links, ExitPages pages, Choices choices, CancellationToken ct)
    {
        if (await Unsubscription.Find(db, links, token, ct) is not var (person, kind, channel))
            return TypedResults.NotFound();
        var isOn = (await choices.WaysTo(person, kind, ct)).Contains(channel);
        return ExitPages.AreWanted(http) ? await pages.Write(person, kind, isOn, ct) : TypedResults.Ok(new Unsubscription(kind.Name, channel, isOn));
    }
}
