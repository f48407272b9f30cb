// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkProxy

@Suite struct ProxyHeaderTests {
  private static let known = ProxyHeader(
    source: ClientAddress(ip: 0x0102_0304, port: 5),
    destination: ClientAddress(ip: 0x0A00_0001, port: 443))
  private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]

  @Test(arguments: [ProxyHeader.Version.v1, .v2])
  func `what is written can be read, and not before it is whole`(version: ProxyHeader.Version) {
    for header in [Self.known, ProxyHeader(source: nil, destination: nil)] {
      let bytes = header.bytes(version)
      #expect(ProxyHeader.parse(bytes + [1, 2]) == .header(header, length: bytes.count))
      for count in 0..<bytes.count {
        #expect(ProxyHeader.parse(Array(bytes.prefix(count))) == .incomplete)
      }
    }
  }

  @Test func `the bytes are those of the protocol`() {
    #expect(
      String(decoding: Self.known.bytes(.v1), as: UTF8.self)
        == "PROXY TCP4 1.2.3.4 10.0.0.1 5 443\r\n")
    #expect(
      Self.known.bytes(.v2)
        == Self.signature + [0x21, 0x11, 0, 12, 1, 2, 3, 4, 10, 0, 0, 1, 0, 5, 1, 0xBB])
  }

  @Test(arguments: [
    "GET / HTTP/1.1\r\n", "PROXY\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n",
    "PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 70000\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n", "\r\n\r\nX",
  ])
  func `what is none is refused`(text: String) {
    #expect(ProxyHeader.parse(Array(text.utf8)) == .invalid)
  }

  @Test func `a line that does not end is refused`() {
    let bytes = Array("PROXY TCP6 ".utf8) + Array(repeating: 0x31, count: 200)
    #expect(ProxyHeader.parse(bytes) == .invalid)
  }

  @Test func `an address of IPv6, a local connection and what stands behind are passed over`() {
    let line = Array("PROXY TCP6 ::1 ::1 1 2\r\n".utf8)
    let none = ProxyHeader(source: nil, destination: nil)
    #expect(ProxyHeader.parse(line) == .header(none, length: line.count))
    #expect(
      ProxyHeader.parse(Self.signature + [0x20, 0x11, 0, 2, 9, 9]) == .header(none, length: 18))
    #expect(
      ProxyHeader.parse(Self.signature + [0x21, 0x21, 0, 1, 9, 1, 1])
        == .header(none, length: 17))
    #expect(ProxyHeader.parse(Self.signature + [0x31, 0x11, 0, 0]) == .invalid)
    #expect(ProxyHeader.parse(Self.signature + [0x21, 0x11, 0, 4, 1, 2, 3, 4]) == .invalid)
  }
}
