// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import FalseworkLoad
import FalseworkProxy
import Foundation
import NIOCore
import Testing

@testable import FalseworkLive

@Suite struct ProxyTLSTests {
  /// A directory with the files that a configuration names.
  private struct Files {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    var certificate: String { directory.appending(path: "front.pem").path() }
    var authority: String { directory.appending(path: "ca.pem").path() }

    init() throws {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
      try show(LoadTLSTests.root)
      try Data(LoadTLSTests.root.certificate.pem).write(to: URL(filePath: authority))
    }

    /// The frontend's certificate is one of this authority from now on.
    func show(_ root: CertificateAuthority) throws {
      let identity = root.issue(
        .init(
          commonName: "front", hosts: ["keystone.example"], notBefore: LoadTLSTests.in2020,
          notAfter: LoadTLSTests.in2100))
      try Data(identity.pem).write(to: URL(filePath: certificate))
    }

    func remove() throws { try FileManager.default.removeItem(at: directory) }
  }

  private static let answer = ScriptedServer.Script.answer(
    "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "x", count: 100_000))

  @Test(arguments: LoadPlan.Connections.allCases)
  func `clients and servers may both speak TLS`(connections: LoadPlan.Connections) async throws {
    let files = try Files()
    try await withLoop { loop in
      let origin = try await ScriptedServer.start(
        Self.answer, tls: LoadTLSTests.serverOptions(), on: loop)
      let proxy = try await LiveProxy(
        on: loop, servers: [origin.port],
        check: "ssl verify required ca-file \(files.authority) sni str(keystone.example)",
        bind: "ssl crt \(files.certificate)")
      let (outcomes, handshakes) = try await LoadTLSTests.run(
        LoadTLSTests.target(proxy.port), connections, count: 30, on: loop)
      #expect(outcomes.allSatisfy { $0.verdict == .ok && $0.bodyBytes == 100_000 })
      #expect(connections == .new ? handshakes.resumed >= 28 : handshakes.full == 2)
      #expect(proxy.logLines.allSatisfy { $0.contains(" front~ back/s0 ") })
      try await proxy.stop()
      try await origin.stop()
    }
    try files.remove()
  }

  @Test(arguments: [
    "ssl verify required ca-file CA sni str(other.example)",
    "ssl verify required ca-file FRONT", "ssl verify none ssl-max-ver TLSv1.2",
  ]) func `a server with which no TLS is agreed upon is as good as one that refuses`(
    words: String
  ) async throws {
    let files = try Files()
    let words = words.replacing("CA", with: files.authority)
      .replacing("FRONT", with: files.certificate)
    try await withLoop { loop in
      var options = LoadTLSTests.serverOptions()
      options.minimum = .tls13
      let origin = try await ScriptedServer.start(Self.answer, tls: options, on: loop)
      let proxy = try await LiveProxy(
        on: loop, servers: [origin.port], backend: "retries 0", check: words,
        bind: "ssl crt \(files.certificate)")
      let outcomes = try await LoadTLSTests.run(
        LoadTLSTests.target(proxy.port), count: 4, on: loop
      ).outcomes
      #expect(outcomes.allSatisfy { $0.verdict == .status(503) })
      #expect(proxy.logLines.allSatisfy { $0.contains(" 503 ") && $0.contains(" SC-- ") })
      try await proxy.stop()
      try await origin.stop()
    }
    try files.remove()
  }

  @Test func `certificates are read again, and connections that are there stay`() async throws {
    let files = try Files()
    let newRoot = CertificateAuthority(
      .init(
        commonName: "New Root", hosts: [], notBefore: LoadTLSTests.in2020,
        notAfter: LoadTLSTests.in2100))
    try await withLoop { loop in
      let origin = try await ScriptedServer.start(Self.answer, on: loop)
      let proxy = try await LiveProxy(
        on: loop, servers: [origin.port], bind: "ssl crt \(files.certificate)")
      let server = proxy.server
      let (outcomes, handshakes) = try await LoadTLSTests.run(
        LoadTLSTests.target(proxy.port), count: 40, on: loop
      ) {
        try files.show(newRoot)
        try server.reloadCertificates()
      }
      #expect(outcomes.allSatisfy { $0.verdict == .ok })
      #expect(handshakes == TLSCounts(full: 2, resumed: 0, failed: 0))
      let old = try await LoadTLSTests.run(
        LoadTLSTests.target(proxy.port), count: 2, on: loop
      ).outcomes
      #expect(old.allSatisfy { $0.verdict == .tls })
      let new = try LoadTLSTests.target(proxy.port) {
        $0.trust = .authorities([newRoot.certificate])
      }
      #expect(
        try await LoadTLSTests.run(new, count: 2, on: loop).outcomes
          .allSatisfy { $0.verdict == .ok })
      // A file of no use changes nothing.
      try Data("nothing".utf8).write(to: URL(filePath: files.certificate))
      await #expect(throws: LiveError.self) {
        try await loop.submit { try server.reloadCertificates() }.get()
      }
      #expect(
        try await LoadTLSTests.run(new, count: 2, on: loop).outcomes
          .allSatisfy { $0.verdict == .ok })
      try await proxy.stop()
      try await origin.stop()
    }
    try files.remove()
  }

  @Test func `a check over TLS passes and fails by the handshake`() async throws {
    let files = try Files()
    try await withLoop { loop in
      let origin = try await ScriptedServer.start(
        Self.answer, tls: LoadTLSTests.serverOptions(), on: loop)
      let plain = try await ScriptedServer.start(.answer("HTTP/1.1 400 No\r\n\r\n"), on: loop)
      let proxy = try await LiveProxy(
        on: loop, servers: [origin.port, plain.port],
        check: "check inter 10ms fall 1 ssl verify required ca-file \(files.authority)",
        bind: "ssl crt \(files.certificate)")
      try await proxy.until {
        let servers = proxy.server.proxy.servers
        return servers[0].report?.status == .secured
          && servers[1].report?.status == .handshakeFailed
      }
      try await proxy.stop()
      try await origin.stop()
      try await plain.stop()
    }
    try files.remove()
  }
}
