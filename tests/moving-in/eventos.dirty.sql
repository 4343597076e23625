-- Rows that cannot come as they are.
insert into bookings (id, listing_id, user_id, start_date, end_date, total_price, status, created_at) values
    (900001, 1, 4, (timestamptz :now)::date + 21, (timestamptz :now)::date + 22, 200, 'confirmed', '2026-01-20Z'), -- Overlaps with the one to come.
    (900002, 1, 4, (timestamptz :now)::date + 40, (timestamptz :now)::date + 41, 200, 'pending', '2026-01-20Z'),
    (900003, 1, 4, date '2025-03-05', date '2025-03-01', 200, 'completed', '2025-01-20Z'),
    (900004, 1, 4, 'infinity', 'infinity', 200, 'completed', '2025-01-20Z'),
    (900005, 1, 4, date '2025-07-05', date '2025-07-05', -1, 'completed', '2025-01-20Z'),
    (900006, 77777777, 4, date '2025-07-05', date '2025-07-05', 10, 'completed', '2025-01-20Z'),
    (900007, 1, 4, date '2025-07-05', date '2025-07-05', 10, 'sleeping', '2025-01-20Z');
insert into listings (id, owner_id, category_id, title, price_per_day, location, is_active, created_at) values
    (900001, 77777777, 1, 'De ninguém', 10, 'Olinda', true, '2025-01-02Z'), (900002, 1, 1, 'Negativo', -10, 'Olinda', true, '2025-01-02Z'), (900003, 1, 1, 'Sem lugar', 10, '  ', true, '2025-01-02Z');
insert into reviews (id, listing_id, user_id, rating, comment, created_at) values (900001, 1, 5, 4, 'Nunca estive.', '2025-06-10Z');
