// SPDX-License-Identifier: Apache-2.0
package import FalseworkCrypto
import Glibc
import NIOCore

/// What the connections of one side, all on one event loop, share.
protocol TLSSide: AnyObject {
  var scratch: TLSScratch { get }
  /// How long a handshake may take, where nobody else watches the time.
  var handshakeTimeout: TimeAmount? { get }
  /// How long a connection whose handshake failed stays for the peer to hear why. Nil ends it at once,
  /// and tells the next handler, which is one that asked for the connection.
  var lingering: TimeAmount? { get }
  func established(_ engine: TLSEngine)
  func failed(_ failure: TLSFailure, _ peer: SocketAddress?)
  /// The engine was told something: it may have a session or keys to give.
  func told(_ engine: TLSEngine)
}

/// The memory that plain text is read into, used again and again.
final class TLSScratch {
  private var buffer = ByteBuffer()

  func take() -> ByteBuffer {
    var taken = ByteBuffer()
    swap(&taken, &buffer)
    return taken
  }

  /// If somebody holds on to the bytes, there is new memory the next time.
  func giveBack(_ used: inout ByteBuffer) {
    used.clear()
    swap(&used, &buffer)
  }
}

/// How many handshakes there were, and how they went.
package struct TLSCounts: Equatable, Sendable {
  package var full = 0
  package var resumed = 0
  package var failed = 0
}

/// The connections to one server that speak TLS. Confined to its event loop.
package final class TLSClient: TLSSide, @unchecked Sendable {
  /// What to speak, and with whom.
  package struct Options: Sendable {
    package var context: TLSContext
    /// SNI; nil sends none.
    package var serverName: String?
    /// What the certificate must be for; nil takes any name.
    package var verifiedName: String?
    /// Where to add the secrets of each connection, for Wireshark.
    package var keyLog: String?

    package init(
      context: TLSContext, serverName: String?, verifiedName: String?, keyLog: String?
    ) {
      self.context = context
      self.serverName = serverName
      self.verifiedName = verifiedName
      self.keyLog = keyLog
    }
  }

  let scratch = TLSScratch()
  let handshakeTimeout: TimeAmount? = nil
  let lingering: TimeAmount? = nil
  private let options: Options
  /// The newest, which the next connection goes on with.
  private var session: TLSSession?
  private(set) var counts = TLSCounts()

  init(_ options: Options) {
    self.options = options
  }

  func handler() -> TLSHandler {
    handler(serverName: options.serverName)
  }

  /// For a name that depends on the request.
  func handler(serverName: String?) -> TLSHandler {
    let engine = TLSEngine(
      connecting: options.context, serverName: serverName, verifying: options.verifiedName,
      resuming: session)
    return TLSHandler(engine, self)
  }

  func established(_ engine: TLSEngine) {
    if engine.isResumed { counts.resumed += 1 } else { counts.full += 1 }
  }

  func failed(_ failure: TLSFailure, _ peer: SocketAddress?) {
    counts.failed += 1
    // The server may have forgotten it, or never want it again.
    session = nil
  }

  func told(_ engine: TLSEngine) {
    if let newest = engine.takeSession() { session = newest }
    guard let path = options.keyLog else { return }
    let lines = engine.takeKeyLog()
    if !lines.isEmpty { Self.append(lines, to: path) }
  }

  /// A key log that cannot be written is no reason to end a run.
  private static func append(_ lines: [UInt8], to path: String) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    _ = Glibc.write(descriptor, lines, lines.count)
    Glibc.close(descriptor)
  }
}
