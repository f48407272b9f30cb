#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Is the load engine honest about time? An nginx is stopped for 2 s (SIGSTOP) in the middle of 10 s
# at 1,000 requests a second. Theory: a fifth of the requests wait evenly between 0 and 2 s, so that
# 95 % wait less than 1.5 s and 99 % less than 1.9 s, with 2.0 s without a success. Beside it
# the engine's own lateness, and, without a stall, that of 10,000 a second on one core.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

have "honest times" nginx taskset || exit 0
[ -x "$falsework" ] || { echo "skipped: honest times (no $falsework)"; exit 0; }

port="$(free_port)"
start_nginx "$other" "$port" 1024
url="http://127.0.0.1:$port/small"

# figure KEY OBJECT: a number of an object of the result
figure() {
  awk -v object="\"$2\": {" -v key="\"$1\": " 'index($0, object) && index($0, key) {
    split($0, parts, key); sub(/[,}].*/, "", parts[2]); print parts[2]; exit }' <<<"$output"
}
asked() {
  taskset -c "$own" "$falsework" load "$url" --rate "$1" --duration "$2" --format json || true
}
total() { sed -n '/"total": {/,/^  }/p' <<<"$output"; }

asked 1000/s 10s >"$work/stalled" &
asker=$!
sleep 4
kill -STOP "$pid"
sleep 2
kill -CONT "$pid"
wait "$asker"
output="$(cat "$work/stalled")"
gap="$(awk '/"longest_gap"/ { inside = 1 } inside && /"length_s"|"duration_s"/ {
  gsub(/[^0-9.]/, "", $2); print $2; exit }' <<<"$output")"
whole="$output"
output="$(total)"
heading_line='%-34s %12s %12s\n'
# shellcheck disable=SC2059
printf "\n$heading_line" "a stall of 2 s in 10 s" "measured" "theory"
# shellcheck disable=SC2059
{
  printf "$heading_line" "95 %, s" "$(figure p95_s response)" "1.5"
  printf "$heading_line" "99 %, s" "$(figure p99_s response)" "1.9"
  printf "$heading_line" "longest, s" "$(figure max_s response)" "2.0"
  printf "$heading_line" "without a success, s" "${gap:-?}" "2.0"
}
output="$whole"
printf '%-34s %12s\n' "lateness 99 %, s" "$(figure p99_s lateness)"

output="$(asked 10000/s 10s)"
printf '\n%-34s %12s\n' "10,000 a second, lateness 99 %, s" "$(figure p99_s lateness)"
