using System.Text.Json;
using Npgsql;
using Quitanda.Accounts;
using Quitanda.Ordering.Orders;
using Quitanda.Platform;

namespace Quitanda.Ordering.Stores;

/// <summary>What somebody wants of the store, as far as the store has a say in it.</summary>
/// <param name="Fulfillment">Whether it is brought or picked up.</param>
/// <param name="ScheduledFor">When it is wanted; null is as soon as can be.</param>
/// <param name="Address">Where it is brought to; null where nobody has said yet.</param>
/// <param name="Subtotal">What the goods come to, in minor units.</param>
internal sealed record Wanted(Fulfillment Fulfillment, DateTimeOffset? ScheduledFor, PostalAddress? Address, long Subtotal);

/// <summary>When an order will be there.</summary>
/// <param name="ReadyAt">When it is handed over.</param>
/// <param name="QueueAt">When the kitchen must see it: <paramref name="ReadyAt"/> less the lead.</param>
/// <param name="Slots">The beginnings of the slots it may be in, the first choice first; empty where none need be taken.</param>
internal sealed record Promise(DateTimeOffset ReadyAt, DateTimeOffset QueueAt, IReadOnlyList<DateTimeOffset> Slots)
{
    /// <summary>Until when its payment may come: paid then, it would not be promised so any more. Null where that is always.</summary>
    public DateTimeOffset? PayBy { get; init; }

    /// <summary>The ends of <see cref="Slots"/>, one by one, where the payment must leave the time to be ready within the one that is taken; else empty.</summary>
    public IReadOnlyList<DateTimeOffset> SlotEnds { get; init; } = [];

    /// <summary>The promise once a slot is taken: the first choice changes nothing, a later one puts it off to its beginning.</summary>
    public Promise In(DateTimeOffset slot)
    {
        var lead = ReadyAt - QueueAt;
        var payBy = PayBy;
        for (var at = 0; at < SlotEnds.Count; at++)
            if (Slots[at] == slot && !(payBy <= SlotEnds[at] - lead))
                payBy = SlotEnds[at] - lead;
        var (ready, queue) = slot <= ReadyAt ? (ReadyAt, QueueAt) : (slot, slot - lead);
        return new(ready, queue, [slot]) { PayBy = payBy };
    }
}

/// <summary>What bringing the goods costs, and why.</summary>
/// <param name="Zone">The zone's name, <c>everywhere</c> or its number where it has none; <c>pickup</c> where nothing is brought.</param>
/// <param name="Fee">Minor units.</param>
/// <param name="Rule"><c>zone_fee</c>, <c>free_from</c> or <c>pickup</c>.</param>
internal sealed record DeliveryTerms(string Zone, long Fee, string Rule);

/// <summary>What the store says: when and for how much, or why not.</summary>
/// <param name="Promise">Null where the time is refused.</param>
/// <param name="Delivery">Null where the place is refused, or not known yet.</param>
/// <param name="Refusals">All of them, what counts most first; none is a yes.</param>
internal sealed record Judgement(Promise? Promise, DeliveryTerms? Delivery, IReadOnlyList<Refusal> Refusals);

/// <summary>What the store says to an order, as it is at the moment it is asked. It judges without the database; only the places of a slot are counted there.</summary>
internal sealed partial class Terms
{
    private readonly string _version;
    private readonly Written _written;
    private readonly OpeningHours _opening;
    private readonly Way _pickup;
    private readonly Way _delivery;
    private readonly Zone[] _zones;
    private readonly SlotGrid? _grid;

    private Terms(string version, Written written)
    {
        (_version, _written) = (version, written);
        TimeZone = TimeZoneInfo.FindSystemTimeZoneById(written.TimeZone);
        var settings = written.Settings;
        _opening = new(written.OpeningHours, TimeZone, settings.Holidays);
        _grid = settings.Slots is { } plan ? new(plan.Minutes, TimeZone) : null;
        _pickup = WayOf(Fulfillment.Pickup, settings.Pickup, settings.Slots?.PickupCapacity);
        _delivery = WayOf(Fulfillment.Delivery, settings.Delivery, settings.Slots?.DeliveryCapacity);
        _zones = [.. written.DeliveryZones.Select((zone, place) => new Zone(zone, place))];
    }

    /// <inheritdoc cref="OpeningHours.DayIsOver"/>
    public DateTimeOffset DayIsOver(DateTimeOffset instant) => _opening.DayIsOver(instant);

    /// <summary>What everything is priced in.</summary>
    public string Currency => _written.Currency;

    /// <summary>The store's own time.</summary>
    public TimeZoneInfo TimeZone { get; }

    /// <summary>How many days ahead an order may be scheduled.</summary>
    public int DaysAhead => _written.Settings.DaysAhead;

