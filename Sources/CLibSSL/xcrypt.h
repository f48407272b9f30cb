// SPDX-License-Identifier: Apache-2.0
#pragma once
// A module of its own in this directory, so that one system library target serves both.
// `crypt_rn` comes with libxcrypt, which has bcrypt; glibc's own crypt(3) has not.
#include <crypt.h>
