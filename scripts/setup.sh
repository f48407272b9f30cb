#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what the build needs and this machine lacks. Does nothing, and needs no network, if
# nothing is missing.
set -eu

if ! command -v "${SWIFT:-swift}" >/dev/null 2>&1; then
  echo "Swift is not on the PATH: this needs 6.2 or later; see https://www.swift.org/install/" >&2
  exit 1
fi

# The package manager's own libraries are found by pkg-config; on macOS they come from Homebrew.
if command -v pkg-config >/dev/null 2>&1 && pkg-config --exists libssl libcrypt zlib sqlite3; then
  exit 0
fi

packages="libssl-dev libcrypt-dev zlib1g-dev libsqlite3-dev pkg-config"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "Headers of OpenSSL, libcrypt, zlib or SQLite, or pkg-config, are missing, and there is no apt-get to install them." >&2
  echo "Install what your system calls: $packages" >&2
  exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "Missing: $packages. Neither root nor sudo here; as root run:" >&2
    echo "  apt-get install $packages" >&2
    exit 1
  fi
  as_root="sudo"
fi
echo "installing $packages"
install() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet \
    --no-install-recommends $packages
}
# Lists that are there spare the update.
if ! install >/dev/null 2>&1; then
  $as_root apt-get update --quiet
  install
fi
if ! pkg-config --exists libssl zlib sqlite3; then
  echo "$packages are installed, but pkg-config still does not find libssl, zlib and sqlite3" >&2
  exit 1
fi
