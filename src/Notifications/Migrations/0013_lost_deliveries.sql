-- An attempt of which nobody knows what came of it.
alter domain notifications.delivery_error drop constraint delivery_error_check;
alter domain notifications.delivery_error add constraint delivery_error_check
    check (value in ('status', 'redirect', 'gone', 'timeout', 'unreachable', 'tls', 'bad_answer', 'not_allowed', 'disabled', 'lost'));
