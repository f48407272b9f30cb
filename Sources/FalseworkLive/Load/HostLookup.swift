// SPDX-License-Identifier: Apache-2.0
import Glibc
package import NIOCore
import NIOPosix

/// Finds the addresses of a host, on a thread that may wait.
package enum HostLookup {
  /// Why a name has no address, as the system words it.
  package struct Failure: Error, Equatable, Sendable {
    package var reason: String
  }

  /// All addresses, in the order in which the system would try them.
  package static func addresses(
    of host: String, port: Int
  ) async throws -> [SocketAddress] {
    try await NIOThreadPool.singleton.runIfActive { try find(host, port) }
  }

  private static func find(_ host: String, _ port: Int) throws(Failure) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(host, "\(port)", &hints, &list)
    guard status == 0 else {
      throw Failure(reason: gai_strerror(status).map { String(cString: $0) } ?? "no such host")
    }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ai_next
      guard let address = entry.pointee.ai_addr else { continue }
      switch entry.pointee.ai_family {
      case AF_INET:
        address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          addresses.append(SocketAddress($0.pointee, host: host))
        }
      case AF_INET6:
        address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          addresses.append(SocketAddress($0.pointee, host: host))
        }
      default: break
      }
    }
    guard !addresses.isEmpty else { throw Failure(reason: "no address for it") }
    return addresses
  }
}
