#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Feeds N inputs (default 1000000) to the HTTP codec under libFuzzer and AddressSanitizer.
# What it finds is left as crash-* in the work directory, whose path it prints. Further arguments
# go to libFuzzer.
set -eu
runs=${1:-1000000}
[ $# -eq 0 ] || shift
root=$(cd "$(dirname "$0")/.." && pwd)
work=${FUZZ_DIRECTORY:-${TMPDIR:-/tmp}/falsework-fuzz}
mkdir -p "$work/found"
cd "$work"

# Modules of their own, as in the package: what is `package` stays so.
module() {
  swiftc -O -wmo -parse-as-library -sanitize=fuzzer,address -package-name falsework \
    -enable-upcoming-feature InternalImportsByDefault -I . -module-name "$1" \
    -emit-module -emit-module-path "$1.swiftmodule" -c -o "$1.o" "$root/Sources/$1"/*.swift
}
module FalseworkCore
module FalseworkHTTP
swiftc -O -wmo -parse-as-library -sanitize=fuzzer,address -package-name falsework -I . \
  -module-name FuzzHTTP -o fuzz-http "$root/Fuzz/FuzzHTTP.swift" \
  "$root/Tests/FalseworkHTTPTests/CodecRun.swift" FalseworkHTTP.o FalseworkCore.o

# The runtime's own crash report would wait for a debugger in libFuzzer's place.
export SWIFT_BACKTRACE=enable=no
echo "work directory: $work"
exec ./fuzz-http -runs="$runs" -dict="$root/Fuzz/http.dict" -max_len=512 "$@" found \
  "$root/Fuzz/corpus"
