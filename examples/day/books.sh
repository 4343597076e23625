# shellcheck shell=bash
# Of examples/day.sh: money that goes back, and at the day's end every figure held against the others.
# shellcheck disable=SC2154 # Variables are day.sh's.

wrong=0

# same WHAT ONE OTHER: two figures that are to be one.
same() {
  [[ "$2" == "$3" ]] && return 0
  echo "WRONG: $1: $2 is not $3." >&2
  wrong=$((wrong + 1))
}

ledger() { jq --arg currency "$currency" --sort-keys '.data | map({key: .code, value: ([.balances[] | select(.currency == $currency) | .amount] | add // 0)}) | from_entries' "$answers"; }

remember_books() {
  ask GET /ledger/accounts 200 "$admin"
  ledger > "$work/ledger.before"
  dead_before="$(dead_jobs)"
}

dead_jobs() {
  ask GET /job-kinds 200 "$admin"
  answer '[.data[].dead] | add'
}

# read_orders: all orders since the shop opened, into orders.json.
read_orders() {
  local after=''
  : > "$work/pages"
  while true; do
    ask GET "/orders?from=$from&limit=100${after:+&after=$after}" 200 "$staff"
    jq '.data' "$answers" >> "$work/pages"
    [[ "$(answer .meta.hasNext)" == true ]] || break
    after="$(answer '.meta.next | @uri')"
  done
  jq --slurp add "$work/pages" > "$work/orders.json"
}

# Some were not content: a part of their money goes back, or in two parts all of it.
give_back() {
  local id total i payment
  read_orders
  while read -r id total i; do
    ask GET "/payments?orderId=$id&status=succeeded" 200 "$staff"
    payment="$(answer '.data[0].id')"
    refund "$payment" 250 "Faltou o guardanapo"
    if ((i % 20 == 13)); then
      refund "$payment" '' "Veio frio"
      # Whatever is asked for beyond what came in is refused.
      ask POST "/payments/$payment/refunds" 409 "$staff" "{\"amount\": $(money 1)}"
      [[ "$(answer .code)" == refund_exceeds_payment ]] || die "a refund too many was refused as $(answer .code)."
      echo "$total" >> "$work/given_back"
    else
      echo 250 >> "$work/given_back"
    fi
  done < <(jq --raw-output --arg day "$unique" '.[] | select(.metadata.day == $day and .status == "delivered" and (.metadata.order | tonumber % 10 == 3)) | "\(.id) \(.total.amount) \(.metadata.order)"' "$work/orders.json")
}

# refund PAYMENT AMOUNT REASON: without an amount all that is left.
refund() {
  local amount=null
  [[ -z "$2" ]] || amount="$(money "$2")"
  ask POST "/payments/$1/refunds" 201 "$staff" "$(jq --null-input --argjson amount "$amount" --arg reason "$3" '{$reason} + if $amount then {$amount} else {} end')"
}

# jobs_are_done: whether nothing is due but timers, and no refund waits.
jobs_are_done() {
  ask GET /job-kinds 200 "$admin"
  [[ "$(answer '[.data[] | select(.everySeconds == null) | .due + .running] | add')" == 0 && "$(answer '[.data[] | select(.kind == "payments.refund") | .waiting] | add')" == 0 ]]
}

check_books() {
  read_orders
  ask GET /ledger/accounts 200 "$admin"
  ledger > "$work/ledger.after"
  same "the ledger's totals" "$(answer '[.totals[] | select(.amount != 0)] | length')" 0
  jq --null-input --sort-keys --slurpfile before "$work/ledger.before" --slurpfile after "$work/ledger.after" '$after[0] | with_entries(.value -= ($before[0][.key] // 0))' > "$work/ledger"
  # What the orders say: those of which money came in.
  jq --arg currency "$currency" 'map(select(.paidAt != null and .total.amount > 0 and .total.currency == $currency)) |
    {orders: length, goods: (map(.subtotal.amount) | add), discount: (map(.discount.amount) | add), deliveryFees: (map(.deliveryFee.amount) | add), tips: (map(.tip.amount) | add), total: (map(.total.amount) | add)}' \
    "$work/orders.json" > "$work/sold"
  check_report
  check_ledger
  check_orders
  check_stock
  check_slots
  same "dead jobs" "$(dead_jobs)" "$dead_before"
}

