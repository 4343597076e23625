-- What somebody paid is given out to them whole, and parted from them when they are erased.
create index payments_by_payer on payments.payments (payer_id, id);
