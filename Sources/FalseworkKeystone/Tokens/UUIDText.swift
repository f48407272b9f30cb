// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// UUIDs in the spellings that Python's `uuid.UUID(text)` takes: hyphens, braces, the prefix
/// `urn:uuid:` and capitals are all let through, and vanish.
package enum UUIDText {
  /// The 16 bytes, or nil if the text is no UUID.
  package static func bytes(of text: String) -> [UInt8]? {
    // The common spelling first: 32 digits and nothing else.
    if text.utf8.count == 32, let bytes = parse(Array(text.utf8)) { return bytes }
    guard text.utf8.count > 32, text.utf8.count <= 64 else { return nil }
    var rest = text
    for prefix in ["urn:", "uuid:"] where rest.hasPrefix(prefix) {
      rest.removeFirst(prefix.count)
    }
    let digits = Array(rest.utf8).drop { $0 == 0x7B || $0 == 0x7D }
    return parse(digits.filter { $0 != 0x2D && $0 != 0x7D && $0 != 0x7B })
  }

  /// 32 lower-case digits.
  package static func text(of bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { output in
      for index in 0..<bytes.count {
        output[2 * index] = digit(bytes[index] >> 4)
        output[2 * index + 1] = digit(bytes[index] & 15)
      }
      return bytes.count * 2
    }
  }

  /// The spelling with hyphens, 8-4-4-4-12, after a prefix.
  package static func hyphenated(_ bytes: [UInt8], prefix: StaticString) -> String {
    precondition(bytes.count == 16, "a UUID has 16 bytes, not \(bytes.count)")
    return String(unsafeUninitializedCapacity: 36 + prefix.utf8CodeUnitCount) { output in
      var at = 0
      for index in 0..<prefix.utf8CodeUnitCount {
        output[at] = prefix.utf8Start[index]
        at += 1
      }
      for index in 0..<16 {
        if index == 4 || index == 6 || index == 8 || index == 10 {
          output[at] = 0x2D
          at += 1
        }
        output[at] = digit(bytes[index] >> 4)
        output[at + 1] = digit(bytes[index] & 15)
        at += 2
      }
      return at
    }
  }

  /// A new id as Keystone makes them (`uuid4().hex`): 32 digits.
  static func drawn(from generator: inout SeededGenerator) -> String {
    text(of: version4(generator.bytes(16)))
  }

  /// A random UUID (version 4, RFC 9562) from 16 drawn bytes.
  package static func version4(_ drawn: [UInt8]) -> [UInt8] {
    var bytes = drawn
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return bytes
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  private static func parse(_ digits: [UInt8]) -> [UInt8]? {
    guard digits.count == 32 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16)
    for index in stride(from: 0, to: 32, by: 2) {
      guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// Of a hexadecimal digit.
  static func value(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
