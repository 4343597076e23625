# shellcheck shell=bash
# Of examples/day.sh: what staff do with the shop itself. It opens with a menu of the day, a coupon and slots; all of it goes again, and the settings are put back.
# shellcheck disable=SC2034,SC2154 # Variables are day.sh's, and the other parts'.

category='' coupon='' store=''
sold_products=()

# money AMOUNT: minor units of the store's currency, as the API takes it.
money() { printf '{"amount": %d, "currency": "%s"}' "$1" "$currency"; }

open_shop() {
  ask GET /store 200 "$staff"
  store="$(cat -- "$answers")"
  currency="$(answer .currency)"
  delivery_capacity=$((orders * 2 / 5))
  # From the answer on everything is ours: its time is the server's own, so no clock of this machine counts.
  ask PUT /store 200 "$staff" "$(jq --argjson capacity "$delivery_capacity" --argjson fee "$(money 600)" --argjson far "$(money 1200)" --argjson free "$(money 6000)" --argjson least "$(money 2500)" '{
    name, currency, timeZone, acceptingOrders: true, lastOrderMinutes: 0, minutesAhead: 0, daysAhead: 7, holidays: [],
    openingHours: [("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday") | {day: ., opens: "00:00", closes: "24:00"}],
    pickup: {isOffered: true, leadMinutes: 15}, delivery: {isOffered: true, leadMinutes: 40},
    slots: {minutes: 30, pickupCapacity: 10000, deliveryCapacity: $capacity},
    deliveryZones: [
      {name: "Centro", postalCodePrefixes: ["013", "014"], fee: $fee, freeFrom: $free},
      {name: "Cidade", fee: $far, minimumOrder: $least}]}' <<< "$store")"
  from="$(answer .updatedAt)"
  opened_at=$SECONDS
  ask POST /store/resume 200 "$staff"
  ask POST /store/busy 200 "$staff" '{"minutes": 0}'

  coupon_code="DIA-$unique"
  ask POST /coupons 201 "$staff" "$(jq --null-input --arg code "$coupon_code" --argjson uses $((orders / 10)) '{$code, percent: 10, maxUses: $uses}')"
  coupon="$(answer .id)"
  ask POST /categories 201 "$staff" "$(jq --null-input --arg name "Feira $unique" '{$name, description: "O que há hoje", position: 999}')"
  category="$(answer .id)" shelf="$(answer .slug)"

  add_product coxinha "Coxinha da feira" 750 $((orders * 8))
  add_product pastel "Pastel da feira" 1250 null
  add_product bolo "Bolo de fubá" 900 $((orders / 20))
  add_product caldo "Caldo de cana" 1100 $((orders * 2))
  add_product acai "Açaí na tigela" 1800 $((orders * 2)) "$(jq --null-input --argjson none "$(money 0)" --argjson large "$(money 600)" --argjson banana "$(money 150)" --argjson granola "$(money 250)" \
    --argjson left $((orders * 2)) '[
    {name: "Tamanho", min: 1, max: 1, options: [{name: "Pequeno", price: $none}, {name: "Grande", price: $large}]},
    {name: "Complementos", min: 0, max: 5, free: 2, options: [{name: "Banana", price: $banana}, {name: "Granola", price: $granola, stock: $left}]}]')"
  # The first product as the customers find it: in the category, without knowing its name.
  ask GET "/products?category=$shelf&limit=100" 200 ''
  [[ "$(answer '.data | length')" == 5 ]] || die "the menu of the day has $(answer '.data | length') products instead of 5."

  # When those who plan ahead want it: a slot of tomorrow that can be had.
  ask GET '/store/slots?fulfillment=delivery' 200 ''
  today="$(answer .date)"
  tomorrow="$(jq --null-input --raw-output --arg day "$today" '$day + "T12:00:00Z" | fromdate + 86400 | todate[:10]')"
  ask GET "/store/slots?fulfillment=delivery&date=$tomorrow" 200 ''
  noon="$(answer '[.slots[] | select(.isAvailable)] | .[length / 2 | floor].start')"
  jq --null-input --slurpfile products <(cat -- "$work"/product.*) --arg noon "$noon" --arg coupon "$coupon_code" --arg currency "$currency" \
    '{products: ($products | map({key: .role, value: .}) | from_entries), $noon, $coupon, $currency}' > "$work/menu.json"
}

# add_product ROLE NAME PRICE STOCK [OPTION_GROUPS]
add_product() {
  ask POST /products 201 "$staff" "$(jq --null-input --arg name "$2" --arg category "$category" --argjson price "$(money "$3")" --argjson stock "$4" --argjson groups "${5:-[]}" \
    '{$name, description: "Só hoje.", $price, categoryId: $category, $stock, optionGroups: $groups}')"
  sold_products+=("$(answer .id)")
  jq --arg role "$1" '{$role, id, stock, options: [.optionGroups[].options[] | {id, name, stock}]}' "$answers" > "$work/product.$1"
}

