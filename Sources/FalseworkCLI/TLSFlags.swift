// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCrypto
import FalseworkLive
import FalseworkReport
import FalseworkScenario

/// How a command speaks TLS as a client, in curl's words where it has them.
struct TLSFlags: ParsableArguments {
  @Option(help: "PEM file of the authorities to trust, in the place of the system's.")
  var cacert: String?
  @Option(help: "PEM file of the certificate to show to a server that asks for one.")
  var cert: String?
  @Option(help: "PEM file of its private key, if that is not in the same file.")
  var key: String?
  @Flag(help: "Take any certificate.")
  var insecure = false
  @Option(help: "The server's name, for SNI and its certificate, if not the URL's host.")
  var serverName: String?
  @Option(help: "The oldest version to speak: TLSv1.2 or TLSv1.3.")
  var tlsMin: String?
  @Option(help: "The newest version to speak.")
  var tlsMax: String?
  @Option(help: "Ciphers of TLS 1.2, as OpenSSL lists them.")
  var ciphers: String?
  @Option(help: "Cipher suites of TLS 1.3.")
  var ciphersuites: String?
  @Flag(inversion: .prefixedNo, help: "Whether a new connection goes on with an earlier session.")
  var sessionReuse = true
  @Option(help: "Add each connection's secrets to this file, for Wireshark.")
  var keylog: String?

  /// - Parameter host: of the URL.
  func options(host: String) throws(CommandEnd) -> TLSClient.Options {
    var options = TLSOptions(.client)
    options.protocols = ["http/1.1"]
    options.trustsPartialChains = true
    options.resumes = sessionReuse
    options.keepsKeyLog = keylog != nil
    options.ciphers = ciphers
    options.cipherSuites = ciphersuites
    options.minimum = try version(tlsMin, "--tls-min") ?? .tls12
    options.maximum = try version(tlsMax, "--tls-max") ?? .tls13
    if insecure { options.verification = .none }
    if let cacert {
      let authorities = try read(cacert, "--cacert") { text throws(TLSSetupError) in
        try Certificate.all(inPEM: text)
      }
      guard !authorities.isEmpty else {
        throw CommandEnd(
          status: .usage, message: "--cacert \(cacert): no certificate in PEM form in it")
      }
      options.trust = .authorities(authorities)
    }
    if let cert {
      var keyText: [UInt8]?
      if let key { keyText = try bytes(key, "--key") }
      options.identities = [
        .init(
          try read(cert, "--cert") { text throws(TLSSetupError) in
            try TLSIdentity(pem: text, key: keyText)
          })
      ]
    }
    do {
      let name = serverName ?? host
      return TLSClient.Options(
        context: try TLSContext(options), serverName: name,
        verifiedName: insecure ? nil : name, keyLog: keylog)
    } catch {
      throw CommandEnd(status: .usage, message: "TLS: \(error)")
    }
  }

  private func version(_ text: String?, _ option: String) throws(CommandEnd) -> TLSVersion? {
    guard let text else { return nil }
    guard let version = TLSVersion(rawValue: text) else {
      let known = TLSVersion.allCases.map(\.rawValue).joined(separator: ", ")
      throw CommandEnd(
        status: .usage, message: "\(option): found '\(text)', expected one of \(known)")
    }
    return version
  }

  private func bytes(_ path: String, _ option: String) throws(CommandEnd) -> [UInt8] {
    do {
      return try TextFile.read(path)
    } catch {
      throw CommandEnd(status: .usage, message: "\(option) \(path): \(error.reason)")
    }
  }

  private func read<Value>(
    _ path: String, _ option: String, _ body: ([UInt8]) throws(TLSSetupError) -> Value
  ) throws(CommandEnd) -> Value {
    let text = try bytes(path, option)
    do {
      return try body(text)
    } catch {
      throw CommandEnd(status: .usage, message: "\(option) \(path): \(error)")
    }
  }
}
