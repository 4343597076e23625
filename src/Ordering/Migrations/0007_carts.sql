create domain ordering.json_object as jsonb check (jsonb_typeof(value) = 'object');

-- A cart is a user's or a guest's, by their id; ids of the two kinds never meet. Whoever writes into a cart holds its row.
create table ordering.carts (
    owner_id   uuid primary key,
    is_guest   boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index carts_of_guests on ordering.carts (updated_at) where is_guest;

create table ordering.cart_items (
    id         uuid primary key,
    owner_id   uuid not null references ordering.carts on delete cascade,
    product_id uuid not null,
    -- A hash of what is chosen and noted: the same product, chosen and noted alike, is one item.
    variant    bytea not null check (length(variant) = 32),
    -- What it was called when it was put in, for when it is gone.
    name       ordering.item_name not null,
    options    ordering.json_array,
    notes      ordering.line_note,
    quantity   ordering.quantity not null,
    -- The order in which they were put in.
    added      bigint not null generated always as identity,
    unique (owner_id, product_id, variant)
);

-- A version that does not know of guests and runs beside this one places no orders of theirs.
alter table ordering.orders
    add column contact  ordering.json_object,
    add column is_guest boolean not null default false;

-- What guests left is forgotten some time after their order is done, and only then it is in here.
create index orders_of_guests on ordering.orders (updated_at) where is_guest and contact is not null and status in ('delivered', 'cancelled');