sold() { jq ".$1" "$work/sold"; }
booked() { jq ".$1 // 0" "$work/ledger"; }

check_report() {
  local group name
  for group in day hour product category; do
    ask GET "/reports/sales?from=$from&groupBy=$group" 200 "$staff"
    jq --arg currency "$currency" '.totals[] | select(.total.currency == $currency)' "$answers" > "$work/report"
    same "the report's rows by $group and its goods" "$(jq --arg currency "$currency" '[.rows[].goods | select(.currency == $currency) | .amount] | add' "$answers")" "$(jq .goods.amount "$work/report")"
    same "the report's rows by $group and its discount" "$(jq --arg currency "$currency" '[.rows[].discount | select(.currency == $currency) | .amount] | add' "$answers")" "$(jq .discount.amount "$work/report")"
  done
  same "orders in the report and among the orders" "$(jq .orders "$work/report")" "$(sold orders)"
  for name in goods discount deliveryFees tips total; do same "$name in the report and of the orders" "$(jq ".$name.amount" "$work/report")" "$(sold "$name")"; done
  ask GET "/reports/cancellations?from=$from" 200 "$staff"
  same "cancelled orders in the report" "$(answer .orders)" "$(jq '[.[] | select(.status == "cancelled")] | length' "$work/orders.json")"
}

check_ledger() {
  local refunded
  same "goods and the ledger's sales" "$(jq .goods.amount "$work/report")" "$((-$(booked sales)))"
  same "discounts and the ledger's" "$(jq .discount.amount "$work/report")" "$(booked discounts)"
  same "delivery fees and the ledger's" "$(jq .deliveryFees.amount "$work/report")" "$((-$(booked delivery)))"
  same "tips and the ledger's" "$(jq .tips.amount "$work/report")" "$((-$(booked tips)))"
  same "refunds in the report and the ledger's" "$(jq .refunded.amount "$work/report")" "$(booked refunds)"
  # What was paid and then cancelled, and what staff gave back.
  refunded=$(($(jq '[.[] | select(.status == "cancelled" and .paidAt != null) | .total.amount] | add // 0' "$work/orders.json") + $(jq --slurp 'add // 0' "$work/given_back")))
  same "refunds in the ledger and what was to go back" "$(booked refunds)" "$refunded"
  same "what providers hold, and what came in less what went" "$(booked provider_clearing)" "$(($(sold total) - refunded - $(booked fees)))"
  same "what payers owe" "$(booked receivable)" 0
  same "money that nothing took" "$(booked surplus)" 0
}

