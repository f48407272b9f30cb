#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many requests the first upgrade loses by chance: the simulated run once for each seed, from 1
# on, with the counts as the Markdown tables of specs/first-upgrade.md.
#
#     Benchmarks/first-upgrade-seeds.sh [SEEDS [ARGUMENTS OF falsework run...]]
#
# FALSEWORK is the program; without it, the optimised build is taken, or else the one for debugging.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
falsework="${FALSEWORK:-$root/.build/release/falsework}"
[ -x "$falsework" ] || falsework="$root/.build/debug/falsework"
[ -x "$falsework" ] || { echo "no program: swift build --product falsework" >&2; exit 1; }
seeds="${1:-100}"
[ $# -eq 0 ] || shift
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

for seed in $(seq "$seeds"); do
  status=0
  "$falsework" run "$root/specs/scenarios/first-upgrade.yaml" --world simulated --quiet \
    --seed "$seed" --format json --out "$work/run" "$@" >"$work/result.json" || status=$?
  # 1: a threshold was missed, as it should be.
  [ "$status" -le 1 ] || { echo "seed $seed: exit code $status" >&2; exit "$status"; }
  awk -F '"length_s": ' '/"longest_gap"/ { inside = 1 }
    inside && NF > 1 { sub(/[^0-9.].*/, "", $2); print $2; exit }' "$work/result.json" >>"$work/gaps"
  # A row a request: number, task, step, user, due, sent, first byte, done, status, verdict, cause …
  awk -F , -v OFS='\t' -v seed="$seed" 'NR > 1 { requests++ }
    NR > 1 && $10 != "ok" { failures++; print "kind", $3 ": " $10; print "cause", $11 }
    END { print "run", requests, failures + 0 }' "$work/run/requests.csv" >>"$work/all"
done

echo "| failed requests | runs of $seeds |"
echo "|---|---|"
awk -F '\t' '$1 == "run" { n[$3]++ } END { for (f in n) printf "| %d | %d |\n", f, n[f] }' \
  "$work/all" | sort -t '|' -k 2 -n
for column in kind cause; do
  echo
  echo "| $column | in all | a run |"
  echo "|---|---|---|"
  awk -F '\t' -v want="$column" -v runs="$seeds" '$1 == want { n[$2]++ }
    END { for (k in n) printf "| %s | %d | %.2f |\n", k, n[k], n[k] / runs }' "$work/all" |
    sort -t '|' -k 3 -n -r
done
echo
awk -F '\t' '$1 == "run" { n++; sum += $3; all += $2
    if (n == 1 || $2 < low) low = $2
    if ($2 > high) high = $2
  } END { printf "requests a run %d to %d, mean %.0f; failures a run, mean %.2f\n",
    low, high, all / n, sum / n }' "$work/all"
sort -n "$work/gaps" | awk '{ a[NR] = $1 }
  END { printf "longest gap of a run %.2f s to %.2f s, median %.2f s\n",
    a[1], a[NR], a[int((NR + 1) / 2)] }'
