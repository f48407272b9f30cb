// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// A session that a later connection to the same peer may go on with.
package final class TLSSession: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    SSL_SESSION_free(pointer)
  }
}

/// One side of one TLS connection, as a machine that turns bytes into bytes.
///
///     from the socket ─receive─▶ ┌────────┐ ─read──▶ plain text
///                                │ libssl │
///       to the socket ◀─output── └────────┘ ◀─write─ plain text
///
/// No sockets: libssl works on two memory BIOs, and whoever drives the machine moves the bytes. After
/// each call there may be output to send. It is a reference, since libssl's state cannot be copied; it
/// belongs to one thread at a time.
package final class TLSEngine {
  package enum Progress: Equatable, Sendable {
    case waiting
    case done
    case failed(TLSFailure)
  }

  package enum Read: Equatable, Sendable {
    case bytes(Int)
    /// Nothing until more is received.
    case waiting
    /// The peer said that it sends no more.
    case closed
    case failed(TLSFailure)
  }

  private let context: TLSContext
  private let ssl: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  /// What the certificate must be for, as it was asked for.
  private var wanted = ""
  /// What was found wrong with the peer's certificate first.
  fileprivate var objection: TLSFailure?
  fileprivate var keyLog: [UInt8] = []
  fileprivate var session: TLSSession?
  private var failure: TLSFailure?
  private var isShut = false

  /// The server's side.
  package init(serving context: TLSContext) {
    precondition(context.options.role == .server, "a server needs a server's context")
    self.context = context
    (ssl, incoming, outgoing) = Self.new(context)
    SSL_set_accept_state(ssl)
    connectCallbacks()
  }

  /// The client's side.
  ///
  /// - Parameters:
  ///   - serverName: the name to send as SNI, if it is a name, and to find in the server's
  ///     certificate, if that is looked at. Nil does neither.
  ///   - session: of an earlier connection to the same server.
  package init(
    connecting context: TLSContext, serverName: String?, verifying verified: String?,
    resuming session: TLSSession?
  ) {
    precondition(context.options.role == .client, "a client needs a client's context")
    self.context = context
    (ssl, incoming, outgoing) = Self.new(context)
    SSL_set_connect_state(ssl)
    if let serverName, !serverName.isIPAddress { falsework_ssl_server_name(ssl, serverName) }
    if let verified, context.options.verification != .none {
      wanted = verified
      if verified.isIPAddress {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), verified)
      } else {
        SSL_set1_host(ssl, verified)
      }
    }
    if let session { SSL_set_session(ssl, session.pointer) }
    connectCallbacks()
  }

  deinit {
    // The BIOs go with it.
    SSL_free(ssl)
  }

  private static func new(
    _ context: TLSContext
  ) -> (ssl: OpaquePointer, incoming: OpaquePointer, outgoing: OpaquePointer) {
    guard let ssl = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
      let outgoing = BIO_new(BIO_s_mem())
    else { preconditionFailure("no TLS connection: \(LibraryError.take())") }
    SSL_set_bio(ssl, incoming, outgoing)
    return (ssl, incoming, outgoing)
  }

  /// libssl's callbacks find this object by index 0, the application's own.
  private func connectCallbacks() {
    SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
  }

  // MARK: Bytes

  /// Takes what the socket brought.
  package func receive(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    var written = 0
    bytes.withUnsafeBytes { memory in
      _ = unsafe BIO_write_ex(incoming, memory.baseAddress, memory.count, &written)
    }
    precondition(written == bytes.count, "a memory BIO takes everything")
  }

  /// Whether there is something for the socket.
  package var hasOutput: Bool { BIO_ctrl_pending(outgoing) > 0 }

  /// Moves what is for the socket to the end of `bytes`.
  package func takeOutput(to bytes: inout [UInt8]) {
    var count = BIO_ctrl_pending(outgoing)
    while count > 0 {
      var moved = 0
      withUnsafeTemporaryAllocation(byteCount: min(count, 16_640), alignment: 1) { memory in
        _ = unsafe BIO_read_ex(outgoing, memory.baseAddress, memory.count, &moved)
        unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: memory[..<moved]))
      }
      guard moved > 0 else { return }
      count -= moved
    }
  }

  // MARK: The handshake

  /// Goes on with the handshake as far as what was received allows.
  package func handshake() -> Progress {
    if let failure { return .failed(failure) }
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 { return .done }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .waiting
    default: return .failed(fail())
    }
  }

  package var isEstablished: Bool { SSL_is_init_finished(ssl) == 1 }

  private func fail() -> TLSFailure {
    let error = ERR_peek_error()
    ERR_clear_error()
    let failure: TLSFailure =
      if let objection, LibraryError.reason(error) == SSL_R_CERTIFICATE_VERIFY_FAILED {
        objection
      } else {
        error == 0 ? TLSFailure(.closed) : TLSFailure(libraryError: error)
      }
    self.failure = failure
    return failure
  }

  // MARK: Plain text

  /// Reads plain text. Any call may bring output too, such as the answer to a key update.
  package func read(into memory: UnsafeMutableRawBufferPointer) -> Read {
    if let failure { return .failed(failure) }
    ERR_clear_error()
    var count = 0
    let result = unsafe SSL_read_ex(ssl, memory.baseAddress, memory.count, &count)
    if result == 1 { return .bytes(count) }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .waiting
    case SSL_ERROR_ZERO_RETURN: return .closed
    default: return .failed(fail())
    }
  }

  /// Enciphers plain text: all of it becomes output. False if the connection is of no use any more.
  package func write(_ bytes: Span<UInt8>) -> Bool {
    guard failure == nil, !isShut else { return false }
    guard !bytes.isEmpty else { return true }
    ERR_clear_error()
    var written = 0
    let result = bytes.withUnsafeBytes { memory in
      unsafe SSL_write_ex(ssl, memory.baseAddress, memory.count, &written)
    }
    if result == 1 { return true }
    _ = fail()
    return false
  }

  /// Says that this side sends no more: `close_notify` becomes output, once.
  package func close() {
    guard !isShut, failure == nil, isEstablished else { return }
    isShut = true
    ERR_clear_error()
    SSL_shutdown(ssl)
    ERR_clear_error()
  }

  // MARK: What became of it

  /// Such as `TLSv1.3`.
  package var version: String { String(cString: SSL_get_version(ssl)) }
  /// Such as `TLS_AES_256_GCM_SHA384`.
  package var cipher: String {
    SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "none"
  }
  /// Whether it went on with an earlier session.
  package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

  /// What ALPN agreed upon.
  package var applicationProtocol: String? {
    var start: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &start, &count)
    guard let start, count > 0 else { return nil }
    return unsafe String(
      decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
  }

  /// The name that the client asked for.
  package var serverName: String? {
    SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
  }

  package var peerCertificate: Certificate? {
    SSL_get1_peer_certificate(ssl).map { Certificate(owning: $0) }
  }

  /// The newest session that the server gave, once: in TLS 1.3 it comes after the handshake.
  package func takeSession() -> TLSSession? { session.take() }

  /// Lines for a key log file, in the form that Wireshark reads.
  package func takeKeyLog() -> [UInt8] {
    defer { keyLog.removeAll() }
    return keyLog
  }
}

