# shellcheck shell=bash
# Of examples/day.sh: customers, each in a process of its own. What they order follows from the order's number alone, so that every day has some of everything.
# shellcheck disable=SC2154 # Variables are day.sh's.

# Accounts are kept beside the demo's: an address may register 30 in ten minutes, and a second day should not have to wait.
sign_in_customers() {
  local kept all='[]' at one
  kept="$(dirname -- "$people")/day-customers.json"
  [[ ! -r "$kept" ]] || all="$(cat -- "$kept")"
  for ((at = 0; at < clients; at++)); do
    status=''
    one="$(jq --compact-output ".[$at] // empty" <<< "$all")"
    [[ -z "$one" ]] || send POST /auth/login '' "$one"
    if [[ "$status" != 200 ]]; then
      # Nobody yet, or somebody of a database that is gone.
      one="$(jq --null-input --compact-output --arg email "cliente-$unique-$at@example.com" --arg password "$(head -c 18 /dev/urandom | base64)" '{$email, $password}')"
      ask POST /auth/register 201 '' "$(jq --arg name "Cliente $at" '{$name} + .' <<< "$one")"
      all="$(jq --argjson at "$at" --argjson one "$one" '.[$at] = $one' <<< "$all")"
    fi
    answer .accessToken > "$work/token.$at"
  done
  (umask 077 && printf '%s\n' "$all" > "$kept") 2> /dev/null || echo "$kept cannot be written: the next day registers its customers anew." >&2
}

