#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The load engine's TLS against OpenSSL's own server and nginx: each must be served, and what is wrong with a
# certificate must be told by its name. Needs openssl and nginx.
#
#     swift build --product falsework && Tests/Interop/load-tls.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
falsework=$PWD/.build/debug/falsework
place=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$place"' EXIT
cd "$place"
failures=0

certificate() { # name, days, hosts
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
    -keyout "$1.key" -out "$1.csr" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$2" \
    -extfile <(echo "subjectAltName=$3") -out "$1.pem" 2>/dev/null
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=TestCA -days 9 \
  -keyout ca.key -out ca.pem 2>/dev/null
certificate good 9 DNS:localhost,IP:127.0.0.1
certificate late -1 DNS:localhost
certificate user 9 DNS:user

cat > nginx.conf <<END
daemon off; pid $place/pid; error_log $place/error;
events {}
http {
  access_log $place/access; ssl_session_cache shared:a:1m;
  server { listen 127.0.0.1:18643 ssl; ssl_certificate good.pem; ssl_certificate_key good.key;
           location / { return 200 "\$ssl_protocol \$ssl_session_reused"; } }
  server { listen 127.0.0.1:18644 ssl; ssl_certificate late.pem; ssl_certificate_key late.key;
           location / { return 200 ok; } }
  server { listen 127.0.0.1:18645; location / { return 200 ok; } }
}
END
nginx -p "$place" -c nginx.conf & pids+=($!)
openssl s_server -quiet -accept 127.0.0.1:18646 -cert good.pem -key good.key -WWW & pids+=($!)
openssl s_server -quiet -accept 127.0.0.1:18647 -cert good.pem -key good.key -CAfile ca.pem \
  -Verify 1 -verify_return_error -WWW 2>/dev/null & pids+=($!)
openssl s_server -quiet -accept 127.0.0.1:18648 -cert good.pem -key good.key -tls1_2 -WWW & pids+=($!)
echo hello > file
sleep 1

served() { # what, arguments
  local what=$1; shift
  if out=$("$falsework" load --duration 1s "$@" 2>&1) && grep -q "Failures: none" <<< "$out"; then
    echo "ok    $what"
  else
    echo "FAIL  $what"; echo "$out" | head -20; failures=$((failures + 1))
  fi
}

refused() { # what, expected text, arguments
  local what=$1 text=$2; shift 2
  out=$("$falsework" load --duration 1s "$@" 2>&1) && code=0 || code=$?
  if [ "$code" = 7 ] && grep -qF "$text" <<< "$out"; then
    echo "ok    $what"
  else
    echo "FAIL  $what (exit code $code)"; echo "$out" | head -5; failures=$((failures + 1))
  fi
}

served "nginx, kept connections" --url https://localhost:18643/ --cacert ca.pem --users 4
served "nginx, new connections" --url https://localhost:18643/ --cacert ca.pem --connections new
served "nginx, by address" --url https://127.0.0.1:18643/ --cacert ca.pem
served "nginx, TLS 1.2" --url https://localhost:18643/ --cacert ca.pem --tls-max TLSv1.2 --connections new
served "nginx, any certificate" --url https://localhost:18644/ --insecure
served "s_server" --url https://localhost:18646/file --cacert ca.pem --connections new
served "s_server with a client's certificate" --url https://localhost:18647/file --cacert ca.pem \
  --connections new --cert user.pem --key user.key
served "s_server, TLS 1.2 only" --url https://localhost:18648/file --cacert ca.pem --connections new

refused "an authority that is not known" \
  "the certificate 'CN=good', issued by 'CN=TestCA', does not lead to an authority that is trusted" \
  --url https://localhost:18643/
refused "an expired certificate" "the certificate 'CN=late' expired on" \
  --url https://localhost:18644/ --cacert ca.pem
refused "another host's certificate" "the certificate 'CN=good' is not for other.example: it is for localhost" \
  --url https://localhost:18643/ --cacert ca.pem --server-name other.example
refused "no TLS at all" "the peer does not speak TLS" --url https://localhost:18645/ --cacert ca.pem
refused "no certificate for a server that wants one" "with the alert" \
  --url https://localhost:18647/file --cacert ca.pem
refused "no version in common" "with the alert 'protocol version'" \
  --url https://localhost:18648/file --cacert ca.pem --tls-min TLSv1.3
refused "nothing listens" "the connection is refused" --url https://localhost:18649/

[ "$failures" = 0 ] && echo "all is well" || { echo "$failures failed"; exit 1; }
