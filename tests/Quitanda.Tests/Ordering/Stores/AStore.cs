using System.Globalization;
using Quitanda.Accounts;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering.Stores;

/// <summary>Stores that are in no database, and what they say.</summary>
internal static class AStore
{
    public const string SaoPaulo = "America/Sao_Paulo";
    public const string NewYork = "America/New_York";

    /// <summary>São Paulo's cathedral.</summary>
    public static readonly Location Se = new(-23.5513, -46.6344);

    public static readonly string[] Always = [.. Enum.GetValues<DayOfWeek>().Select(day => $"{day.Name()} 00:00-24:00")];

    public static Terms Terms(string[] hours, StoreSettings? settings = null, string zone = SaoPaulo, DeliveryZone[]? zones = null, Func<Terms.Written, Terms.Written>? but = null)
    {
        var written = new Terms.Written("BRL", zone, Intervals(hours), zones ?? [Zone(600)], AcceptingOrders: true, settings ?? new());
        return Quitanda.Ordering.Stores.Terms.Of(but?.Invoke(written) ?? written);
    }

    /// <summary><c>monday 08:00-12:00</c>.</summary>
    public static OpeningInterval[] Intervals(params string[] hours) =>
        [.. hours.Select(text => text.Split(' ', '-')).Select(part => new OpeningInterval(Wire.Parse<DayOfWeek>(part[0]), part[1], part[2]))];

    /// <summary><c>2026-12-24 08:00-12:00</c>, or a date alone.</summary>
    public static Holiday Holiday(string text) => text.Split(' ') is [var date, .. var hours]
        ? new(DateOnly.Parse(date, CultureInfo.InvariantCulture), [.. hours.Select(hour => hour.Split('-')).Select(part => new HoursOfDay(part[0], part[1]))])
        : throw new FormatException(text);

    public static DeliveryZone Zone(long fee, long? minimum = null, string[]? prefixes = null, double? radius = null, long? freeFrom = null, string? name = null) =>
        new(new(fee, "BRL"), minimum is { } least ? new(least, "BRL") : null, prefixes, radius, freeFrom is { } from ? new(from, "BRL") : null, name);

    public static PostalAddress Address(string postalCode = "01012-010", double? lat = null, double? lng = null) =>
        new("Rua da Quitanda", "12", null, "Centro", "São Paulo", "SP", postalCode, "BR", lat, lng);

    public static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>What is said about the time of a pickup: <c>ready/queue</c>, or the refusals as <c>code:rule</c>, each with the time in it.</summary>
    public static string Say(this Terms terms, string now, string? wanted = null, Fulfillment fulfillment = Fulfillment.Pickup)
    {
        var (promise, refusals) = terms.JudgeTime(fulfillment, wanted is null ? null : At(wanted), At(now));
        Assert.Equal(promise is null, refusals.Count > 0);
        return promise is not null ? $"{Hour(promise.ReadyAt)}/{Hour(promise.QueueAt)}"
            : string.Join(' ', refusals.Select(refusal => string.Join(':',
                (string[])[refusal.Code, .. refusal.Facts!.OrderBy(fact => fact.Key == "rule" ? 0 : 1).Select(fact => fact.Value is DateTimeOffset at ? Hour(at) : fact.Value is Fulfillment way ? way.Name() : $"{fact.Value}")])));
    }

    public static string Hour(DateTimeOffset at) => at.UtcDateTime.ToString("MM-dd'T'HH:mm", CultureInfo.InvariantCulture);
}
