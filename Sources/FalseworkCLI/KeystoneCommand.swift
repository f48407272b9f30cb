// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkKeystone
import FalseworkLive
import FalseworkReport
import NIOCore

/// `falsework keystone`: one node alone.
struct KeystoneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keystone",
    abstract: "Run one Keystone node, for any client.",
    discussion: """
        falsework keystone --listen 127.0.0.1:5000
        falsework keystone --listen 127.0.0.1:0 --release newton --provider uuid

      Prints its URL when it listens. There are the users admin (project admin, role
      admin) and demo (project demo, role member), both with the password secret, in
      the domain Default. Ends on SIGINT and SIGTERM; SIGUSR1 lets it finish what it
      has.
      """)

  @Option(help: "The address to listen on; port 0 lets the system choose.")
  var listen = "127.0.0.1:5000"

  @Option(help: "The release, by code name, series or version; the newest if none is given.")
  var release: String?

  @Option(help: "fernet, uuid, pki, pkiz or jws; else what the release ships.")
  var provider: String?

  @Option(help: "How long a token lives.")
  var tokenLifetime = "1h"

  @Option(
    help: "[auth] methods, parted by commas; what the release ships with if none are given.")
  var authMethods: String?

  @Flag(help: "Take fields X-Environment-REMOTE_USER and the like for a login in front.")
  var believeEnvironment = false

  @Option(help: "Keys and ids begin here: two nodes with the same seed read each other's tokens.")
  var seed: UInt64 = 1

  @Option(help: "Fernet keys on disk, as keystone-manage keeps them; read at each use.")
  var keyRepository: String?

  @Option(help: "Keys of credentials on disk.")
  var credentialKeyRepository: String?

  @Option(
    help: "Keep the database in this file of SQLite; what it holds goes before the users above.")
  var database: String?

  mutating func run() async throws {
    let release = try ReleaseOption.read(release)
    let provider = try chosenProvider(release)
    var paths = NodeKeyFiles.Paths()
    paths.tokens = keyRepository
    paths.receipts = keyRepository
    paths.credentials = credentialKeyRepository
    var keyFiles = paths.isEmpty ? nil : NodeKeyFiles(paths)
    if let text = keyFiles?.refusalToStart(release, provider) {
      throw CommandEnd(status: .environment, message: text)
    }
    var generator = SeededGenerator(seed: seed, stream: "keys")
    var identity = IdentityService.Options(
      provider: provider, keys: .setup(using: &generator), lifetime: try lifetime())
    if provider == .jws { identity.jws = JWSKeys.setup(nodes: 1, using: &generator)[0] }
    identity.authMethods = authMethods?.split(separator: ",").map(String.init)
    identity.believesEnvironment = believeEnvironment
    let node = KeystoneNode(
      id: NodeID(0), name: "keystone",
      options: KeystoneNode.Options(times: .instant, service: .instant),
      identity: IdentityService(
        release: release, options: identity, seed: seed, stream: "identity/keystone"), seed: seed)
    var server = NodeServer.Options.standard
    (server.host, server.port) = try hostAndPort()
    var options = NodeProgram.Options(
      server: server, release: release, standing: true, child: false)
    options.keyFiles = keyFiles
    options.database = try database.map { file in
      var lines: [KeystoneLogLine] = []
      let keys = credentialKeyRepository.map {
        CredentialKeyRepository(.read($0), release: release, into: &lines)
      }
      for line in lines { KeystoneLog.write(line, to: .error) }
      return try KeptDatabase.open(file, credentialKeys: keys ?? .null) {
        var store = IdentityStore(.standard)
        store.schema = SchemaState(of: release)
        return store
      }
    }
    options.log = { KeystoneLog.write($0, to: .error) }
    do {
      try await NodeProgram.run(node, data: .standard, options: options) { address in
        let host = address.ipAddress.map { $0.contains(":") ? "[\($0)]" : $0 } ?? "localhost"
        Terminal.write("http://\(host):\(address.port ?? 0)/v3\n", to: .output)
      }
    } catch {
      throw CommandEnd(status: .environment, message: "\(error)")
    }
  }

  private func hostAndPort() throws(CommandEnd) -> (String, Int) {
    let parts = listen.split(separator: ":", omittingEmptySubsequences: false)
    let host = parts.dropLast().joined(separator: ":").filter { $0 != "[" && $0 != "]" }
    guard parts.count > 1, !host.isEmpty, let port = Int(parts[parts.count - 1]),
      (0...65_535).contains(port)
    else {
      throw CommandEnd(
        status: .usage, message: "--listen: found '\(listen)', expected host:port")
    }
    return (host, port)
  }

  private func chosenProvider(_ release: Release) throws(CommandEnd) -> TokenProvider {
    guard let text = provider else { return release.defaultProvider }
    guard let found = TokenProvider(rawValue: text), release.providers.contains(found) else {
      let words = release.providers.map(\.rawValue).joined(separator: " or ")
      throw CommandEnd(
        status: .usage, message: "--provider: \(release.name) takes \(words), not '\(text)'")
    }
    return found
  }

  private func lifetime() throws(CommandEnd) -> Interval {
    do {
      let interval = try Interval(parsing: tokenLifetime)
      if interval >= .seconds(1) { return interval }
    } catch {
      // The message below says what is expected.
    }
    throw CommandEnd(
      status: .usage,
      message: "--token-lifetime: found '\(tokenLifetime)', expected a duration such as 1h")
  }
}
