#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Feeds N inputs (default 1000000) to a decoder under libFuzzer and AddressSanitizer.
#
#     Fuzz/run.sh [http|fernet|msgpack|jws|cms] [N] [argument of libFuzzer ...]
#
# What it finds is left as crash-* in the work directory, whose path it prints.
set -eu
target=http
case ${1:-} in http | fernet | msgpack | jws | cms) target=$1; shift ;; esac
runs=${1:-1000000}
[ $# -eq 0 ] || shift
root=$(cd "$(dirname "$0")/.." && pwd)
work=${FUZZ_DIRECTORY:-${TMPDIR:-/tmp}/falsework-fuzz}/$target
mkdir -p "$work/found"
cd "$work"

# Modules of their own, as in the package: what is `package` stays so.
c="-I $root/Sources/CLibSSL -I $root/Sources/CZlib"
module() {
  name=$1
  shift
  # shellcheck disable=SC2086
  swiftc -O -wmo -parse-as-library -sanitize=fuzzer,address -package-name falsework $c \
    -enable-upcoming-feature InternalImportsByDefault -I . -module-name "$name" \
    -emit-module -emit-module-path "$name.swiftmodule" -c -o "$name.o" "$@"
}
program() {
  # shellcheck disable=SC2086
  swiftc -O -wmo -parse-as-library -sanitize=fuzzer,address -package-name falsework -I . $c \
    -o "fuzz-$target" "$@"
}

src=$root/Sources
module FalseworkCore "$src/FalseworkCore"/*.swift
if [ "$target" = http ]; then
  module FalseworkHTTP "$src/FalseworkHTTP"/*.swift
  program -module-name FuzzHTTP "$root/Fuzz/FuzzHTTP.swift" \
    "$root/Tests/FalseworkHTTPTests/CodecRun.swift" FalseworkHTTP.o FalseworkCore.o
  set -- -dict="$root/Fuzz/http.dict" "$@"
  corpus=$root/Fuzz/corpus
else
  module FalseworkCrypto "$src/FalseworkCrypto"/*.swift "$src/FalseworkCrypto"/*/*.swift
  # Of the identity service only what reads and writes tokens.
  keystone=$src/FalseworkKeystone
  module FalseworkKeystone "$keystone"/Tokens/*.swift "$keystone"/Identity/Release*.swift \
    "$keystone"/API/JSON*.swift "$keystone"/KeyRepositories/Fernet*.swift
  program -module-name FuzzTokens "$root/Fuzz/FuzzTokens.swift" FalseworkKeystone.o \
    FalseworkCrypto.o FalseworkCore.o
  export FUZZ_TARGET="$target"
  corpus=$root/Fuzz/tokens/$target
fi

# The runtime's own crash report would wait for a debugger in libFuzzer's place.
export SWIFT_BACKTRACE=enable=no
echo "work directory: $work"
exec "./fuzz-$target" -runs="$runs" -max_len=512 "$@" found "$corpus"
