-- As in the tables of orders: what is written with every keyed request and every event keeps its rules ready in its types.
create domain platform.hash as bytea check (length(value) = 32);
create domain platform.answer_status as integer check (value between 100 and 499);
create domain platform.job_kind as text check (length(value) between 1 and 100);
create domain platform.job_state as text check (value in ('ready', 'dead'));
create domain platform.attempts as integer check (value >= 0);

alter table platform.idempotency_keys
    drop constraint idempotency_keys_id_check, drop constraint idempotency_keys_request_hash_check, drop constraint idempotency_keys_status_check,
    alter id type platform.hash, alter request_hash type platform.hash, alter status type platform.answer_status;

alter table platform.jobs
    drop constraint jobs_kind_check, drop constraint jobs_state_check, drop constraint jobs_attempts_check,
    alter kind type platform.job_kind, alter state type platform.job_state, alter attempts type platform.attempts;
