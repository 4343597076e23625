#!/usr/bin/env bash
# A day of the shop, with curl and jq: staff open it, many customers order at once, the kitchen works its queue by the stream, some orders are called off and some money
# goes back, the shop closes, and then every figure is held against the others: what the orders say, the report of sales, the ledger, the stock, the coupon, the slots.
# It ends with a summary; with anything else than 0 and a line that says what was wrong, where something was. The shop's settings are put back in any case.
#   BASE_URL       where Quitanda answers        (default http://127.0.0.1:8080)
#   QUITANDA_DATA  the data folder of the demo   (default ./data), for the staff's credentials; the customers' are kept there too, for the next day
#   DAY_ORDERS     how many orders               (default 200)
#   DAY_CLIENTS    how many customers at once    (default 20)
#   DAY_COOKS      how many in the kitchen       (default 3)
set -euo pipefail

here="$(dirname -- "${BASH_SOURCE[0]}")"
# shellcheck source=examples/api.sh
source "$here/api.sh"
# shellcheck source=examples/day/shop.sh
source "$here/day/shop.sh"
# shellcheck source=examples/day/customers.sh
source "$here/day/customers.sh"
# shellcheck source=examples/day/kitchen.sh
source "$here/day/kitchen.sh"
# shellcheck source=examples/day/books.sh
source "$here/day/books.sh"

orders="${DAY_ORDERS:-200}"
clients="${DAY_CLIENTS:-20}"
cooks="${DAY_COOKS:-3}"
[[ "$orders" =~ ^[0-9]+$ && "$clients" =~ ^[0-9]+$ && "$cooks" =~ ^[1-9]$ ]] || { echo "DAY_ORDERS, DAY_CLIENTS and DAY_COOKS are numbers, the cooks from 1 to 9." >&2; exit 1; }
((clients >= 1 && clients <= 25)) || { echo "DAY_CLIENTS goes from 1 to 25: an address may sign in 30 times a minute." >&2; exit 1; }
((orders >= 40 && orders <= 2000)) || { echo "DAY_ORDERS goes from 40, below which not everything happens, to 2000." >&2; exit 1; }

unique="$(date +%s)-$$"
work="$(mktemp -d)"
mkdir -- "$work/placed" "$work/refused" "$work/told"
started=()

# die REASON: ends this process, and by a mark the day.
die() {
  echo "WRONG: $*" >&2
  : > "$work/failed"
  exit 1
}

# ask METHOD PATH EXPECTED_STATUS TOKEN [BODY] [HEADER...]: asks, and ends everything when the status is another.
ask() {
  local method="$1" path="$2" expected="$3"
  shift 3
  send "$method" "$path" "$@"
  [[ "$status" == "$expected" ]] || die "$method $path was answered $status instead of $expected: $(jq --compact-output 'del(.traceId)' "$answers" 2> /dev/null | head -c 400)"
}

# begin FUNCTION [ARGUMENT...]: runs beside us, in a process group of its own, so that what it starts ends with it.
begin() {
  set -m
  "$@" < /dev/null &
  set +m
  started+=($!)
}

# until_true SECONDS WHAT COMMAND...: asks again and again.
until_true() {
  local until=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@"; do
    [[ ! -e "$work/failed" ]] || exit 1
    ((SECONDS < until)) || die "$what did not come about in time."
    sleep 0.3
  done
}

say() { printf '%5s s  %s\n' "$SECONDS" "$*"; }

leave() {
  local result=$? one
  trap - EXIT
  # Whatever fails here, the rest is put back all the same.
  set +e
  for one in "${started[@]}"; do kill -TERM -- "-$one" 2> /dev/null; done
  wait 2> /dev/null
  ((result == 0)) || call_off_the_rest
  put_back || result=1
  rm -rf -- "$work" "$answers"
  exit "$result"
}
trap leave EXIT
trap 'exit 130' INT TERM

ask POST /auth/login 200 '' "$(jq '{email: .staff.email, password: .staff.password}' "$people")"
staff="$(answer .accessToken)"
ask POST /auth/login 200 '' "$(jq '{email: .admin.email, password: .admin.password}' "$people")"
admin="$(answer .accessToken)"
sign_in_customers
say "$clients customers have signed in."

open_shop
remember_books
say "The shop is open."

queue_position
begin follow_queue
for ((cook = 0; cook < cooks; cook++)); do begin work_kitchen "$cook"; done
kitchen=("${started[@]}")
crowd=()
for ((client = 0; client < clients; client++)); do
  begin go_shopping "$client"
  crowd+=($!)
done

until_true 120 "A third of the orders" has_placed $((orders / 3))
pause_for_a_while
say "After a pause, orders are taken again."
until_true 120 "Half of the orders" has_placed $((orders / 2))
sell_out_for_a_while
say "What was sold out for today is back."

for one in "${crowd[@]}"; do wait "$one" || die "a customer gave up; what stopped it is said above."; done
ordered_in=$((SECONDS - opened_at))
say "The last order is placed."
close_shop
say "The shop is closed."
finish_queue
say "The queue is empty."
make_upcoming
give_back
until_true 60 "The end of the jobs" jobs_are_done
say "The jobs are done."

check_books
check_drift
tell_summary
((wrong == 0)) || exit 1
