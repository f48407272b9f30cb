// SPDX-License-Identifier: Apache-2.0

/// URL-safe base64 (RFC 4648, 5) as Python's `base64.urlsafe_b64decode` takes it.
package enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  package static func encode(_ bytes: [UInt8], padded: Bool = false) -> String {
    let whole = bytes.count / 3
    let rest = bytes.count % 3
    let length = whole * 4 + (rest == 0 ? 0 : padded ? 4 : rest + 1)
    return String(unsafeUninitializedCapacity: length) { output in
      var at = 0
      func put(_ value: Int) {
        output[at] = alphabet[value & 63]
        at += 1
      }
      for group in 0..<whole {
        let i = group * 3
        let word = Int(bytes[i]) << 16 | Int(bytes[i + 1]) << 8 | Int(bytes[i + 2])
        put(word >> 18)
        put(word >> 12)
        put(word >> 6)
        put(word)
      }
      if rest > 0 {
        let second = rest == 2 ? Int(bytes[whole * 3 + 1]) : 0
        let word = Int(bytes[whole * 3]) << 16 | second << 8
        put(word >> 18)
        put(word >> 12)
        if rest == 2 { put(word >> 6) }
        while padded, at < length {
          output[at] = 0x3D
          at += 1
        }
      }
      return length
    }
  }

  /// The bytes, or nil if the text is no base64.
  ///
  /// Lenient as Python is, because Keystone's answer depends on it: `+` and `/` count as `-` and
  /// `_`, and any number of `=` at the end is taken. Unlike Python other characters are refused
  /// rather than skipped; a token with one never verifies anyway.
  package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(192)
    var word: UInt32 = 0
    var count = 0
    var ended = false
    for byte in text {
      if byte == 0x3D {
        ended = true
        continue
      }
      guard !ended, let value = value(of: byte) else { return nil }
      word = word << 6 | UInt32(value)
      count += 1
      if count % 4 == 0 {
        output.append(UInt8(truncatingIfNeeded: word >> 16))
        output.append(UInt8(truncatingIfNeeded: word >> 8))
        output.append(UInt8(truncatingIfNeeded: word))
        word = 0
      }
    }
    switch count % 4 {
    case 0: break
    case 2: output.append(UInt8(truncatingIfNeeded: word >> 4))
    case 3:
      output.append(UInt8(truncatingIfNeeded: word >> 10))
      output.append(UInt8(truncatingIfNeeded: word >> 2))
    default: return nil
    }
    return output
  }

  private static func value(of byte: UInt8) -> UInt8? {
    switch byte {
    case 0x41...0x5A: byte - 0x41
    case 0x61...0x7A: byte - 0x61 + 26
    case 0x30...0x39: byte - 0x30 + 52
    case 0x2D, 0x2B: 62
    case 0x5F, 0x2F: 63
    default: nil
    }
  }
}
