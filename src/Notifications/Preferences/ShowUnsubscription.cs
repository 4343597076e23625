using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>Shows what a link in a mail is about. It changes nothing: mail programs follow links by themselves.</summary>
internal static class ShowUnsubscription
{
    public static async Task<Results<Ok<Unsubscription>, NotFound>> Handle(string token, Db db, ExitLinks links, Choices choices, CancellationToken ct)
    {
        if (await Unsubscription.Find(db, links, token, ct) is not var (person, kind, channel))
            return TypedResults.NotFound();
        return TypedResults.Ok(new Unsubscription(kind.Name, channel, (await choices.WaysTo(person, kind, ct)).Contains(channel)));
    }
}
