namespace Quitanda.Notifications.Notices;

/// <summary>A way to tell somebody.</summary>
internal enum Channel
{
    /// <summary>In the client: listed by the API, and told by the realtime hub.</summary>
    InApp,

    /// <summary>By e-mail. The letter is written by the module whose it is.</summary>
    Email,

    /// <summary>By a text message to the phone that the account names.</summary>
    Sms,

    /// <summary>To the browsers that asked for it.</summary>
    Push,
}
