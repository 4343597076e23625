# shellcheck shell=bash
# Of examples/day.sh: the kitchen. One process follows the queue's stream and hands each order out to a cook; cooks take it from there to its customer.
# shellcheck disable=SC2034,SC2154 # Variables are day.sh's, and the other parts'.

# Where the stream goes on from, so that nothing is missed between looking and following. Each cook has a rail for orders, which is open before anybody writes to it.
queue_position() {
  local cook
  ask GET /orders/queue 200 "$staff"
  position="$(answer .position)"
  for ((cook = 0; cook < cooks; cook++)); do
    mkfifo -- "$work/rail.$cook"
    exec {rail}<> "$work/rail.$cook"
    rails[cook]="$rail"
  done
}
rails=()

follow_queue() {
  local last="$position" line event='' turn=0 ticket
  answers="$work/answers.stream"
  while true; do
    ask POST /stream-tickets 200 "$staff"
    ticket="$(answer .ticket)"
    while IFS= read -r line; do
      case "$line" in
        'id: '*) last="${line#id: }" ;;
        'event: '*) event="${line#event: }" ;;
        'data: '*)
          echo "$event" >> "$work/events"
          if [[ "$event" == orderQueued && "$line" =~ \"orderId\":\"([0-9a-f-]+)\" ]]; then
            echo "${BASH_REMATCH[1]}" >&"${rails[turn]}"
            turn=$(((turn + 1) % cooks))
          fi
          ;;
      esac
    done < <(curl --silent --show-error --no-buffer "$api/orders/queue/events?ticket=$ticket&lastEventId=$last")
    # A stream may end at any time; what came meanwhile is told from where it ended.
    echo broke >> "$work/events"
  done
}

# work_kitchen COOK: makes what comes along the rail, until it is told to go home.
work_kitchen() {
  local id
  answers="$work/answers.cook.$1"
  while read -r id; do
    [[ "$id" != home ]] || return 0
    echo "$id" >> "$work/told/$1"
    make "$id"
  done <&"${rails[$1]}"
}

# make ORDER: all steps that are left until its customer has it.
make() {
  local id="$1" day number state way cash payment
  ask GET "/orders/$id" 200 "$staff"
  read -r day number state way cash < <(answer '"\(.metadata.day // "-") \(.metadata.order // 0) \(.status) \(.fulfillment) \(.changeFor != null)"') || true
  # Somebody else's order is somebody else's to make.
  [[ "$day" == "$unique" && "$state" != cancelled ]] || return 0
  if [[ "$state" == pending ]]; then step "$id" confirm '{"reason": "Pode deixar"}' || return 0; fi
  step "$id" prepare || return 0
  if ((number % 25 == 12)); then
    step "$id" cancel '{"reason": "Caiu no chão"}'
    return 0
  fi
  step "$id" ready || return 0
  if [[ "$way" == delivery ]]; then step "$id" dispatch '{"carrier": "Zé da moto", "trackingCode": "ZM-'"$number"'"}' || return 0; fi
  if [[ "$cash" == true ]]; then
    ask GET "/payments?orderId=$id&status=pending" 200 "$staff"
    payment="$(answer '.data[0].id // ""')"
    # The customer may still be on the way to saying so.
    [[ -z "$payment" ]] || ask POST "/payments/$payment/receive" 200 "$staff"
  fi
  step "$id" deliver || return 0
}

# step ORDER NAME [BODY]: false where its customer called it off meanwhile.
step() {
  send POST "/orders/$1/$2" "$staff" "${3:-}"
  [[ "$status" != 200 ]] || return 0
  local said
  said="$status $(cat -- "$answers")"
  ask GET "/orders/$1" 200 "$staff"
  [[ "$(answer .status)" == cancelled ]] || die "an order could not be made to $2: $said"
  return 1
}

# queue_is_empty: whether the counter sees none of the day's orders any more.
queue_is_empty() {
  ask GET /orders/queue 200 "$staff"
  [[ "$(jq --arg day "$unique" '[.orders[] | select(.metadata.day == $day)] | length' "$answers")" == 0 ]]
}

# What the stream told is made; then the kitchen goes home.
finish_queue() {
  local rail cook
  until_true 60 "The end of the queue" queue_is_empty
  for rail in "${rails[@]}"; do echo home >&"$rail"; done
  for ((cook = 1; cook <= cooks; cook++)); do wait "${kitchen[cook]}" || die "a cook gave up; what stopped them is said above."; done
  kill -TERM -- "-${kitchen[0]}" 2> /dev/null || true
  wait "${kitchen[0]}" 2> /dev/null || true
  local twice
  twice="$(sort -- "$work"/told/* | uniq -d | head -n 1)"
  [[ -z "$twice" ]] || die "the stream told twice that order $twice is to be made."
  told_by_stream="$(cat -- "$work"/told/* | wc -l)"
}

# Orders for later, or for a slot that has not begun, are not in the queue before their time: today they are made ahead.
make_upcoming() {
  local id
  ask GET /orders/queue 200 "$staff"
  upcoming="$(answer .upcoming)"
  read_orders
  ahead=0
  while read -r id; do
    if grep --quiet --line-regexp --fixed-strings "$id" "$work"/told/*; then die "order $id came by the stream and was left lying."; fi
    make "$id"
    ahead=$((ahead + 1))
  done < <(jq --raw-output --arg day "$unique" '.[] | select(.metadata.day == $day and (.status | IN("delivered", "cancelled") | not)) | .id' "$work/orders.json")
  ((ahead <= upcoming)) || die "$ahead orders are open and not in the queue, which knows of $upcoming to come."
}
