#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tokens of the fake on a real Keystone 2026.1 from PyPI, and the other way round: the same keys, the
# same ids, two programs.
#
#     Tests/Interop/keystone-tokens.sh [path of the program]
#
# KEYSTONE_VENV names a virtual environment that has Keystone already. Skipped with exit code 0 and a
# sentence where Keystone cannot be installed; 1 if a token is not read as it should be.
set -eu
cd "$(dirname "$0")/../.."
program=${1:-.build/debug/falsework}
venv=${KEYSTONE_VENV:-Tests/Interop/.venv-keystone}

skip() { echo "skipped: $1"; exit 0; }

[ -x "$program" ] || { echo "$program is not there: swift build --product falsework"; exit 1; }
command -v python3 >/dev/null || skip "there is no python3"
if ! [ -x "$venv/bin/keystone-manage" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv" || skip "python3 -m venv does not work (package python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "keystone==29.*" ||
    { rm -rf "$venv"; skip "Keystone 29 cannot be installed from PyPI"; }
fi

work=$(mktemp -d)
real= fake=
trap 'for pid in $real $fake; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/keystone.conf" <<END
[DEFAULT]
log_file = $work/keystone.log
[database]
connection = sqlite:///$work/keystone.db
[fernet_tokens]
key_repository = $work/keys
[fernet_receipts]
key_repository = $work/keys
[credential]
key_repository = $work/credential-keys
[identity]
password_hash_rounds = 4
END
manage() { "$venv/bin/keystone-manage" --config-file "$work/keystone.conf" "$@" >/dev/null 2>&1; }
who="--keystone-user $(id -un) --keystone-group $(id -gn)"
manage db_sync
manage fernet_setup $who
manage fernet_rotate $who
manage credential_setup $who
manage bootstrap --bootstrap-password secret --bootstrap-region-id RegionOne \
  --bootstrap-public-url "http://127.0.0.1:$port/v3/"

"$program" keystone --listen 127.0.0.1:0 --release 2026.1 --provider fernet \
  --key-repository "$work/keys" >"$work/fake" &
fake=$!
url=
while [ -z "$url" ]; do
  kill -0 "$fake" 2>/dev/null || { echo "falsework keystone did not come up"; exit 1; }
  url=$(head -n 1 "$work/fake")
done
fake_url=${url%/v3}

# The real one takes over the fake's ids before it starts.
"$venv/bin/python" Tests/Interop/keystone_tokens.py ids "$fake_url" "$work/keystone.db"
"$venv/bin/python" -W ignore Tests/Interop/keystone_serve.py "$work/keystone.conf" "$port" \
  >"$work/serve.log" 2>&1 &
real=$!
tries=0
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
  tries=$((tries + 1))
  kill -0 "$real" 2>/dev/null && [ "$tries" -lt 240 ] ||
    { cat "$work/serve.log"; echo "Keystone did not come up"; exit 1; }
  sleep 0.5
done
"$venv/bin/python" Tests/Interop/keystone_tokens.py tokens "$fake_url" "http://127.0.0.1:$port"
