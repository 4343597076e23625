using Quitanda.Accounts;
using Quitanda.Platform;

namespace Quitanda.Notifications.Notices;

/// <summary>Greets whoever signs up.</summary>
internal sealed class WelcomePeople(Notifier notifier) : IHandle<UserRegistered>
{
    public const string Kind = "notifications.welcome-people";

    public Task Handle(UserRegistered message, CancellationToken ct) =>
        notifier.Tell(message.UserId, NoticeKinds.AccountWelcome, message.UserId.ToString(), at: null, new AccountFacts(), new Dictionary<string, string>(StringComparer.Ordinal), ct);
}
