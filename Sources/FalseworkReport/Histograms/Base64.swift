// SPDX-License-Identifier: Apache-2.0

/// Base64 with the alphabet and padding of RFC 4648, section 4.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let padding = UInt8(ascii: "=")

  /// For each octet its six bits; 0xFF if it is none of the alphabet.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 0xFF, count: 256)
    for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
    return values
  }()

  static func text(_ bytes: [UInt8]) -> String {
    var letters: [UInt8] = []
    letters.reserveCapacity((bytes.count + 2) / 3 * 4)
    var from = 0
    while from < bytes.count {
      let count = min(3, bytes.count - from)
      var bits: UInt32 = 0
      for place in 0..<3 {
        bits = bits << 8 | (place < count ? UInt32(bytes[from + place]) : 0)
      }
      for place in 0..<4 {
        letters.append(
          place <= count ? alphabet[Int(bits >> UInt32(18 - 6 * place)) & 0x3F] : padding)
      }
      from += 3
    }
    return String(decoding: letters, as: UTF8.self)
  }

  /// Nil if it is not what `text` writes: no line breaks, nothing after the padding.
  static func bytes(_ text: String) -> [UInt8]? {
    var letters = Array(text.utf8)
    guard letters.count % 4 == 0 else { return nil }
    var padded = 0
    while padded < 2, letters.last == padding {
      letters.removeLast()
      padded += 1
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(letters.count * 3 / 4)
    var bits: UInt32 = 0
    var held = 0
    for letter in letters {
      let value = values[Int(letter)]
      guard value != 0xFF else { return nil }
      bits = bits << 6 | UInt32(value)
      held += 6
      if held >= 8 {
        held -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
      }
    }
    return bits & (1 << UInt32(held) - 1) == 0 ? bytes : nil
  }
}
