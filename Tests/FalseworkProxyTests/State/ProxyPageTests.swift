// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@testable import FalseworkProxy

/// Lengths as measured on HAProxy 2.6: `content-length`, bytes on the wire, bytes in the log.
struct ProxyPageTests {
  @Test(arguments: [
    (ProxyPage.unavailable, 107, 214, 217), (.badGateway, 107, 206, 209),
    (.gatewayTimeout, 92, 195, 198), (.forbidden, 93, 189, 192), (.tooManyRequests, 117, 222, 225),
    (.requestTimeout, 110, 233, 0), (.badRequest, 90, 207, 0), (.ready, 58, 147, 150),
    (.unauthorized, 112, 212, 215), (.gone, 114, 206, 209),
  ])
  func `each answer has the bytes that HAProxy sends`(
    page: ProxyPage, length: Int, wire: Int, logged: Int
  ) {
    var bytes: [UInt8] = []
    page.append(to: &bytes, head: false, close: false)
    #expect(bytes.count == wire)
    #expect(page.loggedBytes(head: false) == logged)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.lowercased().contains("content-length: \(length)\r\n"))
    #expect(text.utf8.count - text.range(of: "\r\n\r\n") == length)
  }

  @Test func `a HEAD gets the head alone`() {
    var bytes: [UInt8] = []
    ProxyPage.unavailable.append(to: &bytes, head: true, close: true)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasSuffix("connection: close\r\n\r\n"))
  }
}

extension String {
  /// Bytes up to the end of the first occurrence.
  fileprivate func range(of part: String) -> Int {
    let bytes = Array(utf8)
    let wanted = Array(part.utf8)
    let place = bytes.indices.first { bytes[$0...].starts(with: wanted) }
    return (place ?? bytes.count) + wanted.count
  }
}
