# shellcheck shell=bash
# What the examples share: where Quitanda answers, and how it is asked. It is sourced, not run.
#   BASE_URL       where Quitanda answers        (default http://127.0.0.1:8080)
#   QUITANDA_DATA  the data folder of the demo   (default ./data), for the staff's credentials

base="${BASE_URL:-http://127.0.0.1:8080}"
api="$base/api/v1"
people="${QUITANDA_DATA:-data}/demo-credentials.json"

for tool in curl jq; do
  command -v "$tool" > /dev/null || { echo "This example needs $tool." >&2; exit 1; }
done
[[ -r "$people" ]] || { echo "No demo credentials at $people: set QUITANDA_DATA to the folder that serve uses." >&2; exit 1; }

# The last answer lies in a file, so that jq can read it as often as it likes.
answers="$(mktemp)"

# send METHOD PATH TOKEN [BODY] [HEADER...]: asks, and leaves the answer in $answers and its status in $status.
# Who is told to come again later does so, if it is within a minute: that is how limits are meant.
send() {
  local method="$1" path="$2" token="$3" body="${4:-}" said wait
  shift 3
  [[ $# -gt 0 ]] && shift
  local arguments=(--silent --show-error --max-time 30 --request "$method" --output "$answers" --write-out '%{http_code} %header{retry-after}')
  [[ -n "$token" ]] && arguments+=(--header "Authorization: Bearer $token")
  [[ -n "$body" ]] && arguments+=(--header 'Content-Type: application/json' --data "$body")
  for header in "$@"; do arguments+=(--header "$header"); done
  while true; do
    # An answer without a body leaves no file behind, and what was there before is not its.
    : > "$answers"
    said="$(curl "${arguments[@]}" "$api$path")"
    status="${said%% *}" wait="${said##* }"
    [[ "$status" =~ ^(429|503)$ && "$wait" =~ ^[0-9]+$ && "$wait" -le 60 ]] || return 0
    echo "$method $path -> $status: asking again in $wait s." >&2
    sleep "$wait"
  done
}

# answer FILTER: something of the last answer.
answer() { jq --raw-output "$1" "$answers"; }
