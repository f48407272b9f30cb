// SPDX-License-Identifier: Apache-2.0
import FalseworkProxy
import NIOCore

extension ClientAddress {
  /// The address and port of a peer; a peer that is not IPv4 has the address 0.0.0.0.
  init(_ address: SocketAddress) {
    guard case .v4 = address else {
      self.init(ip: 0, port: UInt16(truncatingIfNeeded: address.port ?? 0))
      return
    }
    // struct sockaddr_in: family, port and address in network order.
    self = address.withSockAddr { name, size in
      let bytes = unsafe UnsafeRawBufferPointer(start: name, count: Int(size))
      let port = unsafe UInt16(bytes[2]) << 8 | UInt16(bytes[3])
      let ip = unsafe bytes[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      return ClientAddress(ip: ip, port: port)
    }
  }
}
