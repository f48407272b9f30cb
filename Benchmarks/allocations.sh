#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Allocations and instructions an operation, exactly: an optimised program runs under valgrind with
# N and with 3 N operations, and the difference is divided by 2 N. What a start and a warm-up cost
# falls out. N (2000) operations; an argument picks one loop.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

have "allocations" valgrind || exit 0
count="${N:-2000}"
swift="${SWIFT:-swift}"
"$swift" build --package-path "$here" -c release >"$work/build" 2>&1 || { cat "$work/build"; exit 1; }
micro="$here/.build/release/Micro"

# watched TOOL COMMAND...: allocations and instructions of the whole run, in two words
watched() {
  local log="$work/valgrind.$RANDOM" status=0
  valgrind --log-file="$log" "$@" >/dev/null || status=$?
  # 1: a threshold of the scenario was missed, as it should be.
  [ "$status" -le 1 ] || { cat "$log" >&2; return 1; }
  local heap
  heap="$(sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' "$log" | tr -d ,)"
  valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$log" "$@" >/dev/null || true
  echo "$heap $(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$log")"
}

# row NAME FEW MANY OPERATIONS: two measurements and how many operations lie between them
row() {
  local few many each
  read -r -a few <<<"$2"
  read -r -a many <<<"$3"
  each="$(awk -v a="${few[0]}" -v b="${many[0]}" -v c="${few[1]}" -v d="${many[1]}" -v n="$4" \
    'BEGIN { printf "%.3f %.0f", (b - a) / n, (d - c) / n }')"
  printf '%-24s %12s %14s\n' "$1" "${each% *}" "${each#* }"
  rows+=("\"$1\": {\"allocations\": ${each% *}, \"instructions\": ${each#* }}")
}
rows=()

printf '\n%-24s %12s %14s\n' "an operation" "allocations" "instructions"
names="${1:-$("$micro" | sed -n 's/^  \([a-z-]*\): .*/\1/p')}"
for name in $names; do
  row "$name" "$(watched "$micro" "$name" "$count")" \
    "$(watched "$micro" "$name" $((3 * count)))" $((2 * count))
done

# Of a simulated request, the whole world in it: load, proxy, node, faults, checkers, report.
if [ -z "${1:-}" ] && [ -x "$falsework" ]; then
  scenario="$here/../specs/scenarios/first-upgrade.yaml"
  simulate() {
    watched "$falsework" run "$scenario" --world simulated --set "duration=$1" --format json
  }
  simulated() {
    "$falsework" run "$scenario" --world simulated --set "duration=$1" --format json |
      awk '/"total": \{/ { inside = 1 }
        inside && /"requests":/ { gsub(/[^0-9]/, "", $2); print $2; exit }'
  }
  before="$(simulated 10m || true)" after="$(simulated 30m || true)"
  row "simulated request" "$(simulate 10m)" "$(simulate 30m)" $((after - before))
else
  echo "skipped: simulated request (no $falsework)"
fi
cat >"$results/allocations.json" <<END
{"machine": $(machine), "operations": $count, "an_operation": {$(IFS=,; echo "${rows[*]}")}}
END
