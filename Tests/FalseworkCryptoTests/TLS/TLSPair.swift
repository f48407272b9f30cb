// SPDX-License-Identifier: Apache-2.0
@testable import FalseworkCrypto

/// The times of certificates in tests.
enum Day {
  static let in2020: Int64 = 1_577_836_800
  static let in2021: Int64 = 1_609_459_200
  static let in2100: Int64 = 4_102_444_800
  static let in2101: Int64 = 4_133_980_800
}

extension CertificateAuthority.Request {
  /// One that is valid as long as anybody runs these tests.
  static func lasting(_ name: String, _ hosts: String...) -> Self {
    Self(commonName: name, hosts: hosts, notBefore: Day.in2020, notAfter: Day.in2100)
  }
}

extension TLSOptions {
  static func server(_ identities: TLSIdentity...) -> TLSOptions {
    var options = TLSOptions(.server)
    options.identities = identities.map { Named($0) }
    return options
  }

  static func client(trusting authority: Certificate?) -> TLSOptions {
    var options = TLSOptions(.client)
    options.trust = .authorities([authority].compactMap(\.self))
    return options
  }
}

/// Two engines whose outputs are each other's inputs.
struct TLSPair {
  let client: TLSEngine
  let server: TLSEngine

  init(
    _ clientOptions: TLSOptions, _ serverOptions: TLSOptions, name: String? = "a.example",
    resuming session: TLSSession? = nil
  ) throws {
    try self.init(
      TLSContext(clientOptions), TLSContext(serverOptions), name: name, resuming: session)
  }

  init(
    _ clientContext: TLSContext, _ serverContext: TLSContext, name: String? = "a.example",
    resuming session: TLSSession? = nil
  ) {
    client = TLSEngine(
      connecting: clientContext, serverName: name, verifying: name, resuming: session)
    server = TLSEngine(serving: serverContext)
  }

  /// Moves bytes until neither side has any.
  func exchange() {
    while client.hasOutput || server.hasOutput {
      Self.move(client, server)
      Self.move(server, client)
    }
  }

  private static func move(_ from: TLSEngine, _ to: TLSEngine) {
    var bytes: [UInt8] = []
    from.takeOutput(to: &bytes)
    to.receive(bytes.span)
  }

  /// Both sides as far as they come.
  func shakeHands() -> (client: TLSEngine.Progress, server: TLSEngine.Progress) {
    var result = (client: TLSEngine.Progress.waiting, server: TLSEngine.Progress.waiting)
    for _ in 0..<8 {
      result.client = client.handshake()
      Self.move(client, server)
      result.server = server.handshake()
      Self.move(server, client)
    }
    return result
  }
}

extension TLSEngine {
  /// All plain text that there is, and what came after it.
  func readAll() -> (bytes: [UInt8], end: Read) {
    var bytes: [UInt8] = []
    var memory = [UInt8](repeating: 0, count: 1_000)
    while true {
      let result = memory.withUnsafeMutableBytes { unsafe read(into: $0) }
      guard case .bytes(let count) = result else { return (bytes, result) }
      bytes += memory[..<count]
    }
  }

  func write(_ bytes: [UInt8]) -> Bool { write(bytes.span) }
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }
}

extension TLSEngine.Progress {
  var failure: TLSFailure? {
    if case .failed(let failure) = self { failure } else { nil }
  }
}
