// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import FalseworkProxy
import NIOCore

/// TLS on the proxy's connections.
extension ProxyServer {
  /// Who speaks TLS, and how.
  struct Secrecy {
    /// By frontend and `bind`.
    let binds: [[TLSServer?]]
    /// By server, for its traffic and for its checks.
    let servers: [TLSClient?]
    let checks: [TLSClient?]

    init() {
      binds = []
      servers = []
      checks = []
    }

    init(_ secrets: ProxySecrets, _ server: ProxyServer) {
      let configuration = server.configuration
      binds = configuration.frontends.enumerated().map { index, frontend in
        let limit = frontend.clientTimeout
        return secrets.binds[index].enumerated().map { place, context in
          guard let context else { return nil }
          return TLSServer(
            context,
            handshakeTimeout: limit == .forever ? nil : .nanoseconds(limit.nanoseconds)
          ) { [unowned server] failure, peer in
            server.logHandshake(failure, FrontendID(index), place: place, peer)
          }
        }
      }
      (servers, checks) = Self.clients(secrets, configuration)
    }

    private init(binds: [[TLSServer?]], servers: [TLSClient?], checks: [TLSClient?]) {
      self.binds = binds
      self.servers = servers
      self.checks = checks
    }

    /// Listeners go on with other certificates; sessions with servers begin anew.
    func renewed(
      _ secrets: ProxySecrets, _ configuration: ProxyConfiguration
    ) -> Secrecy {
      for (servers, contexts) in zip(binds, secrets.binds) {
        for (server, context) in zip(servers, contexts) {
          if let server, let context { server.replace(context) }
        }
      }
      let (traffic, checks) = Self.clients(secrets, configuration)
      return Secrecy(binds: binds, servers: traffic, checks: checks)
    }

    private static func clients(
      _ secrets: ProxySecrets, _ configuration: ProxyConfiguration
    ) -> ([TLSClient?], [TLSClient?]) {
      func client(_ context: TLSContext?, _ name: String?, _ verified: String?) -> TLSClient? {
        context.map {
          TLSClient(
            .init(context: $0, serverName: name, verifiedName: verified ?? name, keyLog: nil))
        }
      }
      let traffic = zip(secrets.servers, configuration.servers).map { context, server in
        client(context, server.tls.serverName, server.tls.verifiedName)
      }
      let checks = zip(secrets.checks, configuration.servers).map { context, server in
        client(context, server.tls.checkServerName, server.tls.verifiedName)
      }
      return (traffic, checks)
    }
  }

  func secrets() throws(LiveError) -> ProxySecrets {
    do {
      return try ProxySecrets(reading: configuration)
    } catch {
      throw .unsupported("\(error)")
    }
  }

  /// Reads the files of all certificates again. New connections get what is in them now; those that
  /// are there stay, and so do the tickets that clients have. If a file is of no use, nothing changes.
  package func reloadCertificates() throws(LiveError) {
    loop.assertInEventLoop()
    secrecy = secrecy.renewed(try secrets(), configuration)
  }

  /// Reads the header of the PROXY protocol in front of a connection.
  func header(
    _ frontend: FrontendID, _ place: Int, _ channel: any Channel
  ) -> ProxyHeaderReader {
    let limit = configuration.frontends[frontend.index].clientTimeout
    let reader = ProxyHeaderReader(
      limit: limit == .forever ? nil : .nanoseconds(limit.nanoseconds)
    ) { [unowned self] peer in
      logBroken(
        "Received something which does not look like a PROXY protocol header", frontend,
        place: place, peer)
    }
    do {
      try channel.pipeline.syncOperations.addHandler(reader)
    } catch {
      // It was closed already.
      channel.close(promise: nil)
    }
    return reader
  }

  /// As HAProxy tells of it: a line of its own kind, since there is no request
  /// (configuration manual, 8.2.5).
  private func logHandshake(
    _ failure: TLSFailure, _ frontend: FrontendID, place: Int, _ peer: SocketAddress?
  ) {
    logBroken(failure.wording, frontend, place: place, peer)
  }

  private func logBroken(
    _ wording: String, _ frontend: FrontendID, place: Int, _ peer: SocketAddress?
  ) {
    guard logsFrontend[frontend.index], !configuration.frontends[frontend.index].dontLogNull,
      let log
    else { return }
    clock.tick()
    let client = peer.map { ClientAddress($0) } ?? ClientAddress(ip: 0, port: 0)
    let name = configuration.frontends[frontend.index].name
    let date = LogRecord.date(clock.began + (clock.now - .start))
    log(
      LogLine(
        "\(client.host):\(client.port) [\(date)] \(name)/\(place + 1): \(wording)",
        level: 6, targets: configuration.frontendRules[frontend.index].logs))
  }
}

extension TLSFailure {
  /// In HAProxy's words.
  fileprivate var wording: String {
    if let subject {
      return subject.depth > 0
        ? "SSL client CA chain cannot be verified" : "SSL client certificate not trusted"
    }
    return switch reason {
    case .closed: "Connection closed during SSL handshake"
    case .timeout: "Timeout during SSL handshake"
    case .expired, .notYetValid, .nameMismatch, .unknownAuthority, .selfSigned, .revoked,
      .wrongPurpose, .untrusted, .alert, .noCertificate, .notTLS, .noCommonVersion,
      .noCommonCipher, .other:
      "SSL handshake failure"
    }
  }
}
