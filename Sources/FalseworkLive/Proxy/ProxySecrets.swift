// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
package import FalseworkProxy
import Glibc

/// Why TLS cannot be spoken as a configuration wants it: one line for each `bind` or `server` that has
/// something wrong.
package struct ProxySecretsError: Error, Equatable, Sendable, CustomStringConvertible {
  package struct Problem: Equatable, Sendable {
    /// Of the configuration.
    package var line: Int
    package var message: String
  }

  package var problems: [Problem]

  package var description: String {
    problems.map { "line \($0.line): \($0.message)" }.joined(separator: "\n")
  }
}

/// What a configuration's TLS comes to once its files are read. Read again for new certificates.
package struct ProxySecrets: Sendable {
  /// By frontend and `bind`; nil speaks plain text.
  let binds: [[TLSContext?]]
  /// By server, for its traffic and for its checks; nil speaks plain text.
  let servers: [TLSContext?]
  let checks: [TLSContext?]

  package init(reading configuration: ProxyConfiguration) throws(ProxySecretsError) {
    var problems: [ProxySecretsError.Problem] = []
    binds = configuration.frontends.map { frontend in
      frontend.binds.map { bind in
        guard bind.tls.isOn else { return nil }
        return Self.context(bind.line, &problems) { () throws(Fault) in
          try Self.server(bind.tls)
        }
      }
    }
    var traffic: [TLSContext?] = []
    var checks: [TLSContext?] = []
    for server in configuration.servers {
      var context: TLSContext?
      if server.tls.isOn || server.checksOverTLS {
        context = Self.context(server.line, &problems) { () throws(Fault) in
          try Self.client(server.tls)
        }
      }
      traffic.append(server.tls.isOn ? context : nil)
      checks.append(server.checksOverTLS ? context : nil)
    }
    servers = traffic
    self.checks = checks
    if !problems.isEmpty { throw ProxySecretsError(problems: problems) }
  }

  private struct Fault: Error { var message: String }

  private static func context(
    _ line: Int, _ problems: inout [ProxySecretsError.Problem],
    _ make: () throws(Fault) -> TLSContext
  ) -> TLSContext? {
    do {
      return try make()
    } catch {
      problems.append(.init(line: line, message: error.message))
      return nil
    }
  }

  // MARK: Lines

  private static func server(
    _ parameters: ProxyConfiguration.TLSParameters
  ) throws(Fault) -> TLSContext {
    var options = TLSOptions(.server)
    options.verification = parameters.verification.map(\.option) ?? .none
    options.isStrictAboutNames = parameters.isStrictAboutNames
    options.prefersOwnCiphers = !parameters.prefersClientCiphers
    for path in parameters.certificates {
      for file in try files(path) { options.identities.append(.init(try identity(file))) }
    }
    guard !options.identities.isEmpty else {
      throw Fault(message: "no certificate in '\(parameters.certificates.joined(separator: ", "))'")
    }
    return try context(parameters, options)
  }

  private static func client(
    _ parameters: ProxyConfiguration.TLSParameters
  ) throws(Fault) -> TLSContext {
    var options = TLSOptions(.client)
    options.verification = parameters.verification.map(\.option) ?? .required
    if let path = parameters.certificates.first {
      options.identities = [.init(try identity(path))]
    }
    options.resumes = parameters.resumes
    return try context(parameters, options)
  }

  private static func context(
    _ parameters: ProxyConfiguration.TLSParameters, _ given: TLSOptions
  ) throws(Fault) -> TLSContext {
    var options = given
    options.minimum = parameters.minimum.map(\.option) ?? .tls12
    options.maximum = parameters.maximum.map(\.option) ?? .tls13
    options.ciphers = parameters.ciphers
    options.cipherSuites = parameters.cipherSuites
    options.protocols = parameters.protocols
    options.givesTickets = parameters.givesTickets
    if let path = parameters.authorities, path != "@system-ca" {
      do {
        let authorities = try Certificate.all(inPEM: try read(path))
        guard !authorities.isEmpty else {
          throw TLSSetupError.missing(what: "certificate")
        }
        options.trust = .authorities(authorities)
      } catch {
        throw Fault(message: "unable to load CA file '\(path)': \(error)")
      }
    }
    do {
      return try TLSContext(options)
    } catch {
      throw Fault(message: "\(error)")
    }
  }

  private static func identity(_ path: String) throws(Fault) -> TLSIdentity {
    do {
      let text = try read(path)
      // As HAProxy: the key may be in a file of its own beside it.
      let key = try PrivateKey(inPEM: text) == nil ? read(path + ".key") : nil
      return try TLSIdentity(pem: text, key: key)
    } catch {
      throw Fault(message: "unable to load certificate from file '\(path)': \(error)")
    }
  }

  // MARK: Files

  private struct FileError: Error, CustomStringConvertible { var description: String }

  /// A file itself; of a directory its files in alphabetical order, without those that HAProxy keeps
  /// beside a certificate (configuration manual, 5.1: `crt`).
  private static func files(_ path: String) throws(Fault) -> [String] {
    guard let directory = opendir(path) else { return [path] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      let beside = [".key", ".ocsp", ".issuer", ".sctl"]
      guard !name.hasPrefix("."), !beside.contains(where: name.hasSuffix) else { continue }
      names.append(path + "/" + name)
    }
    return names.sorted()
  }

  private static func read(_ path: String) throws(FileError) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw systemError() }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    guard ferror(file) == 0 else { throw systemError() }
    return bytes
  }

  private static func systemError() -> FileError {
    FileError(description: String(cString: strerror(errno)))
  }
}

extension ProxyConfiguration.TLSParameters.Version {
  fileprivate var option: TLSVersion {
    switch self {
    case .tls10: .tls10
    case .tls11: .tls11
    case .tls12: .tls12
    case .tls13: .tls13
    }
  }
}

extension ProxyConfiguration.TLSParameters.Verification {
  fileprivate var option: TLSOptions.Verification {
    switch self {
    case .none: .none
    case .optional: .optional
    case .required: .required
    }
  }
}
