using System.Text.Json;

namespace Quitanda.Notifications.Events;

/// <summary>Something that happened.</summary>
/// <param name="Id">Its id: the <c>webhook-id</c> under which it is delivered.</param>
/// <param name="Type">What happened.</param>
/// <param name="OccurredAt">When.</param>
/// <param name="Data">To what: ids, statuses and amounts, by its type.</param>
internal sealed record EventDetails(Guid Id, string Type, DateTimeOffset OccurredAt, JsonElement Data);
