using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Preferences;

/// <summary>Shows how the caller wants to be told of each kind of notices.</summary>
internal static class ShowPreferences
{
    public static async Task<Ok<NoticePreferences>> Handle(Caller caller, Choices choices, QuietTimes quiet, CancellationToken ct) =>
        TypedResults.Ok(await NoticePreferences.Read(choices, quiet, caller.Id, ct));
}
