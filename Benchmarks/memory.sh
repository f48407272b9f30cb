#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a full database weighs in memory: 100,000 users with a grant each, 1,000,000 UUID tokens; and
# what it costs to find one user of 100,000 by name.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

swift="${SWIFT:-swift}"
"$swift" build --package-path "$here" -c release >"$work/build" 2>&1 || { cat "$work/build"; exit 1; }
micro="$here/.build/release/Micro"
for loop in "users ${USERS:-100000}" "tokens ${TOKENS:-1000000}" "find-user 1000000"; do
  # shellcheck disable=SC2086
  "$micro" $loop
done
