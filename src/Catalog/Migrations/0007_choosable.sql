-- Whether of each group of options as many can be had as must be chosen. A group's options that are counted give what is left of them, all others as many as anybody wants.
create function catalog.is_choosable(groups jsonb) returns boolean language sql stable as $$
    select not exists (
        select from jsonb_array_elements(groups) as g (wanted)
        where (wanted ->> 'min')::int > coalesce((
            select sum(case when (o.offered ->> 'isCounted')::boolean and s.stock is not null then s.stock::bigint else 1000000000 end)
            from jsonb_array_elements(wanted -> 'options') as o (offered) left join catalog.option_stock s on s.option_id = (o.offered ->> 'id')::uuid
            where (o.offered ->> 'isAvailable')::boolean), 0))
$$;

-- On its row, where lists find what can be ordered. Whoever writes options or what is left of them holds the row, and judges it anew.
alter table catalog.products add column is_choosable boolean not null default true;
update catalog.products set is_choosable = false where option_groups is not null and not catalog.is_choosable(option_groups);
