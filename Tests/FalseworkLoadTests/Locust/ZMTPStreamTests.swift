// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkLoad

@Suite struct ZMTPStreamTests {
  /// What libzmq's ROUTER sends first.
  private static let greeting: [UInt8] =
    [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 1] + Array("NULL".utf8)
    + [UInt8](repeating: 0, count: 48)
  private static let ready: [UInt8] =
    [4, 41, 5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6]
    + Array("ROUTER".utf8) + [8] + Array("Identity".utf8) + [0, 0, 0, 0]

  private static func events(_ chunks: [[UInt8]]) -> (events: [ZMTPStream.Event], output: [UInt8]) {
    var stream = ZMTPStream(identity: "me_1")
    var events: [ZMTPStream.Event] = []
    var output: [UInt8] = []
    for chunk in chunks { stream.received(chunk, into: &events, output: &output) }
    return (events, output)
  }

  @Test func `the greeting has 64 octets, and READY names a DEALER and who it is`() {
    #expect(ZMTPStream(identity: "me_1").greeting.count == 64)
    let result = Self.events([Self.greeting + Self.ready])
    #expect(result.events == [.ready])
    let command: [UInt8] =
      [4, 45, 5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6]
      + Array("DEALER".utf8) + [8] + Array("Identity".utf8) + [0, 0, 0, 4] + Array("me_1".utf8)
    #expect(result.output == command)
  }

  @Test(arguments: [0, 1, 255, 256, 70_000], [1, 7, 1 << 20])
  func `messages of any length come whole, however they are cut`(count: Int, piece: Int) {
    let message = [UInt8](repeating: 9, count: count)
    let bytes = Self.greeting + Self.ready + ZMTPStream.frame(message) + ZMTPStream.frame([1])
    let chunks = stride(from: 0, to: bytes.count, by: piece).map {
      Array(bytes[$0..<min($0 + piece, bytes.count)])
    }
    #expect(Self.events(chunks).events == [.ready, .message(message), .message([1])])
  }

  @Test func `frames of one message are put together, and unknown commands passed over`() {
    let bytes: [UInt8] = [1, 1, 7] + [4, 5, 4] + Array("PING".utf8) + [0, 1, 8]
    #expect(Self.events([Self.greeting, Self.ready, bytes]).events == [.ready, .message([7, 8])])
  }

  @Test(arguments: [
    Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8) + [UInt8](repeating: 0, count: 64),
    [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 1] + [UInt8](repeating: 0, count: 53),
    [0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0] + Array("PLAIN".utf8)
      + [UInt8](repeating: 0, count: 47),
    greeting + [0, 1, 7], greeting + [2] + [UInt8](repeating: 255, count: 8),
    greeting + [4, 9, 5] + Array("ERROR".utf8) + [2] + Array("no".utf8),
  ]) func `a peer of another kind ends it`(bytes: [UInt8]) {
    let result = Self.events([bytes, [1, 2, 3]])
    #expect(result.events.count == 1)
    guard case .broken? = result.events.first else { return #expect(Bool(false)) }
  }
}
