// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What is said over sockets of this machine.
enum LocalSocket {
  /// Sends a command to the runtime API and gives the answer; nil if nobody listens there.
  static func ask(_ path: String, _ command: String) -> String? {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { place in
      place.copyBytes(from: path.utf8.prefix(place.count - 1))
    }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { return nil }
    let bytes = Array((command + "\n").utf8)
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      return nil
    }
    var answer: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
      answer += chunk[..<count]
    }
  }

  /// A port of 127.0.0.1 that nobody had a moment ago.
  static func freePort() throws -> Int {
    let (descriptor, port) = try listening()
    close(descriptor)
    return port
  }

  /// A port of 127.0.0.1 that is taken as long as the body runs.
  static func withTakenPort<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
    let (descriptor, port) = try listening()
    defer { close(descriptor) }
    return try await body(port)
  }

  private static func listening() throws -> (descriptor: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0
          ? getsockname(descriptor, $0, &size) : -1
      }
    }
    guard status == 0 else {
      close(descriptor)
      throw Program.Failure.system("take a port", errno)
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}
