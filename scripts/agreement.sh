#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes the tables of specs/agreement.md anew. From the root of the repository, with a build:
#   scripts/agreement.sh            all of it, some minutes
#   scripts/agreement.sh lab        only the rotations of real nodes
#   scripts/agreement.sh sockets    only the scenarios on sockets
# A differing row is part of the report, and no failure of this script.
set -eu
falsework=${FALSEWORK:-.build/debug/falsework}
part=${1:-all}
seeds=${SEEDS:-100}

agree() {
  "$falsework" agree "$@" --report specs/agreement.md --seeds "$seeds" || [ $? -eq 1 ]
}

case $part in lab|all)
  runs=$(ls specs/lab/*.yaml | grep -v -e /lab.yaml -e /rotation.yaml)
  # shellcheck disable=SC2086
  agree $runs --measured specs/lab/measured.csv --section lab
esac
case $part in sockets|all)
  # The fixture has no load to compare.
  runs=$(ls specs/scenarios/*.yaml | grep -v /fixture.yaml)
  # shellcheck disable=SC2086
  agree $runs --runs "${RUNS:-1}" --time-scale "${SCALE:-1}" --section sockets
esac
