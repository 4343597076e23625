-- Rows that cannot come as they are.
create function pg_temp.of(name text) returns uuid language sql immutable as 'select md5(name)::uuid';
insert into reviews values
    (pg_temp.of('r-stars'), md5('p1')::uuid, md5('u2')::uuid, 9, 'Demais!', '2025-03-01Z'), (pg_temp.of('r-twice'), md5('p1')::uuid, md5('u1')::uuid, 1, 'De novo.', '2025-09-01Z'),
    (pg_temp.of('r-gone'), pg_temp.of('gone'), md5('u1')::uuid, 3, null, '2025-03-01Z');
insert into products values (pg_temp.of('nan'), 'Sem preço', null, 'NaN', 1, null, null, '2025-01-03Z', '2025-01-03Z'), (pg_temp.of('thirds'), 'Em terços', null, 0.333, 1, null, null, '2025-01-03Z', '2025-01-03Z');
