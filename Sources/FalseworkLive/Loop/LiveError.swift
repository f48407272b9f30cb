// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Why something of the live world could not begin. Each says what to do about it.
package enum LiveError: Error, Equatable, Sendable {
  case portInUse(host: String, port: Int)
  case portForbidden(host: String, port: Int)
  case noSuchAddress(host: String)
  case socketInUse(path: String)
  case system(action: String, errno: Int32)
  /// A combination that this world does not offer.
  case unsupported(String)
  /// A child process did not come up.
  case child(String)
}

extension LiveError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .portInUse(let host, let port):
      "port \(port) of \(host) is in use: stop what listens there (ss -ltnp 'sport = :\(port)' "
        + "names it) or choose another port"
    case .portForbidden(let host, let port):
      "port \(port) of \(host) may not be used by this user: choose one from 1024 on"
    case .noSuchAddress(let host):
      "\(host) is no address of this machine: use 127.0.0.1, 0.0.0.0 or one that "
        + "'ip address' lists"
    case .socketInUse(let path):
      "\(path) is in use: another process listens on this socket; stop it or choose another path"
    case .system(let action, let number):
      "\(action): \(String(cString: strerror(number)))"
    case .unsupported(let text), .child(let text):
      text
    }
  }
}
