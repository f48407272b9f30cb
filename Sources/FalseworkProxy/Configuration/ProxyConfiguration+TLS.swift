// SPDX-License-Identifier: Apache-2.0

extension ProxyConfiguration {
  /// What `bind` and `server` lines have in common to say of TLS.
  package struct TLSParameters: Equatable, Sendable {
    package enum Version: String, CaseIterable, Equatable, Sendable {
      case tls10 = "TLSv1.0"
      case tls11 = "TLSv1.1"
      case tls12 = "TLSv1.2"
      case tls13 = "TLSv1.3"
    }

    /// `verify`, as far as it was given.
    package enum Verification: String, CaseIterable, Equatable, Sendable {
      case none, optional, required
    }

    /// `ssl` was given: without it the other parameters wait for nothing.
    package var isOn = false
    /// PEM files, or directories of them.
    package var certificates: [String] = []
    /// A PEM file, or `@system-ca`.
    package var authorities: String?
    package var verification: Verification?
    package var minimum: Version?
    package var maximum: Version?
    package var ciphers: String?
    package var cipherSuites: String?
    /// `alpn`, without what this program does not speak.
    package var protocols: [String] = []
    /// `no-tls-tickets` takes it back.
    package var givesTickets = true

    // Of a `bind` line.
    package var isStrictAboutNames = false
    package var prefersClientCiphers = false

    // Of a `server` line.
    /// `sni str(…)`: the name that is asked for.
    package var serverName: String?
    /// `verifyhost`; nil takes the name that is asked for, and any if none is.
    package var verifiedName: String?
    /// `no-ssl-reuse` takes it back.
    package var resumes = true
    /// `check-ssl` and `no-check-ssl`; nil is as the traffic, if the check goes to the same place.
    package var checks: Bool?
    package var checkServerName: String?

    package init() {}
  }
}

extension ProxyConfiguration.Server {
  /// Whether its health checks speak TLS: as they are told to, or else as the traffic does, unless
  /// they go elsewhere (configuration manual, 5.2: `check-ssl`).
  package var checksOverTLS: Bool {
    tls.checks ?? (tls.isOn && checkHost == nil && checkPort == nil)
  }
}
