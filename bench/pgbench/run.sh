#!/usr/bin/env bash
# The database's own ceiling. Usage: pgbench/run.sh [seconds=10] [rounds=3]; prints tps and average latency, protocol "prepared".
# It needs a PostgreSQL on 127.0.0.1 with the database "bench" loaded from ../db; BENCH_PGBIN and BENCH_PGPORT name it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

bin=${BENCH_PGBIN:-/usr/lib/postgresql/15/bin}
seconds=${1:-10}
rounds=${2:-3}
server=(-h 127.0.0.1 -p "${BENCH_PGPORT:-55432}" -U postgres)

number() {
  sed -n "s/^$1 = \([0-9.]*\).*/\1/p" <<<"$2"
}

for round in $(seq "$rounds"); do
  for connections in 16 64; do
    for script in select order-cte order-tx; do
      out=$("$bin/pgbench" "${server[@]}" -n -M prepared -c "$connections" -j 1 -T "$seconds" -f "$script.sql" bench 2>&1)
      failed=$(sed -n 's/^number of failed transactions: \([0-9]*\).*/\1/p' <<<"$out")
      printf 'round %s c=%s %s tps %s avg_ms %s failed %s\n' "$round" "$connections" "$script" "$(number tps "$out")" "$(number 'latency average' "$out")" "$failed"
      if [[ "$script" == order* ]]; then
        "$bin/psql" "${server[@]}" -d bench -X -q -f ../db/reset.sql
        "$bin/psql" "${server[@]}" -d bench -X -q -c 'vacuum analyze orders, order_items, products'
      fi
    done
  done
done
