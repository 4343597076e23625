-- Takes an idempotency key for the transaction, or ends it at once with a code of its own: QK001 where another transaction holds the key,
-- QK002 where an answer is stored. As an error it stops the statements sent behind it in the same round trip,
-- and as a procedure it answers no row that these would have to be told from.
create procedure platform.claim_key(lock bigint, key bytea) language plpgsql as $$
begin
    if not pg_try_advisory_xact_lock(lock) then
        raise exception 'The key is held.' using errcode = 'QK001';
    end if;
    -- A statement of its own, with a snapshot of its own: it sees what the last holder of the lock committed.
    perform from platform.idempotency_keys where id = key;
    if found then
        raise exception 'The key has an answer.' using errcode = 'QK002';
    end if;
end
$$;
