#!/usr/bin/env bash
# Takes a first order from sign-up to delivery, with curl and jq, and shows every answer.
#   BASE_URL       where Quitanda answers        (default http://127.0.0.1:8080)
#   QUITANDA_DATA  the data folder of the demo   (default ./data), for the staff's credentials
set -euo pipefail

# shellcheck source=examples/api.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/api.sh"
trap 'rm -f "$answers"' EXIT

# call METHOD PATH EXPECTED_STATUS TOKEN [BODY] [HEADER...]: shows the request and the answer, and stops when the status is another.
call() {
  local method="$1" path="$2" expected="$3"
  shift 3
  send "$method" "$path" "$@"
  echo "== $method $path -> $status"
  # Tokens are for the script, not for the screen.
  jq 'if type == "object" then with_entries(if (.key | test("Token$")) then .value = "..." else . end) else . end' "$answers"
  if [[ "$status" != "$expected" ]]; then
    echo "Expected $expected." >&2
    exit 1
  fi
}

unique="$(date +%s)-$$-$RANDOM"
password="$(head -c 18 /dev/urandom | base64)"

echo "# Ana signs up"
call POST /auth/register 201 '' "$(jq --null-input --arg email "ana-$unique@example.com" --arg password "$password" '{name: "Ana Souza", $email, $password}')"
ana="$(answer .accessToken)"

echo "# Ana reads the menu"
call GET '/products?available=true&limit=3' 200 ''
first="$(answer '.data[0].id')"
second="$(answer '.data[1].id')"

echo "# Ana orders for pickup; the key makes it safe to send again"
call POST /orders 201 "$ana" \
  "$(jq --null-input --arg first "$first" --arg second "$second" '{items: [{productId: $first, quantity: 2}, {productId: $second, quantity: 1}], fulfillment: "pickup", notes: "Sem pressa"}')" \
  "Idempotency-Key: first-order-$unique"
order="$(answer .id)"

echo "# Ana pays with the sandbox"
call POST /payments 201 "$ana" "$(jq --null-input --arg order "$order" '{orderId: $order, provider: "sandbox", method: "pix"}')" "Idempotency-Key: first-payment-$unique"
payment="$(answer .id)"
call POST "/sandbox/payments/$payment/succeed" 200 "$ana"

echo "# The payment has confirmed the order"
call GET "/orders/$order" 200 "$ana"
[[ "$(answer .status)" == confirmed && "$(answer .paymentStatus)" == paid ]] || { echo "The order is not confirmed and paid." >&2; exit 1; }

echo "# The staff signs in and works"
call POST /auth/login 200 '' "$(jq '{email: .staff.email, password: .staff.password}' "$people")"
staff="$(answer .accessToken)"
for step in prepare ready deliver; do
  call POST "/orders/$order/$step" 200 "$staff"
done

echo "# Ana has her order"
call GET "/orders/$order" 200 "$ana"
[[ "$(answer .status)" == delivered ]] || { echo "The order is not delivered." >&2; exit 1; }
echo "Order $(answer .number) was delivered: $(answer '[.timeline[].status] | join(" -> ")')"
