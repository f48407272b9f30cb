// SPDX-License-Identifier: Apache-2.0

/// The worker's side of a connection to a ZeroMQ socket: ZMTP 3.0 (rfc.zeromq.org/spec/23), a DEALER
/// with the NULL mechanism, messages of one frame.
///
///     greeting 64 octets, READY ⇄ greeting, READY, then frames: flags, length, body
///
/// That is all of ZeroMQ that Locust uses, so there is no library for it.
package struct ZMTPStream: Sendable {
  package enum Event: Equatable, Sendable {
    /// Messages may be sent from here on.
    case ready
    case message([UInt8])
    /// The peer speaks something else, or too much of it.
    case broken(String)
  }

  private enum Stage: Sendable {
    case greeting
    case handshake
    case open
    case broken
  }

  private static let greetingLength = 64
  /// A message of the master has a few kilobytes; a locustfile may come as one.
  private static let limit = 64 << 20

  private let identity: [UInt8]
  private var stage = Stage.greeting
  private var buffer: [UInt8] = []
  /// Frames of a message whose last one is still to come.
  private var parts: [UInt8] = []

  /// - Parameter identity: what the peer's ROUTER calls this side; 1 to 255 octets.
  package init(identity: String) {
    self.identity = Array(identity.utf8)
    precondition((1...255).contains(self.identity.count), "an identity of no use: \(identity)")
  }

  /// What goes out first.
  package var greeting: [UInt8] {
    var bytes: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0]
    bytes += Array("NULL".utf8)
    bytes += [UInt8](repeating: 0, count: Self.greetingLength - bytes.count)
    return bytes
  }

  private var readyCommand: [UInt8] {
    var body: [UInt8] = [5] + Array("READY".utf8)
    for (name, value) in [("Socket-Type", Array("DEALER".utf8)), ("Identity", identity)] {
      body.append(UInt8(name.utf8.count))
      body += Array(name.utf8)
      body += [0, 0, 0, UInt8(value.count)]
      body += value
    }
    return Self.frame(body, flags: 4)
  }

  /// One message.
  package static func frame(_ message: [UInt8]) -> [UInt8] { frame(message, flags: 0) }

  private static func frame(_ body: [UInt8], flags: UInt8) -> [UInt8] {
    guard body.count > 255 else { return [flags, UInt8(body.count)] + body }
    var bytes = [flags | 2]
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: body.count >> shift))
    }
    return bytes + body
  }

  /// Takes what came. `output` is for the peer.
  package mutating func received(
    _ bytes: [UInt8], into events: inout [Event], output: inout [UInt8]
  ) {
    buffer += bytes
    while step(&events, &output) {}
  }

  /// True if there may be more to do.
  private mutating func step(_ events: inout [Event], _ output: inout [UInt8]) -> Bool {
    switch stage {
    case .broken: return false
    case .greeting: return readGreeting(&events, &output)
    case .handshake, .open: return readFrame(&events)
    }
  }

  private mutating func readGreeting(_ events: inout [Event], _ output: inout [UInt8]) -> Bool {
    guard buffer.count >= Self.greetingLength else { return false }
    guard buffer[0] == 0xFF, buffer[9] == 0x7F, buffer[10] >= 3 else {
      return fail("no ZeroMQ 4 or newer listens there", &events)
    }
    guard Array(buffer[12..<17]) == Array("NULL\0".utf8) else {
      return fail("the master asks for a security mechanism", &events)
    }
    buffer.removeFirst(Self.greetingLength)
    stage = .handshake
    output += readyCommand
    return true
  }

  private mutating func readFrame(_ events: inout [Event]) -> Bool {
    guard buffer.count >= 2 else { return false }
    let flags = buffer[0]
    let head = flags & 2 == 0 ? 2 : 9
    guard buffer.count >= head else { return false }
    let length = buffer[1..<head].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.limit else { return fail("a message of \(length) octets", &events) }
    let end = head + Int(length)
    guard buffer.count >= end else { return false }
    let body = Array(buffer[head..<end])
    buffer.removeFirst(end)
    if flags & 4 != 0 {
      command(body, &events)
    } else {
      guard case .open = stage else { return fail("a message before READY", &events) }
      parts += body
      guard parts.count <= Self.limit else { return fail("too long a message", &events) }
      if flags & 1 == 0 {
        events.append(.message(parts))
        parts = []
      }
    }
    return true
  }

  private mutating func command(_ body: [UInt8], _ events: inout [Event]) {
    // Other commands than these two are for those who asked for them.
    if body.starts(with: [5] + Array("READY".utf8)) {
      guard case .handshake = stage else { return }
      stage = .open
      events.append(.ready)
    } else if body.starts(with: [5] + Array("ERROR".utf8)) {
      _ = fail("the master refused: \(String(decoding: body.dropFirst(7), as: UTF8.self))", &events)
    }
  }

  private mutating func fail(_ why: String, _ events: inout [Event]) -> Bool {
    stage = .broken
    buffer = []
    events.append(.broken(why))
    return false
  }
}
