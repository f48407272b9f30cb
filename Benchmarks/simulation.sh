#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Simulated requests a second: the first upgrade for 2 and for 20 hours of virtual time; the
# difference leaves out the start of the program, the reading of the scenario and the rotation. And
# whole upgrades a minute: the first upgrade as it stands, once for each seed, on all cores.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

[ -x "$falsework" ] || { echo "skipped: simulation (no $falsework)"; exit 0; }
scenario="$here/../specs/scenarios/first-upgrade.yaml"

# simulate HOURS: sets requests and cost.
simulate() {
  local status=0
  { TIMEFORMAT='cpu %U %S'; time taskset -c "$own" "$falsework" run "$scenario" \
    --world simulated --set "duration=${1}h" --format json >"$work/result.json"; } \
    2>"$work/time" || status=$?
  # 1: a threshold was missed, as it should be.
  [ "$status" -le 1 ] || { cat "$work/time" >&2; return 1; }
  requests="$(awk '/"total": \{/ { inside = 1 }
    inside && /"requests":/ { gsub(/[^0-9]/, "", $2); print $2; exit }' "$work/result.json")"
  cost="$(awk '$1 == "cpu" { printf "%d", ($2 + $3) * 1000000 }' "$work/time")"
}

rates=()
for _ in $(seq "$rounds"); do
  simulate 2
  short="$requests" short_cost="$cost"
  simulate 20
  rates+=("$(awk -v n=$((requests - short)) -v us=$((cost - short_cost)) \
    'BEGIN { printf "%d", n * 1000000 / us }')")
done

# sweep SEEDS: sets wall, in microseconds.
sweep() {
  { TIMEFORMAT='wall %R'; time "$falsework" sweep "$scenario" --seeds "$1" --quiet \
    --format csv >/dev/null; } 2>"$work/time" || { cat "$work/time" >&2; return 1; }
  wall="$(awk '$1 == "wall" { printf "%d", $2 * 1000000 }' "$work/time")"
}

seeds="${SEEDS:-400}"
upgrades=()
for _ in $(seq "$rounds"); do
  sweep "$seeds"
  upgrades+=("$(awk -v n="$seeds" -v us="$wall" 'BEGIN { printf "%d", n * 60000000 / us }')")
done
printf '\nSimulated world, first-upgrade.yaml\n'
printf '%-34s %9s\n' "simulated requests a second, 1 core" "$(median "${rates[@]}")" \
  "whole upgrades a minute, $cores cores" "$(median "${upgrades[@]}")"
cat >"$results/simulation.json" <<END
{
  "name": "simulated requests a second", "machine": $(machine),
  "requests_per_s": $(list "${rates[@]}"), "median": $(median "${rates[@]}"),
  "upgrades_per_min": $(list "${upgrades[@]}"), "cores": $cores,
  "median_upgrades_per_min": $(median "${upgrades[@]}")
}
END
