// SPDX-License-Identifier: Apache-2.0
// What libssl offers as macros only, which Swift cannot call.
#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>

static inline long falsework_ssl_ctx_min_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}

static inline long falsework_ssl_ctx_max_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_max_proto_version(context, version);
}

static inline long falsework_ssl_ctx_mode(SSL_CTX *context, long mode) {
  return SSL_CTX_set_mode(context, mode);
}

static inline long falsework_ssl_ctx_session_cache(SSL_CTX *context, long mode) {
  return SSL_CTX_set_session_cache_mode(context, mode);
}

static inline long falsework_ssl_ctx_session_cache_size(SSL_CTX *context, long size) {
  return SSL_CTX_sess_set_cache_size(context, size);
}

static inline long falsework_ssl_ctx_add_chain(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate);
}

static inline long falsework_ssl_ctx_select_by_name(
    SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
  SSL_CTX_set_tlsext_servername_callback(context, callback);
  return SSL_CTX_set_tlsext_servername_arg(context, argument);
}

/// A server's ticket keys have 80 octets: name, HMAC key, AES key.
static inline long falsework_ssl_ctx_get_ticket_keys(SSL_CTX *context, void *keys) {
  return SSL_CTX_get_tlsext_ticket_keys(context, keys, 80);
}

static inline long falsework_ssl_ctx_set_ticket_keys(SSL_CTX *context, void *keys) {
  return SSL_CTX_set_tlsext_ticket_keys(context, keys, 80);
}

static inline long falsework_ssl_server_name(SSL *ssl, const char *name) {
  return SSL_set_tlsext_host_name(ssl, name);
}

static inline int falsework_general_names(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}

static inline const GENERAL_NAME *falsework_general_name(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index);
}

static inline void falsework_free_general_names(GENERAL_NAMES *names) {
  GENERAL_NAMES_free(names);
}

static inline int falsework_error_reason(unsigned long error) {
  return ERR_GET_REASON(error);
}

/// Seconds since 1970; 0 if the time cannot be read.
static inline int64_t falsework_asn1_seconds(const ASN1_TIME *time) {
  int days = 0, seconds = 0;
  ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
  int read = ASN1_TIME_diff(&days, &seconds, epoch, time);
  ASN1_TIME_free(epoch);
  return read == 1 ? (int64_t)days * 86400 + seconds : 0;
}

static inline EVP_PKEY *falsework_new_rsa_key(unsigned int bits) {
  return EVP_RSA_gen(bits);
}

static inline EVP_PKEY *falsework_new_ec_key(const char *curve) {
  return EVP_EC_gen(curve);
}

static inline uint64_t falsework_ssl_op_no_ticket(void) { return SSL_OP_NO_TICKET; }

static inline uint64_t falsework_ssl_op_server_preference(void) {
  return SSL_OP_CIPHER_SERVER_PREFERENCE;
}

static inline uint64_t falsework_ssl_op_no_renegotiation(void) { return SSL_OP_NO_RENEGOTIATION; }