extension String {
  /// Whether it is an address and no name.
  var isIPAddress: Bool {
    guard let octets = a2i_IPADDRESS(self) else { return false }
    ASN1_OCTET_STRING_free(octets)
    return true
  }
}

extension TLSEngine {
  fileprivate static func of(_ ssl: OpaquePointer?) -> TLSEngine? {
    guard let place = SSL_get_ex_data(ssl, 0) else { return nil }
    return Unmanaged<TLSEngine>.fromOpaque(place).takeUnretainedValue()
  }

  fileprivate func object(_ error: Int32, _ certificate: Certificate?, _ depth: Int32) {
    guard objection == nil else { return }
    objection = TLSFailure(verification: error, of: certificate, depth: depth, wanted: wanted)
  }
}

// MARK: What libssl tells

/// SSL_CTX_set_verify(3): the verdict stands; only what was wrong is kept.
let noteVerification: @convention(c) (Int32, OpaquePointer?) -> Int32 = { passed, store in
  guard passed == 0, let store else { return passed }
  let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
  guard let ssl, let engine = TLSEngine.of(OpaquePointer(ssl)) else { return passed }
  let certificate = X509_STORE_CTX_get_current_cert(store).map { Certificate(sharing: $0) }
  engine.object(
    X509_STORE_CTX_get_error(store), certificate, X509_STORE_CTX_get_error_depth(store))
  return passed
}

/// SSL_CTX_sess_set_new_cb(3): 1 keeps the reference.
let keepSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { ssl, session in
  guard let session, let engine = TLSEngine.of(ssl) else { return 0 }
  engine.session = TLSSession(owning: session)
  return 1
}

/// SSL_CTX_set_keylog_callback(3).
let logKey: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Void = { ssl, line in
  guard let line, let engine = TLSEngine.of(ssl) else { return }
  unsafe engine.keyLog.append(contentsOf: String(cString: line).utf8)
  engine.keyLog.append(0x0A)
}
