-- Where an address is on the globe, as its owner's client says.
alter table accounts.addresses
    add column lat double precision check (lat between -90 and 90),
    add column lng double precision check (lng between -180 and 180),
    add check ((lat is null) = (lng is null));
