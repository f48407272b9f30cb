// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkProxy
import Glibc
import NIOCore

/// Sends log lines where the configuration says: a datagram each, and none is waited for.
package final class LogSink {
  private let print: (LogTarget.Destination, [UInt8]) -> Void
  private let clock: () -> UTCTime
  private var internet: Int32 = -1
  private var local: Int32 = -1
  /// Messages that nobody took.
  package private(set) var dropped = 0

  /// - Parameter print: for the standard streams.
  package init(
    clock: @escaping () -> UTCTime, print: @escaping (LogTarget.Destination, [UInt8]) -> Void
  ) {
    self.clock = clock
    self.print = print
  }

  deinit {
    for descriptor in [internet, local] where descriptor >= 0 { close(descriptor) }
  }

  package func send(_ line: LogLine) {
    let time = clock()
    for target in line.targets {
      guard
        let frame = target.frame(line.text, level: line.level, at: time, process: getpid())
      else { continue }
      switch target.destination {
      case .stdout, .stderr: print(target.destination, frame)
      case .udp(let host, let port):
        if internet < 0 { internet = Self.open(AF_INET) }
        send(frame, through: internet) { try SocketAddress(ipAddress: host, port: port) }
      case .path(let path):
        if local < 0 { local = Self.open(AF_UNIX) }
        send(frame, through: local) { try SocketAddress(unixDomainSocketPath: path) }
      }
    }
  }

  private func send(
    _ frame: [UInt8], through socket: Int32, to address: () throws -> SocketAddress
  ) {
    do {
      let sent = try address().withSockAddr { pointer, size in
        unsafe sendto(
          socket, frame, frame.count, Int32(MSG_DONTWAIT), pointer, socklen_t(size))
      }
      if sent < 0 { dropped += 1 }
    } catch {
      // A path that is too long, for example.
      dropped += 1
    }
  }

  private static func open(_ family: Int32) -> Int32 {
    socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }
}