check_orders() {
  local ours="[.[] | select(.metadata.day == \"$unique\")]"
  same "orders that were placed and that are there" "$(cat -- "$work"/placed/* | sort --unique | wc -l)" "$(jq "$ours | length" "$work/orders.json")"
  same "orders of the day" "$(jq "$ours | length" "$work/orders.json")" "$orders"
  same "orders that are neither delivered nor cancelled" "$(jq "$ours | map(select(.status | IN(\"delivered\", \"cancelled\") | not)) | length" "$work/orders.json")" 0
  same "delivered orders that nobody paid" "$(jq "$ours | map(select(.status == \"delivered\" and .paidAt == null)) | length" "$work/orders.json")" 0
  same "cancelled orders whose money has not gone back" "$(jq "$ours | map(select(.status == \"cancelled\" and .paidAt != null and .paymentStatus != \"refunded\")) | length" "$work/orders.json")" 0
  same "orders that do not add up" "$(jq "$ours | map(select(.subtotal.amount - .discount.amount + .deliveryFee.amount + .tip.amount != .total.amount
    or .subtotal.amount != ([.items[].total.amount] | add) or .discount.amount != ([.items[].discount.amount] | add))) | length" "$work/orders.json")" 0
  same "numbers that were called twice" "$(jq "$ours | group_by(.shortNumber, .createdAt[:10]) | map(select(length > 1)) | length" "$work/orders.json")" 0
  ask GET "/coupons/$coupon" 200 "$staff"
  same "uses of the coupon and orders that have it" "$(answer .uses)" "$(jq --arg code "$coupon_code" 'map(select(.couponCode == $code and .status != "cancelled")) | length' "$work/orders.json")"
  same "more uses of the coupon than it has" "$(answer '.uses > .maxUses')" false
  for rule in 'store_closed paused' out_of_stock 'coupon_refused used_up'; do
    same "whether a customer was refused by $rule" "$(grep --quiet --line-regexp "$rule" "$work"/refused/* && echo yes || echo no)" yes
  done
}

# Stock is what it was less what is in orders that stand, of products and of options.
check_stock() {
  local file id
  for file in "$work"/product.*; do
    id="$(jq --raw-output .id "$file")"
    ask GET "/products/$id" 200 "$staff"
    same "stock of ${file##*.}" "$(answer .stock)" "$(jq --slurpfile product "$file" '[.[] | select(.status != "cancelled") | .items[] | select(.productId == $product[0].id) | .quantity] | (add // 0) as $sold
      | $product[0].stock | if . == null then null else . - $sold end' "$work/orders.json")"
    same "stock of the options of ${file##*.}" "$(answer '[.optionGroups[].options[] | .stock] | tojson')" "$(jq --slurpfile product "$file" '
      [.[] | select(.status != "cancelled") | .items[] | .quantity as $pieces | .options[] | {id: .optionId, count: (.quantity * $pieces)}] as $chosen
      | $product[0].options | map(. as $option | if .stock == null then null else .stock - ([$chosen[] | select(.id == $option.id) | .count] | add // 0) end) | tojson' --raw-output "$work/orders.json")"
  done
}

# No slot has more deliveries than it takes.
check_slots() {
  local day
  for day in "$today" "$tomorrow"; do
    ask GET "/store/slots?fulfillment=delivery&date=$day" 200 "$staff"
    same "slots of $day with more deliveries than they take" "$(jq --slurpfile orders "$work/orders.json" --argjson most "$delivery_capacity" '
      def instant: (.[:19] + "Z") | fromdate;
      ($orders[0] | map(select(.fulfillment == "delivery" and .status != "cancelled" and .readyAt != null) | .readyAt | instant)) as $promised
      | [.slots[] | (.start | instant) as $from | (.end | instant) as $to | [$promised[] | select(. >= $from and . < $to)] | length | select(. > $most)] | length' "$answers")" 0
  done
}

drift_is_done() {
  ask GET /reports/drift 200 "$admin"
  [[ "$(answer .finishedAt)" != null ]]
}

check_drift() {
  ask POST /reports/drift 202 "$admin"
  until_true 60 "The report of drift" drift_is_done
  same "differences in the report of drift ($(answer '[.differences[].kind] | unique | join(", ")'))" "$(answer .differenceCount)" 0
  compared="$(answer '"\(.compared.payments) payments and \([.compared.providers[].charges] | add // 0) charges"')"
}

# amount UNITS: as people write it, in a currency with cents.
amount() { printf '%d.%02d' $(($1 / 100)) $(($1 % 100)); }

tell_summary() {
  echo
  echo "A day of $orders orders by $clients customers: the last was placed after $ordered_in s, the shop was closed and every figure checked after $((SECONDS - opened_at)) s."
  jq --raw-output --arg day "$unique" '[.[] | select(.metadata.day == $day)] | group_by([.fulfillment, .status]) | .[] | "  \(.[0].fulfillment), \(.[0].status): \(length)"' "$work/orders.json"
  echo "  $told_by_stream orders came by the stream, in $(wc -l < "$work/events") events ($(grep --count broke "$work/events" || true) breaks); $ahead were made ahead of their time"
  sort -- "$work"/refused/* | uniq --count | sed 's/^ */  refused: /'
  echo "  $currency $(amount "$(sold goods)") of goods, $(amount "$(sold discount)") off, $(amount "$(sold deliveryFees)") for delivery, $(amount "$(sold tips)") in tips: $(amount "$(sold total)") came in," \
    "$(amount "$(booked refunds)") went back, $(amount "$(booked fees)") is the providers'"
  echo "  compared by the report of drift: $compared"
  if ((wrong == 0)); then echo "Everything agrees."; else echo "$wrong figures do not agree." >&2; fi
}
