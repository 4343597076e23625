-- By kind, so that a claim can be fair between kinds and passes over a paused one without reading its jobs.
create index jobs_due_by_kind on platform.jobs (kind, run_at, id) where state = 'ready';
drop index platform.jobs_due;

-- The few that an operator looks for among however many wait.
create index jobs_dead on platform.jobs (id) where state = 'dead';

create table platform.paused_job_kinds (
    kind      text primary key check (length(kind) between 1 and 100),
    paused_at timestamptz not null
);
