// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkCrypto

@Suite struct TLSEngineTests {
  private static let root = CertificateAuthority(.lasting("Root"))
  private static let identity = root.issue(.lasting("a", "a.example", "127.0.0.1"))

  private static var clientOptions: TLSOptions { .client(trusting: root.certificate) }
  private static var serverOptions: TLSOptions { .server(identity) }

  @Test(arguments: TLSVersion.allCases.filter { $0 >= .tls12 }, PrivateKey.Algorithm.allCases)
  func `both sides agree, and what one writes the other reads`(
    version: TLSVersion, algorithm: PrivateKey.Algorithm
  ) throws {
    var request = CertificateAuthority.Request.lasting("a", "a.example")
    request.algorithm = algorithm
    var options = Self.clientOptions
    options.maximum = version
    let pair = try TLSPair(options, .server(Self.root.issue(request)))
    let result = pair.shakeHands()
    #expect(result.client == .done && result.server == .done)
    #expect(pair.client.version == version.rawValue && pair.server.version == version.rawValue)
    #expect(pair.client.cipher == pair.server.cipher && pair.client.cipher != "none")
    #expect(pair.server.serverName == "a.example")
    #expect(pair.client.peerCertificate?.commonName == "a")
    let long = [UInt8](repeating: 7, count: 100_000)
    #expect(pair.client.write("GET / HTTP/1.1\r\n\r\n"))
    #expect(pair.server.write(long))
    pair.exchange()
    #expect(pair.server.readAll().bytes == Array("GET / HTTP/1.1\r\n\r\n".utf8))
    let answer = pair.client.readAll()
    #expect(answer.bytes == long && answer.end == .waiting)
  }

  @Test func `a side that closes is heard, and writes no more`() throws {
    let pair = try TLSPair(Self.clientOptions, Self.serverOptions)
    _ = pair.shakeHands()
    #expect(pair.server.write("bye"))
    pair.server.close()
    #expect(!pair.server.write("again"))
    pair.exchange()
    let last = pair.client.readAll()
    #expect(last.bytes == Array("bye".utf8) && last.end == .closed)
    // The other direction is still open.
    #expect(pair.client.write("thanks"))
    pair.exchange()
    #expect(pair.server.readAll().bytes == Array("thanks".utf8))
  }

  @Test(arguments: [TLSVersion.tls12, .tls13], [true, false])
  func `a session is resumed, with a ticket and without one`(
    version: TLSVersion, tickets: Bool
  ) throws {
    var server = Self.serverOptions
    server.givesTickets = tickets
    server.maximum = version
    let contexts = (try TLSContext(Self.clientOptions), try TLSContext(server))
    let first = TLSPair(contexts.0, contexts.1)
    _ = first.shakeHands()
    first.exchange()
    _ = first.client.readAll()
    let session = try #require(first.client.takeSession())
    #expect(first.client.takeSession() == nil && !first.client.isResumed)
    first.client.close()
    first.server.close()
    let second = TLSPair(contexts.0, contexts.1, resuming: session)
    let result = second.shakeHands()
    #expect(result.client == .done && result.server == .done)
    #expect(second.client.isResumed && second.server.isResumed)
  }

  @Test(arguments: [true, false]) func `who resumes nothing shakes hands anew`(
    isServer: Bool
  ) throws {
    var (client, server) = (Self.clientOptions, Self.serverOptions)
    if isServer { server.resumes = false } else { client.resumes = false }
    let contexts = (try TLSContext(client), try TLSContext(server))
    let first = TLSPair(contexts.0, contexts.1)
    #expect(first.shakeHands().client == .done)
    _ = first.client.readAll()
    let second = TLSPair(contexts.0, contexts.1, resuming: first.client.takeSession())
    #expect(second.shakeHands().client == .done)
    #expect(!second.client.isResumed)
  }

  @Test func `a new certificate takes over the ticket keys, and old tickets stay good`() throws {
    let client = try TLSContext(Self.clientOptions)
    let old = try TLSContext(Self.serverOptions)
    let first = TLSPair(client, old)
    _ = first.shakeHands()
    _ = first.client.readAll()
    let session = first.client.takeSession()
    let new = try TLSContext(.server(Self.root.issue(.lasting("a2", "a.example"))))
    let stranger = TLSPair(client, new, resuming: session)
    #expect(stranger.shakeHands().client == .done)
    #expect(!stranger.client.isResumed)
    new.takeTicketKeys(from: old)
    let second = TLSPair(client, new, resuming: session)
    #expect(second.shakeHands().client == .done)
    #expect(second.client.isResumed)
  }

  @Test(
    arguments: [
      (["http/1.1"], ["h2", "http/1.1"], "http/1.1"),
      (["h2", "http/1.1"], ["http/1.1"], "http/1.1"),
      (["b", "a"], ["a", "b"], "a"), (["x"], ["y"], nil), ([], ["y"], nil), (["x"], [], nil),
    ] as [([String], [String], String?)])
  func `the server's first protocol that the client has is agreed upon, or none`(
    client: [String], server: [String], agreed: String?
  ) throws {
    var (clientOptions, serverOptions) = (Self.clientOptions, Self.serverOptions)
    clientOptions.protocols = client
    serverOptions.protocols = server
    let pair = try TLSPair(clientOptions, serverOptions)
    #expect(pair.shakeHands().client == .done)
    #expect(pair.client.applicationProtocol == agreed)
    #expect(pair.server.applicationProtocol == agreed)
  }

  @Test func `ciphers are the ones that were asked for`() throws {
    var options = Self.clientOptions
    options.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"
    options.cipherSuites = "TLS_CHACHA20_POLY1305_SHA256"
    for (version, cipher) in [
      (TLSVersion.tls12, options.ciphers), (.tls13, options.cipherSuites),
    ] {
      options.maximum = version
      let pair = try TLSPair(options, Self.serverOptions)
      #expect(pair.shakeHands().client == .done)
      #expect(pair.client.cipher == cipher)
    }
  }

  @Test func `a key log has the secrets of the connection`() throws {
    var options = Self.clientOptions
    options.keepsKeyLog = true
    let pair = try TLSPair(options, Self.serverOptions)
    _ = pair.shakeHands()
    let log = String(decoding: pair.client.takeKeyLog(), as: UTF8.self)
    #expect(log.contains("CLIENT_TRAFFIC_SECRET_0 ") && log.hasSuffix("\n"))
    #expect(pair.client.takeKeyLog().isEmpty && pair.server.takeKeyLog().isEmpty)
  }

  @Test func `bytes may come one at a time`() throws {
    let pair = try TLSPair(Self.clientOptions, Self.serverOptions)
    var done = false
    while !done {
      let progress = (pair.client.handshake(), pair.server.handshake())
      done = progress == (.done, .done)
      for (from, to) in [(pair.client, pair.server), (pair.server, pair.client)] {
        var bytes: [UInt8] = []
        from.takeOutput(to: &bytes)
        for byte in bytes {
          to.receive([byte].span)
          #expect(to.handshake().failure == nil)
        }
      }
    }
    #expect(pair.client.isEstablished && pair.server.isEstablished)
  }
}
