using Microsoft.Extensions.DependencyInjection;
using Quitanda.Ordering.Orders;
using Quitanda.Ordering.Stores;
using Quitanda.Platform;

namespace Quitanda.Tests.Ordering.Stores;

/// <summary>The places of slots, in the database.</summary>
public sealed class SlotsTests(Shop shop) : IClassFixture<Shop>
{
    private static int _day;

    /// <summary>Half an hour that no other test uses.</summary>
    private readonly DateTimeOffset _first = new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero).AddDays(Interlocked.Increment(ref _day));

    private DateTimeOffset[] Candidates => [_first, _first.AddMinutes(30), _first.AddMinutes(60)];

    [Fact]
    public async Task However_many_want_a_place_each_slot_takes_what_it_holds_and_is_filled_in_order()
    {
        var takers = Size.Of(60, 400);
        var got = await Task.WhenAll(Enumerable.Range(0, takers).Select(_ => Take(Fulfillment.Pickup, Candidates, 7)));

        Assert.Equal([7, 7, 7], Candidates.Select(slot => got.Count(one => one == slot)));
        Assert.Equal(takers - 21, got.Count(one => one is null));
        Assert.Equal([7, 7, 7], await Taken());
    }

    [Fact]
    public async Task Places_that_come_back_amid_a_race_are_taken_again_and_never_counted_twice()
    {
        var rounds = await Task.WhenAll(Enumerable.Range(0, Size.Of(40, 200)).Select(async number =>
        {
            if (await Take(Fulfillment.Pickup, Candidates, 2) is not { } slot)
                return null;
            // Every second one changes their mind.
            if (number % 2 == 0)
                return (DateTimeOffset?)slot;
            await Return(Fulfillment.Pickup, slot);
            return null;
        }));

        var taken = await Taken();
        Assert.Equal(Candidates.Select(slot => rounds.Count(one => one == slot)), taken.Concat(Enumerable.Repeat(0, 3 - taken.Count)));
        Assert.All(taken, count => Assert.InRange(count, 0, 2));
    }

    [Fact]
    public async Task What_is_rolled_back_was_never_taken()
    {
        await Assert.ThrowsAsync<RefusedException>(() => shop.WithDb<bool>(async db =>
        {
            Assert.Equal(_first, await new Slots(db).Take(Fulfillment.Pickup, [_first], 1, TestContext.Current.CancellationToken));
            throw new RefusedException("out_of_stock", "Nothing left.");
        }));
        Assert.Equal(_first, await Take(Fulfillment.Pickup, [_first], 1));
        Assert.Null(await Take(Fulfillment.Pickup, [_first], 1));
    }

    [Fact]
    public async Task A_place_given_back_is_free_and_nothing_goes_below_none()
    {
        Assert.Equal(_first, await Take(Fulfillment.Delivery, [_first], 1));
        Assert.Null(await Take(Fulfillment.Delivery, [_first], 1));
        // The two ways have places of their own.
        Assert.Equal(_first, await Take(Fulfillment.Pickup, [_first], 1));

        foreach (var _ in Enumerable.Range(0, 3))
            await Return(Fulfillment.Delivery, _first);
        await Return(Fulfillment.Delivery, _first.AddMinutes(30));

        Assert.Equal(_first, await Take(Fulfillment.Delivery, [_first], 1));
        Assert.Null(await Take(Fulfillment.Delivery, [_first], 1));
        // Where there is less room than is taken, nothing is taken back and nothing more is given.
        Assert.Equal(_first, await Take(Fulfillment.Delivery, [_first], 2));
        Assert.Null(await Take(Fulfillment.Delivery, [_first], 1));
        Assert.Null(await Take(Fulfillment.Delivery, [], 1));
    }

    [Fact]
    public async Task Slots_are_forgotten_a_week_after_they_began()
    {
        var now = shop.Clock.GetUtcNow();
        DateTimeOffset[] slots = [now.AddDays(-7).AddMinutes(-1), now.AddDays(-6), now.AddDays(1)];
        foreach (var slot in slots)
            Assert.NotNull(await Take(Fulfillment.Pickup, [slot], 1));

        await shop.WithDb(async db =>
        {
            await new ForgetSlots(db).Handle(new(now), TestContext.Current.CancellationToken);
            return true;
        });

        Assert.NotNull(await Take(Fulfillment.Pickup, [slots[0]], 1));
        Assert.Null(await Take(Fulfillment.Pickup, [slots[1]], 1));
        Assert.Null(await Take(Fulfillment.Pickup, [slots[2]], 1));
        Assert.Contains(shop.Services.GetServices<Subscription>(), subscription => subscription.Kind == ForgetSlots.Kind && subscription.Every == ForgetSlots.Period);
    }

    private Task<DateTimeOffset?> Take(Fulfillment fulfillment, DateTimeOffset[] candidates, int capacity) =>
        shop.WithDb(db => new Slots(db).Take(fulfillment, candidates, capacity, TestContext.Current.CancellationToken));

    private Task<bool> Return(Fulfillment fulfillment, DateTimeOffset slot) => shop.WithDb(db =>
    {
        new Slots(db).Return(fulfillment, slot);
        return Task.FromResult(true);
    });

    private Task<List<int>> Taken() => shop.WithDb(db => db.Read(
        $"select taken from ordering.slots where fulfillment = 'pickup' and starts_at >= {_first} and starts_at < {_first.AddDays(1)} order by starts_at", row => row.GetInt32(0), TestContext.Current.CancellationToken));
}
