// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Foundation
import Testing

@Suite struct Base64URLTests {
  @Test(arguments: 0...65) func `any bytes are written as Foundation writes them, and read back`(
    count: Int
  ) {
    var generator = SeededGenerator(seed: UInt64(count), stream: "base64")
    let bytes = generator.bytes(count)
    let padded = Data(bytes).base64EncodedString()
      .map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
    #expect(Base64URL.encode(bytes, padded: true) == String(padded))
    let text = Base64URL.encode(bytes)
    #expect(text == String(padded.filter { $0 != "=" }))
    #expect(Base64URL.decode(text.utf8) == bytes)
    #expect(Base64URL.decode(String(padded).utf8) == bytes)
  }

  @Test func `both alphabets are read, and any number of equals signs at the end`() {
    #expect(Base64URL.decode("-_+/".utf8) == [0xFB, 0xFF, 0xBF])
    #expect(Base64URL.decode("-_-_".utf8) == Base64URL.decode("+/+/".utf8))
    #expect(Base64URL.decode("AA=====".utf8) == [0])
    #expect(Base64URL.decode("====".utf8) == [])
    #expect(Base64URL.decode("".utf8) == [])
  }

  @Test(arguments: [
    "A", "AAAAA", "AA=A", "=AAA", "AA A", "AA\n", "AA.A", "AAA%3D", "Aé", "A\u{0}AA",
  ])
  func `what is no base64 is refused`(text: String) {
    #expect(Base64URL.decode(text.utf8) == nil)
  }

  @Test func `of all bytes only the letters of the two alphabets are read`() {
    let letters = Set(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/".utf8)
    for place in 0..<4 {
      for byte in 0...127 as ClosedRange<UInt8> {
        var text = Array("AAAA".utf8)
        text[place] = byte
        let decoded = Base64URL.decode(String(decoding: text, as: UTF8.self).utf8)
        let isPadding = byte == 0x3D && place == 3
        #expect((decoded != nil) == (letters.contains(byte) || isPadding), "\(byte) at \(place)")
      }
    }
  }
}
