using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Quitanda.Accounts.Users;
using Quitanda.Platform;
using Quitanda.Tests.Accounts;
using Quitanda.Tests.Platform.Mails;
using Shop = Quitanda.Tests.Ordering.Shop;

namespace Quitanda.Tests.Notifications;

/// <summary>A shop that tells people what happens, with every provider on a server of the test's own.</summary>
public sealed class NoticesApp(TestPostgres postgres) : Shop(postgres), IAsyncLifetime
{
    public const string PublicUrl = "https://api.exemplo.test";

    /// <summary>How often a provider is asked.</summary>
    public const int Attempts = 3;

    /// <summary>Texts that somebody may have sent in a day.</summary>
    public const int TextsADay = 4;

    internal Providers Providers { get; } = new();

    internal SmtpSink Mails { get; } = new();

    /// <summary>What this application is told of the providers, and another beside it may be.</summary>
    internal (string Name, string Value)[] Settings =>
    [
        .. Providers.Settings.Select(setting => (setting.Name.Replace("__", ":", StringComparison.Ordinal), setting.Value)),
        ("Mail:From", "loja@exemplo.test"), ("Mail:SmtpHost", "127.0.0.1"), ("Mail:SmtpPort", $"{Mails.Port}"), ("Mail:SmtpStartTls", "false"), ("Mail:TimeoutSeconds", "5"),
        ("Payments:PublicUrl", PublicUrl), ("Notifications:Attempts", $"{Attempts}"), ("Sms:PerPersonADay", $"{TextsADay}"), ("Booking:BookingsPerHour", "0"),
    ];

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        foreach (var (name, value) in Settings)
            builder.Configuration[name] = value;
        builder.Services.AddLetter<LevelReached>();
    }

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await Providers.Start();
        await InitializeAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        await Providers.DisposeAsync();
        await Mails.DisposeAsync();
    }

    /// <summary>Somebody with an account, who is reached in a language and perhaps by phone.</summary>
    internal async Task<Reader> Reader(string locale = "pt-BR", string? phone = null)
    {
        var user = await this.Insert();
        await this.Execute($"update accounts.users set locale = {locale}, phone = {phone} where id = {user.Id}");
        return new(this, user);
    }

    /// <summary>An order that is paid when it is handed over, and that the shop has taken on.</summary>
    internal async Task<JsonElement> Confirmed(Reader reader)
    {
        var order = await Place(new Person(reader.Id, reader.Client));
        await Step(order, "confirm");
        await RunJobs();
        return order;
    }

    internal async Task Step(JsonElement order, string step) => await (await (await Staff()).Client.Send(HttpMethod.Post, $"/api/v1/orders/{order.Id()}/{step}")).Body();

    /// <summary>Lets time pass, and what is due by then happen.</summary>
    internal async Task Later(TimeSpan by)
    {
        Clock.Advance(by);
        await RunJobs();
    }

    /// <summary>The log of what was delivered to somebody, the first first, as an admin reads it.</summary>
    internal async Task<JsonElement[]> LogOf(Reader reader, string filter = "") =>
        [.. (await (await (await Admin()).Get($"/api/v1/notification-deliveries?personId={reader.Id}&sort=createdAt&limit=100{filter}")).Body()).GetProperty("data").EnumerateArray()];
}

/// <summary>A letter of a module from outside.</summary>
internal sealed record LevelReached(int Level) : ILetter
{
    public static string Name => "loyalty.level-2-reached";

    public static string Portuguese => "Nível {level}\n\nParabéns.";

    public static string English => "Level {level}\n\nWell done.";
}

/// <summary>Somebody who is told things.</summary>
internal sealed record Reader(NoticesApp App, User User)
{
    public const string Path = "/api/v1/notifications";

    public Guid Id => User.Id;

    /// <summary>Signed in now: days pass here, and no token lasts so long.</summary>
    public HttpClient Client => App.As(User);

    /// <summary>What they were told, the newest first.</summary>
    public async Task<JsonElement[]> Notices(string query = "")
    {
        await App.RunJobs();
        return [.. (await (await Client.Get($"{Path}?limit=100{query}")).Body()).GetProperty("data").EnumerateArray()];
    }

    public async Task<string[]> Kinds() => [.. (await Notices()).Select(notice => notice.Text("kind"))];

    public async Task<long> Unread() => (await (await Client.Get($"{Path}/unread")).Body()).GetProperty("unread").GetInt64();

    /// <summary>Says how they want to be told of a kind.</summary>
    public async Task<JsonElement> Wants(object choices, object? quietHours = null) =>
        await (await Client.Send(HttpMethod.Put, $"{Path}/preferences", new { kinds = choices, quietHours })).Body();

    /// <summary>The mails to their address, in order.</summary>
    public ReceivedMail[] Mails => [.. App.Mails.Taken.Where(mail => mail.To.Contains(User.Email!, StringComparison.OrdinalIgnoreCase))];

    public async Task<Browser> Subscribe()
    {
        var browser = new Browser(App.Providers.Url);
        await (await Client.Post("/api/v1/push-subscriptions", browser.Subscription())).Body(HttpStatusCode.Created);
        return browser;
    }
}
