#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The formulas of specs/invariants.md with larger samples than those of the tests.
#
#     Benchmarks/theory.sh [TIMES]
set -eu
cd "$(dirname "$0")/.."
FALSEWORK_THEORY_SCALE=${1:-20} exec swift test --filter "RotationTheoryTests|SimulatedQueueTests"
