// SPDX-License-Identifier: Apache-2.0

/// Parameters of `bind` and `server` lines about TLS.
extension ConfigurationReader {
  typealias TLS = ProxyConfiguration.TLSParameters

  /// Flags; false if the word is none of them.
  static func tlsFlag(_ word: String, _ tls: inout TLS) -> Bool {
    switch word {
    case "ssl": tls.isOn = true
    case "no-ssl": tls.isOn = false
    case "strict-sni": tls.isStrictAboutNames = true
    case "prefer-client-ciphers": tls.prefersClientCiphers = true
    case "no-tls-tickets": tls.givesTickets = false
    case "tls-tickets": tls.givesTickets = true
    case "no-ssl-reuse": tls.resumes = false
    case "ssl-reuse": tls.resumes = true
    case "check-ssl": tls.checks = true
    case "no-check-ssl": tls.checks = false
    // There is no SSLv3 to turn off.
    case "no-sslv3": break
    default: return false
    }
    return true
  }

  /// Parameters with a value; false if the word is none of them.
  func tlsParameter(
    _ word: String, _ value: String?, _ tls: inout TLS, isServer: Bool
  ) throws(ConfigurationFault) -> Bool {
    func given(_ what: String) throws(ConfigurationFault) -> String {
      guard let value, !value.isEmpty else {
        throw ConfigurationFault(message: "'\(word)' : missing \(what)")
      }
      return value
    }
    switch word {
    case "crt":
      let path = based(try given("certificate location"), on: global.certificateBase)
      if isServer { tls.certificates = [path] } else { tls.certificates.append(path) }
    case "ca-file": tls.authorities = based(try given("CAfile path"), on: global.authorityBase)
    case "verify": tls.verification = try verification(try given("verify method"), isServer)
    case "ssl-min-ver": tls.minimum = try version(word, value)
    case "ssl-max-ver": tls.maximum = try version(word, value)
    case "ciphers": tls.ciphers = try given("cipher suite")
    case "ciphersuites": tls.cipherSuites = try given("cipher suite")
    case "alpn":
      tls.protocols = try given("the comma-delimited list of ALPN protocol names")
        .split(separator: ",").map(String.init)
    case "check-alpn": _ = try given("the comma-delimited list of ALPN protocol names")
    case "sni": tls.serverName = try constantName(try given("sni expression"))
    case "check-sni": tls.checkServerName = try given("SNI value")
    case "verifyhost": tls.verifiedName = try given("hostname to verify against")
    default: return false
    }
    return true
  }

  /// A path that is not absolute is looked for in the base, if there is one.
  private func based(_ path: String, on base: String?) -> String {
    guard let base, !path.hasPrefix("/"), !path.hasPrefix("@") else { return path }
    return base + "/" + path
  }

  private func verification(
    _ word: String, _ isServer: Bool
  ) throws(ConfigurationFault) -> TLS.Verification {
    guard let found = TLS.Verification(rawValue: word), !(isServer && found == .optional) else {
      throw ConfigurationFault(
        message: isServer
          ? "'verify' : unknown verify method '\(word)', it only supports 'none' and 'required'"
          : "'verify' : unknown verify method '\(word)', only 'none', 'optional', and "
            + "'required' are supported")
    }
    return found
  }

  private func version(
    _ word: String, _ value: String?
  ) throws(ConfigurationFault) -> TLS.Version {
    guard let found = value.flatMap(TLS.Version.init(rawValue:)) else {
      throw ConfigurationFault(
        message: "'\(word)' : unknown version '\(value ?? "")', expected one of "
          + TLS.Version.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return found
  }

  /// The name of `str(name)`. What depends on the request would need a connection for each name.
  private func constantName(_ expression: String) throws(ConfigurationFault) -> String {
    guard expression.hasPrefix("str("), expression.hasSuffix(")"), expression.count > 5 else {
      throw unsupported("sni \(expression)", "write sni str(name)")
    }
    return String(expression.dropFirst(4).dropLast())
  }

  /// What this program does not speak is not offered.
  mutating func leaveOutHTTP2(_ tls: inout TLS, _ what: String, _ line: Int) {
    guard tls.protocols.contains("h2") else { return }
    tls.protocols.removeAll { $0 == "h2" }
    if tls.protocols.isEmpty { tls.protocols = ["http/1.1"] }
    warn(line, "\(what): HTTP/2 is not supported yet; 'h2' is left out of 'alpn'.")
  }

  // MARK: What can only be judged of the whole

  mutating func judgeTLS(_ draft: ProxyDraft) {
    for bind in draft.binds where bind.tls.isOn {
      let place = "bind '\(bind.host):\(bind.port)'"
      if bind.tls.certificates.isEmpty {
        alert(
          bind.line,
          "Proxy '\(draft.name)': no SSL certificate specified for \(place) (use 'crt').")
      }
      if let verification = bind.tls.verification, verification != .none,
        bind.tls.authorities == nil
      {
        alert(
          bind.line,
          "Proxy '\(draft.name)': verify is enabled but no CA file specified for \(place).")
      }
    }
    for server in draft.servers where server.tls.isOn || server.tls.checks == true {
      if server.tls.verification ?? .required == .required, server.tls.authorities == nil {
        alert(
          server.line,
          "Proxy '\(draft.name)', server '\(server.name)': verify is enabled by default but no "
            + "CA file specified. If you're running on a LAN where you're certain to trust the "
            + "server's certificate, please set an explicit 'verify none' statement on the "
            + "'server' line.")
      }
    }
  }
}
