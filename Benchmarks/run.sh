#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All benchmarks, one after the other. ROUNDS (5) and SECONDS_A_ROUND (5) set how long; the
# program under test is FALSEWORK, a release build. Raw figures go to Benchmarks/results/.
set -euo pipefail
cd "$(dirname "$0")"
for part in proxy load load-honest load-scale keystone memory simulation day; do
  "./$part.sh" || echo "failed: $part"
done
