using Quitanda.Booking.Bookings;
using Quitanda.Booking.Listings;

namespace Quitanda.Booking.Holding;

/// <summary>What of a listing is taken, arranged so that asking of many times in turn looks only at what lies near each.</summary>
internal sealed class TakenTimes
{
    private readonly Listing _listing;
    private readonly (Period Period, int Units)[] _taken;

    /// <summary>The latest end of each and of all that begin before it: where it is over, nothing before reaches further.</summary>
    private readonly DateTimeOffset[] _reach;

    /// <param name="listing">Of which.</param>
    /// <param name="taken">As <see cref="FreeTimes.Taken"/> says it.</param>
    public TakenTimes(Listing listing, IEnumerable<(Period Period, int Units)> taken)
    {
        _listing = listing;
        _taken = [.. taken.OrderBy(one => one.Period.From)];
        _reach = new DateTimeOffset[_taken.Length];
        var latest = DateTimeOffset.MinValue;
        for (var at = 0; at < _taken.Length; at++)
            _reach[at] = latest = _taken[at].Period.Until > latest ? _taken[at].Period.Until : latest;
    }

    /// <summary>How many units are free for the whole of a time.</summary>
    public int FreeUnits(Period time)
    {
        var (most, units) = (0, 0);
        for (var at = CountBefore(time.Until) - 1; at >= 0 && _reach[at] > time.From && most < _listing.Units; at--)
        {
            var (period, number) = _taken[at];
            if (!period.Overlaps(time))
                continue;
            if (_listing.IsPooled)
                most = Math.Max(most, number);
            else if (number <= _listing.Units)
                most = int.PopCount(units |= 1 << number);
        }

        return _listing.Units - most;
    }

    /// <summary>How many begin before an instant.</summary>
    private int CountBefore(DateTimeOffset instant)
    {
        var (low, high) = (0, _taken.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_taken[middle].Period.From < instant)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
