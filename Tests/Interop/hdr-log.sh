#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The histograms that a run writes, read by hdrh, the implementation of HdrHistogram in Python: every
# percentile must be that of result.json, and by Java's own log processor, if HDR_JAR names its jar.
# Needs python3 with venv and PyPI; without them it says so and passes.
set -eu
cd "$(dirname "$0")/../.."
falsework="${FALSEWORK:-.build/debug/falsework}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

if [ -n "${HDR_PYTHON:-}" ]; then
  python="$HDR_PYTHON"
else
  python="$work/venv/bin/python"
  if ! { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q hdrhistogram; } \
    >"$work/pip.log" 2>&1; then
    echo "skipped: no hdrhistogram from PyPI here"
    exit 0
  fi
fi

"$falsework" run specs/scenarios/first-upgrade.yaml --world simulated --quiet --out "$work/out" \
  >/dev/null || true
"$python" Tests/Interop/hdr_log.py "$work/out/latency.hlog" "$work/out/result.json"

if [ -n "${HDR_JAR:-}" ]; then
  java -cp "$HDR_JAR" org.HdrHistogram.HistogramLogProcessor -i "$work/out/latency.hlog" \
    -outputValueUnitRatio 1 -o "$work/java"
  "$python" Tests/Interop/hdr_log.py --java "$work/java.hgrm" "$work/out/result.json"
fi