    /// <summary>How long a slot is; null where there are none.</summary>
    public int? SlotMinutes => _written.Settings.Slots?.Minutes;

    /// <summary>How many orders a slot takes that are handed over so; null where none need be taken.</summary>
    public int? CapacityOf(Fulfillment fulfillment) => Of(fulfillment).Capacity;

    /// <summary>Why whoever has not signed in cannot order; null where they can.</summary>
    public Refusal? RefusalOfGuests => _written.Settings.AcceptingGuests ? null : new("guests_not_accepted", "The store takes orders only from those who have signed in.");

    /// <summary>Says everything about an order: when, for how much, and each reason why not.</summary>
    /// <exception cref="InvalidException"><c>scheduledFor</c> is further ahead than the store looks.</exception>
    public Judgement Judge(Wanted wanted, DateTimeOffset now)
    {
        var (promise, refusals) = JudgeTime(wanted.Fulfillment, wanted.ScheduledFor, now);
        if (!Of(wanted.Fulfillment).IsOffered)
            return new(promise, null, refusals);
        var (delivery, refusal) = JudgePlace(wanted.Fulfillment, wanted.Address, wanted.Subtotal);
        return new(promise, delivery, refusal is null ? refusals : [.. refusals, refusal]);
    }

    /// <summary>The terms of a store that is not in the database.</summary>
    public static Terms Of(Written written) => new("", written);

    private Way Of(Fulfillment fulfillment) => fulfillment == Fulfillment.Pickup ? _pickup : _delivery;

    private Way WayOf(Fulfillment fulfillment, HandOver? said, int? capacity)
    {
        said ??= new();
        var hours = said.Hours is { } own ? new OpeningHours(own, TimeZone, _written.Settings.Holidays) : null;
        return new(fulfillment, said.IsOffered, hours ?? _opening, hours is not null, TimeSpan.FromMinutes(said.LeadMinutes), capacity);
    }

    /// <summary>One of the two ways, ready to be asked.</summary>
    private sealed record Way(Fulfillment Fulfillment, bool IsOffered, OpeningHours Hours, bool HasOwnHours, TimeSpan Lead, int? Capacity);

    /// <summary>A store as its row says.</summary>
    internal sealed record Written(
        string Currency, string TimeZone, OpeningInterval[] OpeningHours, DeliveryZone[] DeliveryZones, bool AcceptingOrders, StoreSettings Settings,
        DateTimeOffset? PausedAt = null, DateTimeOffset? PausedUntil = null, int BusyMinutes = 0, DateTimeOffset? BusyUntil = null);
}

/// <content>How they are read with every order.</content>
internal sealed partial class Terms
{
    // A store changes a few times a day and is read with every order: what has not changed is neither sent nor parsed again.
    private static Terms? _last;

    /// <summary>Holds the store to its terms, as they are read from now on, until this unit of work ends: for whoever takes something by them.</summary>
    public static void Hold(Db db) => db.GoTogether(Store.Table);

    /// <summary>Asks for the terms, in a statement that reads <c>ordering.stores</c> where <c>id = 1</c>.</summary>
    public static Question Ask() => new(_last);

    /// <summary>Reads the terms in a statement of their own.</summary>
    public static async Task<Terms> Read(Db db, CancellationToken ct)
    {
        var asked = Ask();
        return (await db.ReadFirst($"select {asked.Columns} from ordering.stores where id = 1", reader => asked.Read(reader, 0), ct))!;
    }

    /// <summary>A question that knows the answer of before.</summary>
    internal readonly struct Question(Terms? known)
    {
        /// <summary>The columns that <see cref="Read"/> reads.</summary>
        /// <remarks>
        /// The version is the one that PostgreSQL itself gives to every change of a row, whoever makes it: the transaction that wrote it and where it lies. Both are of the
        /// whole server, so no other database's row has the same.
        /// </remarks>
        public Sql Columns => Sql.Of($"""
            xmin::text || ctid::text,
            case when xmin::text || ctid::text is distinct from {known?._version} then jsonb_build_object(
                'currency', currency, 'timeZone', time_zone, 'openingHours', opening_hours, 'deliveryZones', delivery_zones, 'acceptingOrders', accepting_orders, 'settings', settings,
                'pausedAt', paused_at, 'pausedUntil', paused_until, 'busyMinutes', busy_minutes, 'busyUntil', busy_until)::text end
            """);

        /// <summary>Reads <see cref="Columns"/>, the first of which is the reader's column <paramref name="at"/>.</summary>
        public Terms Read(NpgsqlDataReader reader, int at) =>
            reader.IsDBNull(at + 1) ? known! : _last = new(reader.GetString(at), JsonSerializer.Deserialize<Written>(reader.GetString(at + 1), Wire.Stored)!);
    }
}
