using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quitanda.Platform;

namespace Quitanda.Notifications.Events;

/// <summary>Lists the types of events, with an example of each one's data. All on one page.</summary>
internal static class ListEventTypes
{
    /// <summary>A type of event.</summary>
    /// <param name="Type">As events and endpoints name it.</param>
    /// <param name="Description">When it happens.</param>
    /// <param name="Example">What its data looks like.</param>
    internal sealed record EventTypeDetails(string Type, string Description, JsonElement Example);

    public static Ok<Page<EventTypeDetails>> Handle() => TypedResults.Ok(new Page<EventTypeDetails>(
        [.. EventType.All.Select(type => new EventTypeDetails(type.Name, type.Description, type.Example))], new(Page: null, EventType.All.Count, Total: null, TotalPages: null, HasNext: false, Next: null)));
}
