namespace Quitanda.Ordering.Stores;

/// <summary>The shop: one row, made by the migration.</summary>
internal sealed class Store
{
    /// <summary>The cache tag of everything that shows the store.</summary>
    public const string Tag = "store";

    /// <summary>The gate that orders go through together, and whoever changes the store alone: an order is held to what the store says until it is written.</summary>
    public const string Table = "ordering.stores";

    public int Id { get; private init; }
    public string Name { get; private set; } = "";
    public string Currency { get; private set; } = "";
    public string TimeZone { get; private set; } = "";
    public OpeningInterval[] OpeningHours { get; private set; } = [];
    public DeliveryZone[] DeliveryZones { get; private set; } = [];
    public bool AcceptingOrders { get; private set; }
    public StoreSettings Settings { get; private set; } = new();
    public DateTimeOffset? PausedAt { get; private set; }
    public DateTimeOffset? PausedUntil { get; private set; }
    public string? PauseReason { get; private set; }
    public int BusyMinutes { get; private set; }
    public DateTimeOffset? BusyUntil { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>What it says to orders.</summary>
    public Terms Terms => Terms.Of(new(Currency, TimeZone, OpeningHours, DeliveryZones, AcceptingOrders, Settings, PausedAt, PausedUntil, BusyMinutes, BusyUntil));

    /// <summary>Changes everything that staff decide about the shop, and leaves what they say during the day.</summary>
    public void Change(ChangeStore.Request to, DateTimeOffset at)
    {
        (Name, Currency, TimeZone, AcceptingOrders) = (to.Name, to.Currency, to.TimeZone, to.AcceptingOrders);
        (OpeningHours, DeliveryZones) = (to.OpeningHours, to.DeliveryZones);
        Settings = new(to.Holidays, to.Pickup, to.Delivery, to.LastOrderMinutes, to.MinutesAhead, to.DaysAhead, to.Slots, to.Location, to.AcceptingGuests);
        UpdatedAt = at;
    }

    /// <summary>Takes no orders for a while, or until it is resumed. A pause takes the place of the one before.</summary>
    public void Pause(DateTimeOffset? until, string? reason, DateTimeOffset at) => (PausedAt, PausedUntil, PauseReason, UpdatedAt) = (at, until, reason, at);

    /// <summary>Takes orders again.</summary>
    public void Resume(DateTimeOffset at) => (PausedAt, PausedUntil, PauseReason, UpdatedAt) = (null, null, null, at);

    /// <summary>Takes longer over every order; none is as always.</summary>
    public void SlowDown(int minutes, DateTimeOffset? until, DateTimeOffset at) => (BusyMinutes, BusyUntil, UpdatedAt) = (minutes, minutes == 0 ? null : until, at);
}

/// <summary>The store as it is shown and as it was changed. Whether it is open just now is for <c>GET /store/times</c> to say.</summary>
internal sealed record StoreDetails(
    string Name, string Currency, string TimeZone, OpeningInterval[] OpeningHours, Holiday[] Holidays, HandOver Pickup, HandOver Delivery, int LastOrderMinutes, int MinutesAhead, int DaysAhead,
    SlotPlan? Slots, Location? Location, DeliveryZone[] DeliveryZones, bool AcceptingOrders, bool AcceptingGuests)
{
    /// <summary>When it was paused; null where it is not.</summary>
    public required DateTimeOffset? PausedAt { get; init; }

    /// <summary>When the pause ends by itself: a time that has passed is a pause that is over. Null is until it is resumed.</summary>
    public required DateTimeOffset? PausedUntil { get; init; }

    /// <summary>For customers to read.</summary>
    public required string? PauseReason { get; init; }

    /// <summary>What every order takes longer just now.</summary>
    public required int BusyMinutes { get; init; }

    /// <summary>When that ends by itself: a time that has passed is over.</summary>
    public required DateTimeOffset? BusyUntil { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public static StoreDetails Of(Store store) =>
        new(store.Name, store.Currency, store.TimeZone, store.OpeningHours, store.Settings.Holidays ?? [], store.Settings.Pickup ?? new(), store.Settings.Delivery ?? new(),
            store.Settings.LastOrderMinutes, store.Settings.MinutesAhead, store.Settings.DaysAhead, store.Settings.Slots, store.Settings.Location, store.DeliveryZones, store.AcceptingOrders, store.Settings.AcceptingGuests)
        {
            PausedAt = store.PausedAt,
            PausedUntil = store.PausedUntil,
            PauseReason = store.PauseReason,
            BusyMinutes = store.BusyMinutes,
            BusyUntil = store.BusyUntil,
            CreatedAt = store.CreatedAt,
            UpdatedAt = store.UpdatedAt,
        };
}