# has_placed COUNT: whether so many orders are placed.
has_placed() { (($(cat -- "$work"/placed/* 2> /dev/null | wc -l) >= $1)); }

# go_shopping CLIENT: places and pays this customer's share of the orders.
go_shopping() {
  local at
  me="$1"
  token="$(cat -- "$work/token.$me")"
  answers="$work/answers.$me"
  for ((at = me; at < orders; at += clients)); do order "$at"; done
}

# wanted NUMBER: the order of that number.
wanted() {
  jq --argjson i "$1" --arg day "$unique" '
    def when(is; what): if is then what else {} end;
    def cash(amount): {amount: amount, currency: .currency};
    .products as $menu | (if $i % 2 == 0 then "pickup" else "delivery" end) as $way | (if $i % 3 == 0 then "manual" else "online" end) as $how
    | {
      items: [
        {productId: (if $i % 5 == 0 then $menu.pastel.id else $menu.coxinha.id end), quantity: (1 + $i % 4)} + when($i % 7 == 2; {notes: "Sem cebola"}),
        (if $i % 4 == 1 then {productId: $menu.acai.id, quantity: (1 + $i % 3), notes: "Bem gelado",
          options: [{optionId: $menu.acai.options[1].id}, {optionId: $menu.acai.options[2].id, quantity: 2}, {optionId: $menu.acai.options[3].id}]} else empty end),
        (if $i % 8 == 0 then {productId: $menu.bolo.id, quantity: 1} else empty end),
        (if $i % 6 == 0 then {productId: $menu.caldo.id, quantity: 2} else empty end)],
      fulfillment: $way, paymentMethod: $how, metadata: {day: $day, order: "\($i)"}}
    + when($way == "delivery"; {address: {street: "Rua das Flores", number: "\($i)", neighborhood: "Centro", city: "São Paulo", state: "SP", country: "BR",
        postalCode: (if $i % 4 == 1 then "01310-100" else "04538-133" end)}})
    + when($i % 3 == 1; {couponCode: .coupon})
    + when($i % 5 == 0; {tip: cash(300)})
    + when($how == "manual" and $i % 4 == 0; {changeFor: cash(50000)})
    + when($i % 10 == 7; {scheduledFor: .noon})' "$work/menu.json"
}

# order NUMBER: asks until it is placed, and takes a refusal for what it says.
order() {
  local i="$1" body quote quoted attempt id total due
  body="$(wanted "$i")"
  for ((attempt = 1; attempt <= 100; attempt++)); do
    quote='-' quoted=''
    if ((i % 3 < 2)); then
      ask POST /quotes 200 "$token" "$body"
      read -r quote quoted < <(answer '"\(.quoteId // "-") \(.total.amount)"') || true
      # A quote has an id where nothing stands against it.
      if [[ "$quote" == - ]]; then
        jq '.refusals[0] | .facts + {code}' "$answers" > "$work/refusal.$me"
        mend
        continue
      fi
    fi

    send POST /orders "$token" "$(jq --arg quote "$quote" 'if $quote == "-" then . else .quoteId = $quote end' <<< "$body")" "Idempotency-Key: day-$unique-$i-$attempt"
    if [[ "$status" == 409 ]]; then
      cp -- "$answers" "$work/refusal.$me"
      mend
      continue
    fi
    [[ "$status" == 201 ]] || die "order $i was answered $status: $(cat -- "$answers")"
    read -r id total due < <(answer '"\(.id) \(.total.amount) \(.changeFor.amount // "")"') || true
    [[ -z "$quoted" || "$quoted" == "$total" ]] || die "order $i comes to $total and was quoted $quoted."
    echo "$id" >> "$work/placed/$me"
    pay "$i" "$id" "$total" "$due"
    return
  done
  die "order $i was refused a hundred times, the last time: $(cat -- "$work/refusal.$me")"
}

# mend: changes the body of the order so that what it was refused for is gone.
mend() {
  local code
  code="$(jq --raw-output '[.code, .rule // empty] | join(" ")' "$work/refusal.$me")"
  echo "$code" >> "$work/refused/$me"
  case "$code" in
    'store_closed paused') sleep 0.5 ;;
    out_of_stock)
      body="$(jq --slurpfile refusal "$work/refusal.$me" '($refusal[0] | [.productId, .products[]?.productId]) as $gone | .items |= map(select(.productId | IN($gone[]) | not))' <<< "$body")"
      jq --exit-status '.items | length > 0' <<< "$body" > /dev/null || die "a whole order is out of stock: $(cat -- "$work/refusal.$me")"
      ;;
    'coupon_refused used_up') body="$(jq 'del(.couponCode)' <<< "$body")" ;;
    slot_taken) body="$(jq --slurpfile refusal "$work/refusal.$me" '.scheduledFor = $refusal[0].nextFree' <<< "$body")" ;;
    *) die "an order was refused for what nobody expected: $(cat -- "$work/refusal.$me")" ;;
  esac
}

# pay NUMBER ORDER TOTAL CASH: online by this provider or that one, at the first go or not; by hand at the door. Some think better of it, before or after.
pay() {
  local i="$1" id="$2" total="$3" due="$4" provider payment
  if ((i % 20 == 19)); then
    cancel "$i" "$id"
    return
  fi
  if ((i % 3 == 0)); then
    # At the door; whoever pays cash says so, and is told the change.
    if [[ -n "$due" ]]; then
      ask POST /payments 201 "$token" "$(jq --null-input --arg id "$id" --argjson due "$(money "$due")" '{orderId: $id, provider: "manual", method: "cash", tendered: $due}')" "Idempotency-Key: cash-$unique-$i"
      [[ "$(answer .change.amount)" == $((due - total)) ]] || die "the change of $due for $total is said to be $(answer .change.amount)."
    fi
  else
    provider=sandbox
    ((i % 4 != 1)) || provider=stripe
    ((i % 4 != 2)) || provider=mercadopago
    if ((i % 16 == 7)); then
      open_payment "$i-refused" "$id" sandbox
      ask POST "/sandbox/payments/$payment/fail" 200 "$token" '{"code": "insufficient_funds"}'
      [[ "$(answer .status)" == failed ]] || die "a payment that was to fail is $(answer .status)."
    fi
    open_payment "$i" "$id" "$provider"
    if [[ "$provider" == sandbox ]]; then
      ask POST "/sandbox/payments/$payment/succeed" 200 "$token"
    else
      ask POST "/simulator/payments/$payment" 202 "$token" '{"do": "succeed"}'
      # The payer is back from the provider's page.
      ask POST "/payments/$payment/refresh" 200 "$token"
    fi
    [[ "$(answer .status)" == succeeded ]] || die "a payment with $provider that was paid is $(answer .status)."
  fi
  if ((i % 20 == 9)); then cancel "$i" "$id"; fi
}

# open_payment NAME ORDER PROVIDER: leaves its id in $payment.
open_payment() {
  ask POST /payments 201 "$token" "$(jq --null-input --arg id "$2" --arg provider "$3" '{orderId: $id, $provider, method: "pix"} | if $provider == "stripe" then .method = "card" else . end')" "Idempotency-Key: pay-$unique-$1"
  payment="$(answer .id)"
}

# cancel NUMBER ORDER: until the kitchen has begun, a customer may.
cancel() {
  send POST "/orders/$2/cancel" "$token" '{"reason": "Mudei de ideia"}'
  [[ "$status" == 200 || "$(answer .code)" == invalid_transition ]] || die "order $1 could not be cancelled: $status $(cat -- "$answers")"
  [[ "$status" == 200 ]] || echo "too_late_to_cancel" >> "$work/refused/$me"
}
