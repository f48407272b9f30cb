// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore

/// A TCP port that is kept for this process whether anything listens on it or not.
///
/// The reserving socket is bound and never listens, so whoever connects is refused; a second
/// socket with `SO_REUSEADDR` may listen beside it. Without it a node that is down for a moment could
/// find its port taken, if only by the kernel as the source port of some connection.
final class PortReservation: Sendable {
  let address: SocketAddress
  private let descriptor: Int32

  /// - Parameter port: 0 lets the system choose.
  init(host: String, port: Int) throws(LiveError) {
    let wanted: SocketAddress
    do {
      wanted = try SocketAddress.makeAddressResolvingHost(host, port: port)
    } catch {
      throw .noSuchAddress(host: host)
    }
    let descriptor = try Self.bound(to: wanted, host: host)
    self.descriptor = descriptor
    address = Self.name(of: descriptor, wanted)
  }

  /// Another socket at the same address, which listens.
  func listening(backlog: Int32) throws(LiveError) -> Int32 {
    let host = address.ipAddress ?? "?"
    let descriptor = try Self.bound(to: address, host: host)
    guard listen(descriptor, backlog) == 0 else {
      throw Self.failure(closing: descriptor, host: host, port: address.port ?? 0)
    }
    return descriptor
  }

  private static func bound(to address: SocketAddress, host: String) throws(LiveError) -> Int32 {
    let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw .system(action: "open a socket", errno: errno) }
    var on: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let result = address.withSockAddr { name, size in
      unsafe bind(descriptor, name, socklen_t(size))
    }
    guard result == 0 else {
      throw failure(closing: descriptor, host: host, port: address.port ?? 0)
    }
    return descriptor
  }

  private static func failure(closing descriptor: Int32, host: String, port: Int) -> LiveError {
    let number = errno
    Glibc.close(descriptor)
    return switch number {
    case EADDRINUSE: .portInUse(host: host, port: port)
    case EACCES: .portForbidden(host: host, port: port)
    case EADDRNOTAVAIL: .noSuchAddress(host: host)
    default: .system(action: "listen on \(host):\(port)", errno: number)
    }
  }

  /// Of IPv4 and IPv6 names alike, bytes 2 and 3 are the port (ip(7), ipv6(7)).
  private static func name(of descriptor: Int32, _ wanted: SocketAddress) -> SocketAddress {
    let name = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 8)
    defer { unsafe name.deallocate() }
    var size: socklen_t = 128
    let result = unsafe getsockname(
      descriptor, name.assumingMemoryBound(to: sockaddr.self), &size)
    precondition(result == 0, "a bound socket has a name: \(errno)")
    var address = wanted
    address.port = Int(
      UInt16(bigEndian: unsafe name.load(fromByteOffset: 2, as: UInt16.self)))
    return address
  }

  deinit {
    Glibc.close(descriptor)
  }
}
