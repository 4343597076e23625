using Npgsql;
using Quitanda.Tests.Accounts;

namespace Quitanda.Tests.Booking;

/// <summary>
/// Listings and bookings enough that reading all of them would show: in 50 cities, the largest with a seventh of them, in 20 categories, one in ten with 5 units and one in twenty with 40 that are counted.
/// Each is booked 25 times in the year ahead, for three days at a time. A tenth more are not offered at present.
/// </summary>
public sealed class LargeMarket(TestPostgres postgres) : QuitandaApp(postgres), IAsyncLifetime
{
    internal static readonly int Listings = Size.Of(4_000, 20_000);
    private const int BookingsEach = 25;
    private const int AtATime = 5;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        var now = Clock.GetUtcNow();
        await this.Execute($"insert into booking.categories (slug, name, commission, position, created_at, updated_at) select 'c' || n, 'Coisas ' || n, 1000, n, {now}, {now} from generate_series(1, 20) n");
        await this.Execute($"""
            insert into booking.listings (
                id, owner_id, title, description, category, unit, time_zone, currency, price, terms, city, city_words, lat, lng, capacity, units, is_pooled, instant, is_active, approval, images, metadata,
                rating_sum, rating_count, buffer_before, buffer_after, created_at, updated_at)
            select gen_random_uuid(), gen_random_uuid(), (array['Chácara', 'Salão', 'Barco', 'Sítio', 'Quadra', 'Casa'])[1 + n % 6] || ' ' || n, repeat('Com piscina e churrasqueira. ', 10), 'c' || n % 20 + 1,
                'day', 'America/Sao_Paulo', 'BRL', 5000 + n * 7919 % 100003, jsonb_build_object('filler', repeat('x', 600)), 'Cidade ' || place, 'cidade ' || place,
                -30 + place * 0.5 + (n * 31 % 1000) * 0.0003, -50 + place * 0.2 + (n * 17 % 1000) * 0.0003, 5 + n % 200, units, units > 20, n % 3 > 0, n <= {Listings}, 'approved', jsonb_build_array(), jsonb_build_object(),
                n * 31 % 50, n % 11, 0, n % 2, {now} - make_interval(secs => n * 7907 % 10009), {now}
            from (select n, floor(50 * power((n * 7919 % 10007) / 10007.0, 2))::integer as place, case when n % 20 = 0 then 40 when n % 10 = 1 then 5 else 1 end as units from generate_series(1, {Listings + Listings / 10}) n) t
            """);
        await this.Execute($"""
            insert into booking.listing_search (listing_id, category, title, labels, city, description)
            select l.id, l.category, translate(lower(l.title), 'áãíç', 'aaic'), 'coisas ' || substr(l.category, 2), l.city_words, 'com piscina e churrasqueira' from booking.listings l
            """);
        await this.Execute($"insert into booking.search_words (word) select unnest(array['chacara', 'salao', 'barco', 'sitio', 'quadra', 'casa', 'coisas', 'cidade'])");
        // A part at a time: a statement may not take long.
        for (var pass = 0; pass < BookingsEach; pass += AtATime)
        {
            var (since, until) = (Midnight(pass * 14), Midnight((pass + AtATime) * 14));
            await this.Execute($"""
                insert into booking.bookings (
                    id, code, listing_id, owner_id, renter_id, status, payment_status, title, unit, time_zone, starts_at, ends_at, held_from, held_until, counts_from, quantity, units, add_ons, lines, currency, deposit, total,
                    commission, policy, instant, metadata, created_at, updated_at)
                select gen_random_uuid(), lpad(translate(upper(to_hex(l.place * {BookingsEach} + n)), 'ILOU', '1100'), 10, '0'), l.id, l.owner_id, gen_random_uuid(), 'confirmed', 'paid', l.title, 'day', l.time_zone, t.begins, t.begins + interval '3 days',
                    t.begins, t.begins + make_interval(days => 3 + l.buffer_after), t.begins, case when l.is_pooled then 20 else 1 end, case when l.is_pooled then null else array[n % l.units + 1] end, jsonb_build_array(), jsonb_build_array(), 'BRL', 0, 30000,
                    1000, jsonb_build_array(), true, jsonb_build_object(), {now}, {now}
                from (select *, row_number() over (order by id) as place from booking.listings where is_active) l cross join generate_series({pass}, {pass + AtATime - 1}) n
                cross join lateral (select booking.beginning_of({DateOnly.FromDateTime(now.UtcDateTime)} + n * 14 + (l.place % 10)::integer, l.time_zone) as begins) t
                """);
            await this.Execute($"""
                insert into booking.taken (listing_id, unit, during, booking_id)
                select b.listing_id, b.units[1], tstzrange(b.held_from, b.held_until), b.id from booking.bookings b where b.units is not null and b.starts_at >= {since} and b.starts_at < {until}
                """);
            await this.Execute($"""
                insert into booking.counts (resource_id, at, taken, capacity)
                select b.listing_id, b.held_from + make_interval(days => d), 20, 40 from booking.bookings b cross join generate_series(0, 2) d where b.units is null and b.starts_at >= {since} and b.starts_at < {until}
                """);
        }

        // Vacuumed too, as they are in time: only then is an index read without its table.
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var vacuum = new NpgsqlCommand("vacuum analyze booking.listings, booking.listing_search, booking.bookings, booking.taken, booking.counts, booking.categories, booking.search_words", connection) { CommandTimeout = 300 };
        await vacuum.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        DateTimeOffset Midnight(int days) => new(DateOnly.FromDateTime(now.UtcDateTime).AddDays(days), TimeOnly.MinValue, TimeSpan.Zero);
    }
}
