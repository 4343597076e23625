using System.Globalization;
using System.Text.Json;
using Npgsql;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>What the store says to an order, read at the moment it is placed.</summary>
internal sealed class Terms
{
    /// <summary>The columns that <see cref="Read"/> reads, of <c>ordering.stores</c>.</summary>
    public static readonly Sql Columns = Sql.Raw("currency, time_zone, opening_hours, delivery_zones, accepting_orders");

    // Hours and zones change a few times a year and are read with every order: the same text need not be parsed again.
    private static Terms? _last;

    private readonly (string Currency, string TimeZone, string OpeningHours, string DeliveryZones, bool AcceptingOrders) _read;
    private readonly OpeningHours _hours;

    private Terms((string Currency, string TimeZone, string OpeningHours, string DeliveryZones, bool AcceptingOrders) read)
    {
        _read = read;
        Zone = JsonSerializer.Deserialize<DeliveryZone[]>(read.DeliveryZones, Wire.Json)![0];
        _hours = new(JsonSerializer.Deserialize<OpeningInterval[]>(read.OpeningHours, Wire.Json)!, TimeZoneInfo.FindSystemTimeZoneById(read.TimeZone));
    }

    /// <summary>What everything is priced in.</summary>
    public string Currency => _read.Currency;

    /// <summary>Where it delivers to, and for how much.</summary>
    public DeliveryZone Zone { get; }

    /// <summary>Reads <see cref="Columns"/>, the first of which is the reader's column <paramref name="at"/>.</summary>
    public static Terms Read(NpgsqlDataReader reader, int at)
    {
        var read = (reader.GetString(at), reader.GetString(at + 1), reader.GetString(at + 2), reader.GetString(at + 3), reader.GetBoolean(at + 4));
        var last = _last;
        return last is not null && last._read == read ? last : _last = new(read);
    }

    /// <summary>Refuses an order for a moment when the store is closed.</summary>
    /// <exception cref="RefusedException"><c>store_closed</c>, with <c>opensAt</c> in its facts where it is known.</exception>
    public void RequireOpen(DateTimeOffset at)
    {
        if (!_read.AcceptingOrders)
            throw new RefusedException("store_closed", "The store is not taking orders at the moment.");
        if (_hours.IsOpenAt(at))
            return;
        throw _hours.OpensNext(at) is { } opens
            ? new RefusedException("store_closed", $"The store is closed then. It opens next at {_hours.OnTheWall(opens).ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture)}.")
            {
                Facts = new Dictionary<string, object>(StringComparer.Ordinal) { ["opensAt"] = opens.ToUniversalTime() },
            }
            : new RefusedException("store_closed", "The store is closed.");
    }
}
