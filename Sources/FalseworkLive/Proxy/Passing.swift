// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import FalseworkProxy
import NIOCore

extension HTTPBodyReader {
  /// How many bytes at the front of an inbox are the body's, framing included; nil if they are no body.
  mutating func end(of inbox: Inbox, counting payload: inout Int) -> Int? {
    var end = 0
    while !isFinished {
      switch read(inbox.bytes.readableBytesUInt8Span, from: end) {
      case .payload(let range):
        end = range.upperBound
        payload += range.count
      case .needMore: return inbox.count
      case .finished(let consumed): return consumed
      case .invalid: return nil
      }
    }
    return end
  }
}

extension ByteBuffer {
  /// Copies a part of another buffer's readable bytes.
  mutating func append(_ other: ByteBuffer, _ range: Range<Int>) {
    other.withUnsafeReadableBytes { bytes in
      _ = unsafe writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }
}

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
