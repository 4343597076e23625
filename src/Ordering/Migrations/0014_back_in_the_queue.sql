-- When the kitchen must see it from a promise of staff on: one that is later than the promise itself puts the order off, and the queue is told when it is back.
alter table ordering.order_events add column queue_at timestamptz;

-- An order that was put off comes in again with what the queue was told already: its last step is then told, and comes in.
alter table ordering.queue_events drop constraint queue_events_order_id_event_position_key;
alter table ordering.queue_events add constraint queue_events_told_once unique (order_id, event_position, entered);