# refused_order RULE: somebody's order is refused as store_closed by a rule, and a quote says the same beforehand.
refused_order() {
  local body
  body="$(jq '{items: [{productId: .products.coxinha.id, quantity: 1}], fulfillment: "pickup", paymentMethod: "manual"}' "$work/menu.json")"
  ask POST /quotes 200 "$(cat -- "$work/token.0")" "$body"
  [[ "$(answer '[.quoteId, .refusals[].code, .refusals[].rule] | @json')" == "[null,\"store_closed\",\"$1\"]" ]] || die "a quote of a store that is closed ($1) says $(answer '[.quoteId, .refusals] | @json')."
  ask POST /orders 409 "$(cat -- "$work/token.0")" "$body"
  [[ "$(answer '"\(.code) \(.rule)"')" == "store_closed $1" ]] || die "an order was refused as $(answer '"\(.code) \(.rule)"') instead of store_closed $1."
  echo "store_closed $1" >> "$work/refused/staff"
}

pause_for_a_while() {
  ask POST /store/pause 200 "$staff" '{"reason": "Acabou o gás"}'
  refused_order paused
  # Long enough that customers meet it.
  sleep 1
  refused_order paused
  ask POST /store/resume 200 "$staff"
}

sell_out_for_a_while() {
  local caldo body
  caldo="$(jq --raw-output .products.caldo.id "$work/menu.json")"
  ask POST "/products/$caldo/sold-out" 200 "$staff" '{}'
  [[ "$(answer .isAvailable)" == false ]] || die "a product that is sold out for today is shown as available."
  body="$(jq --null-input --arg caldo "$caldo" '{items: [{productId: $caldo, quantity: 1}], fulfillment: "pickup", paymentMethod: "manual"}')"
  ask POST /orders 409 "$(cat -- "$work/token.0")" "$body"
  [[ "$(answer .code)" == out_of_stock ]] || die "what is sold out for today was refused as $(answer .code) instead of out_of_stock."
  echo out_of_stock >> "$work/refused/staff"
  sleep 1
  ask DELETE "/products/$caldo/sold-out" 204 "$staff"
}

close_shop() {
  ask GET /store 200 "$staff"
  ask PUT /store 200 "$staff" "$(as_request '.acceptingOrders = false' < "$answers")"
  refused_order not_accepting
}

# as_request CHANGE: the store as it was shown, as it can be put.
as_request() { jq "del(.pausedAt, .pausedUntil, .pauseReason, .busyMinutes, .busyUntil, .createdAt, .updatedAt) | $1"; }

# What was opened is closed, whatever happened in between: nothing here ends the script.
put_back() {
  local one failed=0
  [[ -n "$store" ]] || return 0
  try PUT /store "$(as_request . <<< "$store")" || failed=1
  if jq --exit-status '.pausedAt != null and (.pausedUntil == null or (.pausedUntil[:19] + "Z" | fromdate) > now)' <<< "$store" > /dev/null; then
    try POST /store/pause "$(jq '{until: .pausedUntil, reason: .pauseReason} | with_entries(select(.value != null))' <<< "$store")" || failed=1
  else
    try POST /store/resume || failed=1
  fi
  if jq --exit-status '.busyMinutes > 0 and (.busyUntil == null or (.busyUntil[:19] + "Z" | fromdate) > now)' <<< "$store" > /dev/null; then
    try POST /store/busy "$(jq '{minutes: .busyMinutes, until: .busyUntil} | with_entries(select(.value != null))' <<< "$store")" || failed=1
  fi
  for one in "${sold_products[@]}"; do try DELETE "/products/$one" || failed=1; done
  [[ -z "$category" ]] || try DELETE "/categories/$category" || failed=1
  [[ -z "$coupon" ]] || try DELETE "/coupons/$coupon" || failed=1
  return "$failed"
}

# A day that broke off leaves orders that nobody makes any more.
call_off_the_rest() {
  local id
  while read -r id; do
    send GET "/orders/$id" "$staff"
    [[ "$(answer .status)" =~ ^(delivered|cancelled)$ ]] || send POST "/orders/$id/cancel" "$staff" '{"reason": "O dia acabou antes"}'
  done < <(cat -- "$work"/placed/* 2> /dev/null)
}

try() {
  send "$1" "$2" "$staff" "${3:-}"
  [[ "$status" == 20[04] ]] && return 0
  echo "WRONG: $1 $2 was answered $status while the shop was put back." >&2
  return 1
}
