// SPDX-License-Identifier: Apache-2.0
import CLibSSL

package enum TLSVersion: String, CaseIterable, Comparable, Sendable {
  case tls10 = "TLSv1.0"
  case tls11 = "TLSv1.1"
  case tls12 = "TLSv1.2"
  case tls13 = "TLSv1.3"

  var number: Int32 {
    switch self {
    case .tls10: TLS1_VERSION
    case .tls11: TLS1_1_VERSION
    case .tls12: TLS1_2_VERSION
    case .tls13: TLS1_3_VERSION
    }
  }

  package static func < (a: TLSVersion, b: TLSVersion) -> Bool { a.number < b.number }
}

/// Everything that connections of one kind have in common. A copy with another value makes another
/// `TLSContext`.
package struct TLSOptions: Sendable {
  package enum Role: Equatable, Sendable { case client, server }

  package enum Trust: Sendable {
    /// What the system trusts.
    case system
    case authorities([Certificate])
  }

  /// What is asked of the peer's certificate.
  package enum Verification: String, CaseIterable, Sendable {
    case none
    /// A server asks for one; a client without one is let in.
    case optional
    case required
  }

  /// A server's identity and the names that it is shown for.
  package struct Named: Sendable {
    package var identity: TLSIdentity
    /// Such as `a.example` or `*.example`; nil takes them from the certificate.
    package var names: [String]?

    package init(_ identity: TLSIdentity, names: [String]? = nil) {
      self.identity = identity
      self.names = names
    }
  }

  package var role: Role
  /// A client shows at most one, and only when asked. A server needs one; the first is shown where
  /// no name matches.
  package var identities: [Named] = []
  package var trust = Trust.system
  package var verification: Verification
  /// An authority that is trusted need not be a root.
  package var trustsPartialChains = false
  package var minimum = TLSVersion.tls12
  package var maximum = TLSVersion.tls13
  /// OpenSSL's cipher list for TLS 1.2 and before; nil leaves its default.
  package var ciphers: String?
  /// For TLS 1.3.
  package var cipherSuites: String?
  /// ALPN, the best first; empty leaves the extension out.
  package var protocols: [String] = []
  /// A server that gives no tickets keeps the sessions itself.
  package var givesTickets = true
  /// Whether sessions are resumed at all.
  package var resumes = true
  /// A client without a name that is known, or without any, is refused.
  package var isStrictAboutNames = false
  package var prefersOwnCiphers = true
  /// Whether `TLSEngine.takeKeyLog` has anything to give.
  package var keepsKeyLog = false

  package init(_ role: Role) {
    self.role = role
    verification = role == .client ? .required : .none
  }
}
