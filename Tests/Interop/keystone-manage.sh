#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `falsework keystone-manage` against the real one of 2026.1 from PyPI: the same files, modes, log
# lines and exit codes, and each works on what the other left.
#
#     Tests/Interop/keystone-manage.sh [path of the program]
#
# Skipped with exit code 0 and a sentence where Keystone cannot be installed; 1 if a check failed.
set -eu
cd "$(dirname "$0")/../.."
program=$(realpath "${1:-.build/debug/falsework}")
version=29.1.0
venv=${KEYSTONE_VENV:-${TMPDIR:-/tmp}/falsework-keystone-$version}
here=$PWD/Tests/Interop

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
node=
trap 'test -z "$node" || kill "$node" 2>/dev/null || true; rm -rf "$work"' EXIT
failed=0
user=$(id -un) group=$(id -gn)
owner="--keystone-user $user --keystone-group $group"
cd "$work"

# One configuration for each of the two, and then for each on the other's.
for side in real ours; do
  mkdir "$side"
  cat >"$side.conf" <<EOF
[fernet_tokens]
key_repository = $work/$side/tokens
[fernet_receipts]
key_repository = $work/$side/receipts
[credential]
key_repository = $work/$side/credentials
[database]
connection = sqlite:///$work/$side/keystone.db
EOF
done

# run TOOL SIDE ARGUMENTS: its exit code goes to `code`, its log lines, without time and process and
# with the side's name out of them, to `log`.
run() {
  tool=$1 side=$2
  shift 2
  code=0
  case $tool in
  real) "$venv/bin/keystone-manage" --config-file "$side.conf" "$@" >out 2>err || code=$? ;;
  ours) "$program" keystone-manage --release 2026.1 --config-file "$side.conf" "$@" >out 2>err ||
    code=$? ;;
  esac
  log=$(sed -n 's/^[-0-9]* [:.0-9]* [0-9]* \([A-Z]* keystone[a-z_.]* \)\[[^]]*\]/\1/p' out |
    grep -v -e ' ERROR keystone ' -e '^ERROR keystone ' -e password_hashing |
    sed -e "s#/$side/#/SIDE/#g" -e 's/key files: \[.*/key files: …/' -e 's/[0-9a-f]\{32\}/ID/g') ||
    true
}

check() {
  if [ "$2" = "$3" ]; then
    echo "ok    $1"
  else
    echo "WRONG $1"
    echo "  real: $2"
    echo "  ours: $3"
    failed=1
  fi
}

# both NAME ARGUMENTS: the same command of each tool on its own side; codes and logs must be the same.
both() {
  name=$1
  shift
  run real real "$@"
  real_code=$code real_log=$log
  run ours ours "$@"
  check "$name: exit code" "$real_code" "$code"
  check "$name: log" "$real_log" "$log"
}

listing() { (cd "$1" && find . -mindepth 1 -printf '%M %s %P\n' | sort -k 3); }

both "rotation without a repository" fernet_rotate $owner
both "an unknown user" fernet_setup --keystone-user no-such-user --keystone-group "$group"
both "set-up" fernet_setup $owner
both "set-up again" fernet_setup $owner
for _ in 1 2 3; do both "rotation" fernet_rotate $owner; done
both "token_rotate" token_rotate $owner
both "receipt_rotate" receipt_rotate $owner
both "credential_setup" credential_setup $owner
check "files and modes" "$(listing real)" "$(listing ours)"

for _ in 1 2; do
  run ours real fernet_rotate $owner
  run real ours fernet_rotate $owner
done
check "files and modes after each rotated the other's" "$(listing real)" "$(listing ours)"

mkdir empty
sed "s#$work/real/tokens#$work/empty#" real.conf >empty.conf
run real empty token_rotate $owner
real_code=$code
run ours empty token_rotate $owner
check "rotation of an empty directory: exit code" "$real_code" "$code"
check "rotation of an empty directory: files" "0.tmp" "$(ls empty)"

for tool in real ours; do
  mkdir "$tool-pair"
  (cd "$tool-pair" && cp ../*.conf . && run $tool $tool create_jws_keypair $owner &&
    run $tool $tool create_jws_keypair $owner && echo "$code" && tail -n 1 err >message)
done >codes
check "a second key pair: exit codes" "1 1" "$(tr '\n' ' ' <codes | sed 's/ $//')"
check "a second key pair: message" "$(sed s/real-pair/PAIR/ real-pair/message)" \
  "$(sed s/ours-pair/PAIR/ ours-pair/message)"
check "a key pair: files and modes" "$(listing real-pair | grep pem)" \
  "$(listing ours-pair | grep pem)"

both "db_sync --check of nothing" db_sync --check
both "db_sync --contract first" db_sync --contract
both "db_sync --expand" db_sync --expand
both "db_sync --check after expand" db_sync --check
both "db_sync --contract" db_sync --contract
both "db_sync --check after contract" db_sync --check
both "db_sync with a version" db_sync 5
for pair in "real ours" "ours real"; do
  set -- $pair
  run "$1" "$2" db_sync --check
  check "$1 checks the database of $2" 0 "$code"
  run "$1" "$2" db_version
  check "$1 reads the version of the database of $2" 742c857f1dfb "$(tail -n 1 out)"
done
both "bootstrap without a password" bootstrap
set -- bootstrap --bootstrap-password secret --bootstrap-region-id RegionOne \
  --bootstrap-public-url http://127.0.0.1:5000/v3
both "bootstrap" "$@"
both "bootstrap again" "$@"
both "credential_rotate" credential_rotate $owner

"$venv/bin/python" -W ignore "$here/keystone_manage.py" credential-make real.conf 2>/dev/null
both "credential_rotate of a credential on its key" credential_rotate $owner
run real real credential_rotate $owner
real_code=$code real_message=$(tail -n 1 err)
run ours real credential_rotate $owner
check "credential_rotate is refused: exit code" "$real_code" "$code"
check "credential_rotate is refused: message" "$real_message" "$(tail -n 1 err)"
run ours real credential_migrate $owner
check "our credential_migrate: exit code" 0 "$code"
run real real credential_rotate $owner
check "real credential_rotate after it: exit code" 0 "$code"
check "the secret, read by the real one" "a secret" \
  "$("$venv/bin/python" -W ignore "$here/keystone_manage.py" credential-read real.conf 2>/dev/null)"

"$program" keystone --listen 127.0.0.1:0 --release 2026.1 --key-repository real/tokens >url &
node=$!
url=
while [ -z "$url" ]; do
  kill -0 "$node" 2>/dev/null || { echo "falsework keystone did not come up"; exit 1; }
  url=$(head -n 1 url)
done
"$venv/bin/python" -W ignore "$here/keystone_manage.py" tokens real.conf "$url" ours-pair \
  2>/dev/null || failed=1
exit "$failed"
