alter table payments.payments add check (jsonb_typeof(metadata) = 'object');
