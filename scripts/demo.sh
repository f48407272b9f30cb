#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first upgrade, as it was and as it should have been: each whole in virtual time, then each
# on real sockets, faster than it was by the factor TIME_SCALE.
set -eu
cd "$(dirname "$0")/.."
swift="${SWIFT:-swift}"
scale="${TIME_SCALE:-10}"
# A debug build is there sooner than an optimised one and fast enough for this.
$swift build --product falsework
falsework=.build/debug/falsework

show() {
  echo
  echo "\$ falsework $*"
  # 1 says that a threshold was missed, which is what the first of the two is here to show.
  "$falsework" "$@" || [ $? -eq 1 ]
}

for scenario in first-upgrade first-upgrade-drained; do
  show run "specs/scenarios/$scenario.yaml" --world simulated
done
for scenario in first-upgrade first-upgrade-drained; do
  show run "specs/scenarios/$scenario.yaml" --time-scale "$scale"
done
