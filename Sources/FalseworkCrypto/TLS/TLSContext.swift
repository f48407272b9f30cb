// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// What connections of one kind share: libssl's `SSL_CTX`, with a further one for each identity of a
/// server beyond the first.
///
/// Made once and not changed; another setting or a new certificate is another context, and connections
/// of the old one live on with it. It may be used from several threads, as `SSL_CTX` may.
package final class TLSContext: @unchecked Sendable {
  package let options: TLSOptions
  let pointer: OpaquePointer
  /// For identities from the second on.
  private var others: [OpaquePointer] = []
  /// By name in lower case: the context that has the identity for it.
  private var exact: [String: OpaquePointer] = [:]
  /// By what follows the asterisk and the dot.
  private var wildcards: [String: OpaquePointer] = [:]
  /// In the form of the extension: each with its length in front.
  fileprivate let protocols: [UInt8]

  package init(_ options: TLSOptions) throws(TLSSetupError) {
    precondition(
      options.role == .server ? !options.identities.isEmpty : options.identities.count <= 1,
      "a server has an identity, a client at most one: \(options.identities.count)")
    self.options = options
    protocols = options.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    pointer = Self.new(options.role)
    try configure(pointer)
    for (index, named) in options.identities.enumerated() {
      var context = pointer
      if index > 0 {
        context = Self.new(options.role)
        others.append(context)
        try configure(context)
      }
      try Self.use(named.identity, in: context)
      for name in named.names ?? named.identity.certificate.serverNames { add(name, context) }
    }
    guard options.role == .server else { return }
    falsework_ssl_ctx_select_by_name(
      pointer, selectByName, Unmanaged.passUnretained(self).toOpaque())
  }

  deinit {
    for context in others { SSL_CTX_free(context) }
    SSL_CTX_free(pointer)
  }

  private static func new(_ role: TLSOptions.Role) -> OpaquePointer {
    guard let context = SSL_CTX_new(role == .server ? TLS_server_method() : TLS_client_method())
    else { preconditionFailure("no TLS context: \(LibraryError.take())") }
    return context
  }

  // MARK: Settings

  private func configure(_ context: OpaquePointer) throws(TLSSetupError) {
    ERR_clear_error()
    falsework_ssl_ctx_min_version(context, options.minimum.number)
    falsework_ssl_ctx_max_version(context, options.maximum.number)
    falsework_ssl_ctx_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
    SSL_CTX_set_options(context, falsework_ssl_op_no_renegotiation())
    if options.prefersOwnCiphers {
      SSL_CTX_set_options(context, falsework_ssl_op_server_preference())
    }
    if let ciphers = options.ciphers, SSL_CTX_set_cipher_list(context, ciphers) != 1 {
      ERR_clear_error()
      throw .noSuchCipher(ciphers)
    }
    if let suites = options.cipherSuites, SSL_CTX_set_ciphersuites(context, suites) != 1 {
      ERR_clear_error()
      throw .noSuchCipher(suites)
    }
    try setTrust(context)
    setSessions(context)
    if options.keepsKeyLog { SSL_CTX_set_keylog_callback(context, logKey) }
    guard !protocols.isEmpty else { return }
    if options.role == .client {
      SSL_CTX_set_alpn_protos(context, protocols, UInt32(protocols.count))
    } else {
      SSL_CTX_set_alpn_select_cb(
        context, selectProtocol, Unmanaged.passUnretained(self).toOpaque())
    }
  }

  private func setTrust(_ context: OpaquePointer) throws(TLSSetupError) {
    let mode =
      switch options.verification {
      case .none: SSL_VERIFY_NONE
      case .optional: SSL_VERIFY_PEER
      case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
      }
    SSL_CTX_set_verify(context, mode, mode == SSL_VERIFY_NONE ? nil : noteVerification)
    guard mode != SSL_VERIFY_NONE else { return }
    switch options.trust {
    case .system:
      SSL_CTX_set_default_verify_paths(context)
    case .authorities(let certificates):
      let store = SSL_CTX_get_cert_store(context)
      for certificate in certificates {
        guard X509_STORE_add_cert(store, certificate.pointer) == 1 else {
          throw .refused(
            what: "the authority '\(certificate.subject)'", why: LibraryError.take())
        }
        // The names tell a client which of its certificates would do.
        if options.role == .server { SSL_CTX_add_client_CA(context, certificate.pointer) }
      }
    }
    if options.trustsPartialChains {
      X509_VERIFY_PARAM_set_flags(
        SSL_CTX_get0_param(context), UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }
  }

  private func setSessions(_ context: OpaquePointer) {
    guard options.resumes else {
      falsework_ssl_ctx_session_cache(context, Int(SSL_SESS_CACHE_OFF))
      SSL_CTX_set_options(context, falsework_ssl_op_no_ticket())
      SSL_CTX_set_num_tickets(context, 0)
      return
    }
    if !options.givesTickets { SSL_CTX_set_options(context, falsework_ssl_op_no_ticket()) }
    switch options.role {
    case .client:
      // Sessions are the caller's to keep, who knows which peer is which.
      falsework_ssl_ctx_session_cache(
        context, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
      SSL_CTX_sess_set_new_cb(context, keepSession)
    case .server:
      falsework_ssl_ctx_session_cache(context, Int(SSL_SESS_CACHE_SERVER))
      // As many as HAProxy keeps (tune.ssl.cachesize).
      falsework_ssl_ctx_session_cache_size(context, 20_000)
      let label = Array("falsework".utf8)
      SSL_CTX_set_session_id_context(context, label, UInt32(label.count))
    }
  }

  private static func use(
    _ identity: TLSIdentity, in context: OpaquePointer
  ) throws(TLSSetupError) {
    ERR_clear_error()
    guard SSL_CTX_use_certificate(context, identity.certificate.pointer) == 1,
      SSL_CTX_use_PrivateKey(context, identity.key.pointer) == 1
    else {
      throw .refused(
        what: "the certificate '\(identity.certificate.subject)'", why: LibraryError.take())
    }
    for certificate in identity.chain {
      guard falsework_ssl_ctx_add_chain(context, certificate.pointer) == 1 else {
        throw .refused(what: "the certificate '\(certificate.subject)'", why: LibraryError.take())
      }
    }
  }

  // MARK: Names

  /// The first identity for a name has it.
  private func add(_ name: String, _ context: OpaquePointer) {
    let name = name.lowercased()
    if name.hasPrefix("*.") {
      let rest = String(name.dropFirst(2))
      if wildcards[rest] == nil { wildcards[rest] = context }
    } else if exact[name] == nil {
      exact[name] = context
    }
  }

  /// As HAProxy chooses: the very name, then an asterisk in the place of its first label.
  fileprivate func context(for name: String) -> OpaquePointer? {
    let name = name.lowercased()
    if let found = exact[name] { return found }
    guard let dot = name.firstIndex(of: ".") else { return nil }
    return wildcards[String(name[name.index(after: dot)...])]
  }

  // MARK: Tickets

  /// A ticket that was given under the old context is good under the new one: it takes over the keys.
  package func takeTicketKeys(from other: TLSContext) {
    var keys = [UInt8](repeating: 0, count: 80)
    guard falsework_ssl_ctx_get_ticket_keys(other.pointer, &keys) == 1 else { return }
    falsework_ssl_ctx_set_ticket_keys(pointer, &keys)
  }
}

extension Certificate {
  /// The names by which a server with it is found.
  package var serverNames: [String] {
    let names = hostNames
    return names.isEmpty ? [commonName].compactMap(\.self) : names
  }
}

// MARK: What libssl asks

/// SNI: takes the context that has the identity for the name (SSL_CTX_set_tlsext_servername_callback(3)).
private let selectByName:
  @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 =
    { ssl, alert, argument in
      let context = Unmanaged<TLSContext>.fromOpaque(argument!).takeUnretainedValue()
      let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
      if let name, let found = context.context(for: name) {
        if found != context.pointer { SSL_set_SSL_CTX(ssl, found) }
        return SSL_TLSEXT_ERR_OK
      }
      guard context.options.isStrictAboutNames else { return SSL_TLSEXT_ERR_OK }
      alert?.pointee = SSL_AD_UNRECOGNIZED_NAME
      return SSL_TLSEXT_ERR_ALERT_FATAL
    }

/// ALPN: the first of ours that the client has too; without one the extension is left out.
private let selectProtocol:
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
    UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
  ) -> Int32 = { _, chosen, length, offered, count, argument in
    let context = Unmanaged<TLSContext>.fromOpaque(argument!).takeUnretainedValue()
    guard let offered, let chosen, let length else { return SSL_TLSEXT_ERR_NOACK }
    var ours = 0
    while ours < context.protocols.count {
      let size = Int(context.protocols[ours])
      let wanted = context.protocols[(ours + 1)...(ours + size)]
      var theirs = 0
      while theirs < Int(count) {
        let other = UnsafeBufferPointer(
          start: offered + theirs + 1, count: Int(offered[theirs]))
        if other.elementsEqual(wanted) {
          chosen.pointee = offered + theirs + 1
          length.pointee = UInt8(size)
          return SSL_TLSEXT_ERR_OK
        }
        theirs += 1 + other.count
      }
      ours += 1 + size
    }
    return SSL_TLSEXT_ERR_NOACK
  }
