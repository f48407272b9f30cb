#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How far the load engine goes: 10,000 connections that are held and used, against wrk with as many;
# 10,000 requests a second; and the memory of a day at 100 a second, in virtual time, at its first
# hour and at its end. HOURS (24) says how long that day is.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

[ -x "$falsework" ] || { echo "skipped: load at scale (no $falsework)"; exit 0; }
hours="${HOURS:-24}"

# peak COMMAND...: sets memory (kB, at most) and output.
peak() {
  local status=0
  output="$(/usr/bin/time -f 'peak %M' "$@" 2>"$work/time")" || status=$?
  # 1: a threshold of the scenario was missed. 5: void, which is told below.
  [ "$status" -le 1 ] || [ "$status" -eq 5 ] || { cat "$work/time" >&2; return 1; }
  memory="$(awk '$1 == "peak" { print $2 }' "$work/time")"
}
# number OBJECT KEY: of the first such object of a result
number() {
  awk -v object="\"$1\": {" -v key="\"$2\":" 'index($0, object) { inside = 1 }
    inside && index($0, key) { split($0, p, key); sub(/^ */, "", p[2]); sub(/[^0-9.].*/, "", p[2])
      print p[2]; found = 1; exit }
    END { if (!found) print "?" }' <<<"$output"
}

if have "connections and rates" nginx wrk taskset && have "peak memory" /usr/bin/time; then
  limit="$(ulimit -n)"
  held=10000
  if [ "$limit" -lt $((2 * held + 200)) ] && ! ulimit -n $((2 * held + 200)) 2>/dev/null; then
    held=$((limit / 2 - 200))
    echo "(open files are limited to $limit: $held connections)"
  fi
  port="$(free_port)"
  start_nginx "$other" "$port" 1024 $((2 * held))
  url="http://127.0.0.1:$port/small"
  peak taskset -c "$own" "$falsework" load "$url" --users "$held" --spawn-rate 5000/s \
    --wait 1s --duration 15s --quiet --format json
  printf '\n%-44s %12s\n' "$held users, a request a second each" "measured"
  printf '%-44s %12s\n' "failures" "$(number total failures)"
  printf '%-44s %12s\n' "lateness 99 %, s" "$(number lateness p99_s)"
  printf '%-44s %12s\n' "memory a connection, B" \
    "$(awk -v kb="$memory" -v n="$held" 'BEGIN { printf "%d", kb * 1024 / n }')"
  wrk_peak="$(/usr/bin/time -f '%M' taskset -c "$own" wrk -t1 -c"$held" -d5s "$url" 2>&1 >/dev/null |
    tail -1)"
  printf '%-44s %12s\n' "wrk: memory a connection, B" \
    "$(awk -v kb="$wrk_peak" -v n="$held" 'BEGIN { printf "%d", kb * 1024 / n }')"
  peak taskset -c "$own" "$falsework" load "$url" --rate 10000/s --duration 10s --quiet --format json
  printf '\n%-44s %12s\n' "10,000 requests a second" "measured"
  printf '%-44s %12s\n' "requests a second" "$(number total requests_per_s)"
  printf '%-44s %12s\n' "failures" "$(number total failures)"
  printf '%-44s %12s\n' "lateness 99 %, ms" \
    "$(awk -v s="$(number lateness p99_s)" 'BEGIN { printf "%.3f", s * 1000 }')"
fi

scenario="$here/../specs/scenarios/three-nodes-open-loop.yaml"
day() {
  peak "$falsework" run "$scenario" --world simulated --set load.rate=100/s \
    --set 'load.tasks={validate: 100%}' --set "duration=${1}h" --quiet --format json
}
day 1
first="$memory"
day "$hours"
printf '\n%-44s %12s\n' "100 a second in virtual time" "peak, kB"
printf '%-44s %12s\n' "after 1 hour" "$first"
printf '%-44s %12s\n' "after $hours hours ($(number total requests) requests)" "$memory"
