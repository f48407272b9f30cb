#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real Keystone 2026.1 from PyPI beside `falsework keystone`: the same requests to both, and their
# answers compared.
#
#     Tests/Interop/keystone-answers.sh [path of the program] [section ...]
#
# KEYSTONE_VENV names a virtual environment that has Keystone already. Skipped with exit code 0 and a
# sentence where Keystone cannot be installed; 1 if an answer differs.
set -eu
cd "$(dirname "$0")/../.."
program=${1:-.build/debug/falsework}
[ $# -eq 0 ] || shift
venv=${KEYSTONE_VENV:-Tests/Interop/.venv-keystone}
version=29.0.0

skip() { echo "skipped: $1"; exit 0; }

[ -x "$program" ] || { echo "$program is not there: swift build --product falsework"; exit 1; }
command -v python3 >/dev/null || skip "there is no python3"
if ! [ -x "$venv/bin/keystone-manage" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv" || skip "python3 -m venv does not work (package python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "keystone==$version" ||
    { rm -rf "$venv"; skip "Keystone $version cannot be installed from PyPI"; }
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
[auth]
methods = external,password,token,oauth1,mapped,application_credential,totp
[identity]
password_hash_rounds = 4
END
manage() { "$venv/bin/keystone-manage" --config-file "$work/keystone.conf" "$@" >/dev/null 2>&1; }
who="--keystone-user $(id -un) --keystone-group $(id -gn)"
manage db_sync
# A reader that has not let go would keep a writer out.
python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("PRAGMA journal_mode=WAL")' \
  "$work/keystone.db"
manage fernet_setup $who
manage credential_setup $who
manage bootstrap --bootstrap-password secret --bootstrap-region-id RegionOne \
  --bootstrap-public-url "http://127.0.0.1:$port/v3/" \
  --bootstrap-internal-url "http://127.0.0.1:$port/v3/" \
  --bootstrap-admin-url "http://127.0.0.1:$port/v3/"
"$venv/bin/python" -W ignore Tests/Interop/keystone_serve.py "$work/keystone.conf" "$port" \
  >"$work/serve.log" 2>&1 &
real=$!
tries=0
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
  tries=$((tries + 1))
  kill -0 "$real" 2>/dev/null && [ "$tries" -lt 120 ] ||
    { cat "$work/serve.log"; echo "Keystone did not come up"; exit 1; }
  sleep 0.5
done

"$program" keystone --listen 127.0.0.1:0 --release 2026.1 --provider fernet \
  --auth-methods external,password,token,oauth1,mapped,application_credential,totp \
  --believe-environment >"$work/fake" &
fake=$!
url=
while [ -z "$url" ]; do
  kill -0 "$fake" 2>/dev/null || { echo "falsework keystone did not come up"; exit 1; }
  url=$(head -n 1 "$work/fake")
done
"$venv/bin/python" Tests/Interop/keystone_answers.py \
  "http://127.0.0.1:$port" "${url%/v3}" "$@"
