#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Allocations an operation, exactly: an optimised program runs under valgrind with N and with 3 N
# operations, and the difference of the two heaps is divided by 2 N. What a start and a warm-up
# cost falls out. N (2000) operations; a second argument picks one loop.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

have "allocations" valgrind || exit 0
count="${N:-2000}"
swift="${SWIFT:-swift}"
"$swift" build --package-path "$here" -c release >"$work/build" 2>&1 || { cat "$work/build"; exit 1; }
micro="$here/.build/release/Micro"

# heap COMMAND...: allocations of the whole run
heap() {
  local log="$work/valgrind.$RANDOM" status=0
  valgrind --log-file="$log" "$@" >/dev/null || status=$?
  # 1: a threshold of the scenario was missed, as it should be.
  [ "$status" -le 1 ] || { cat "$log" >&2; return 1; }
  sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' "$log" | tr -d ,
}

each() {
  awk -v a="$1" -v b="$2" -v n="$3" 'BEGIN { printf "%.3f", (b - a) / n }'
}

rows=()
row() {
  printf '%-24s %12s\n' "$1" "$2"
  rows+=("\"$1\": $2")
}

printf '\n%-24s %12s\n' "" "allocations"
names="${1:-$("$micro" | sed -n 's/^  \([a-z-]*\): .*/\1/p')}"
for name in $names; do
  few="$(heap "$micro" "$name" "$count")"
  many="$(heap "$micro" "$name" $((3 * count)))"
  row "$name" "$(each "$few" "$many" $((2 * count)))"
done

# Of a simulated request, the whole world in it: load, proxy, node, faults, checkers, report.
if [ -z "${1:-}" ] && [ -x "$falsework" ]; then
  scenario="$here/../specs/scenarios/first-upgrade.yaml"
  simulate() {
    heap "$falsework" run "$scenario" --world simulated --set "duration=$1" --format json
  }
  simulated() {
    "$falsework" run "$scenario" --world simulated --set "duration=$1" --format json |
      awk '/"total": \{/ { inside = 1 }
        inside && /"requests":/ { gsub(/[^0-9]/, "", $2); print $2; exit }'
  }
  few="$(simulate 10m)" many="$(simulate 30m)"
  before="$(simulated 10m || true)" after="$(simulated 30m || true)"
  row "simulated request" "$(each "$few" "$many" $((after - before)))"
else
  echo "skipped: simulated request (no $falsework)"
fi
cat >"$results/allocations.json" <<END
{"machine": $(machine), "operations": $count, "allocations": {$(IFS=,; echo "${rows[*]}")}}
END
