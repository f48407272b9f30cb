// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A client that speaks bytes, as an operator with `nc` would. It blocks its thread, ten seconds at
/// most for each call.
final class RawClient {
  private let descriptor: Int32
  private(set) var received: [UInt8] = []

  struct Failure: Error, CustomStringConvertible {
    var action: String
    var number: Int32
    var description: String { "\(action): \(String(cString: strerror(number)))" }
  }

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    var name = [UInt8](repeating: 0, count: 16)
    name[0] = UInt8(AF_INET)
    name[2] = UInt8(port >> 8)
    name[3] = UInt8(port & 255)
    name[4] = 127
    name[7] = 1
    let result = name.withUnsafeBytes {
      connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 16)
    }
    guard result == 0 else { throw Failure(action: "connect", number: errno) }
  }

  /// A client of a UNIX socket.
  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var name = [UInt8](repeating: 0, count: 110)
    name[0] = UInt8(AF_UNIX)
    name.replaceSubrange(2..<2 + path.utf8.count, with: path.utf8)
    let result = name.withUnsafeBytes {
      connect(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 110)
    }
    guard result == 0 else { throw Failure(action: "connect", number: errno) }
  }

  deinit {
    close(descriptor)
  }

  func send(_ text: String) throws {
    try send(Array(text.utf8))
  }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure(action: "send", number: errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Ends this side.
  func finish() {
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Tears the connection down.
  func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// One read; empty at the end of the stream.
  func read() throws -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw Failure(action: "recv", number: errno) }
    return Array(buffer.prefix(count))
  }

  /// Reads the end of the stream, in order or torn down, and nothing before it.
  func receivesNothing() throws -> Bool {
    do {
      return try read().isEmpty
    } catch let failure as Failure where failure.number == ECONNRESET {
      return true
    }
  }

  /// Reads until the text has come, and takes everything up to its end.
  func receive(through text: String) throws -> String {
    let pattern = Array(text.utf8)
    while true {
      if let range = received.firstRange(of: pattern) {
        let taken = received[..<range.upperBound]
        received.removeFirst(range.upperBound)
        return String(decoding: taken, as: UTF8.self)
      }
      let more = try read()
      guard !more.isEmpty else {
        throw Failure(
          action: "end of stream before \(text) after "
            + String(decoding: received, as: UTF8.self), number: 0)
      }
      received += more
    }
  }

  func receive(count: Int) throws -> [UInt8] {
    while received.count < count {
      let more = try read()
      guard !more.isEmpty else { throw Failure(action: "end of stream", number: 0) }
      received += more
    }
    let taken = Array(received.prefix(count))
    received.removeFirst(count)
    return taken
  }

  /// Everything until the other side ends.
  func receiveAll() throws -> String {
    while true {
      let more = try read()
      if more.isEmpty { break }
      received += more
    }
    defer { received = [] }
    return String(decoding: received, as: UTF8.self)
  }

  struct Answer {
    var status: Int
    /// Names in lower case.
    var fields: [String: String]
    var body: String
  }

  /// One answer with a length, or without a body.
  func answer(toHead: Bool = false) throws -> Answer {
    let head = try receive(through: "\r\n\r\n")
    var lines = head.split(separator: "\r\n")
    let status = Int(lines.removeFirst().split(separator: " ")[1]) ?? 0
    var fields: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
    }
    let length = toHead ? 0 : fields["content-length"].flatMap { Int($0) } ?? 0
    let body = try receive(count: length)
    return Answer(status: status, fields: fields, body: String(decoding: body, as: UTF8.self))
  }
}
