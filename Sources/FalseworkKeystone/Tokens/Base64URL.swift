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
  /// `_`, other characters are skipped, and what follows the padding is not looked at.
  ///
  /// - Parameter restoringPadding: first `=` are put at the end until the length is a multiple of
  ///   four, skipped characters counted, as Keystone does since it leaves them off.
  package static func decode(
    _ text: String.UTF8View, restoringPadding: Bool = true
  ) -> [UInt8]? {
    let decoded: [UInt8]?? = text.withContiguousStorageIfAvailable { text in
      guard restoringPadding || text.count % 4 == 0 else {
        return decodeLeniently(text, padding: 0)
      }
      return decode(text) ?? decodeLeniently(text, padding: restoringPadding ? -text.count & 3 : 0)
    }
    if let decoded { return decoded }
    var whole = String(text)
    whole.makeContiguousUTF8()
    return decode(whole.utf8, restoringPadding: restoringPadding)
  }

  /// As `binascii.a2b_base64` goes over it.
  private static func decodeLeniently(
    _ text: UnsafeBufferPointer<UInt8>, padding: Int
  ) -> [UInt8]? {
    var output: [UInt8] = []
    var quad = 0
    var pads = 0
    var word: UInt32 = 0
    for index in 0..<text.count + padding {
      let character = index < text.count ? text[index] : 0x3D
      if character == 0x3D {
        guard quad >= 2 else { continue }
        pads += 1
        if quad + pads >= 4 { return output }
        continue
      }
      let value = values[Int(character)]
      guard value < 64 else { continue }
      pads = 0
      word = word << 6 | UInt32(value)
      quad = (quad + 1) % 4
      switch quad {
      case 2: output.append(UInt8(truncatingIfNeeded: word >> 4))
      case 3: output.append(UInt8(truncatingIfNeeded: word >> 2))
      case 0: output.append(UInt8(truncatingIfNeeded: word))
      default: break
      }
    }
    return quad == 0 ? output : nil
  }

  /// What has nothing but digits, and padding at the end: nearly every token.
  private static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var count = text.count
    while count > 0, text[count - 1] == 0x3D { count -= 1 }
    guard count % 4 != 1 else { return nil }
    // The bits of all values together: whether one of them was no value is asked once, at the end.
    var wrong: UInt8 = 0
    func value(_ index: Int) -> UInt32 {
      let value = values[Int(text[index])]
      wrong |= value
      return UInt32(value & 63)
    }
    let whole = count / 4
    let rest = count % 4
    let output = [UInt8](unsafeUninitializedCapacity: whole * 3 + max(0, rest - 1)) { bytes, size in
      size = whole * 3 + max(0, rest - 1)
      for group in 0..<whole {
        let i = group * 4
        let word = value(i) << 18 | value(i + 1) << 12 | value(i + 2) << 6 | value(i + 3)
        bytes[group * 3] = UInt8(truncatingIfNeeded: word >> 16)
        bytes[group * 3 + 1] = UInt8(truncatingIfNeeded: word >> 8)
        bytes[group * 3 + 2] = UInt8(truncatingIfNeeded: word)
      }
      guard rest > 0 else { return }
      let i = whole * 4
      let word = value(i) << 18 | value(i + 1) << 12 | (rest == 3 ? value(i + 2) << 6 : 0)
      bytes[whole * 3] = UInt8(truncatingIfNeeded: word >> 16)
      if rest == 3 { bytes[whole * 3 + 1] = UInt8(truncatingIfNeeded: word >> 8) }
    }
    return wrong < 64 ? output : nil
  }

  /// The six bits of each character, or 0xFF.
  private static let values: [UInt8] = (0...255 as ClosedRange<UInt8>).map { byte in
    switch byte {
    case 0x41...0x5A: byte - 0x41
    case 0x61...0x7A: byte - 0x61 + 26
    case 0x30...0x39: byte - 0x30 + 52
    case 0x2D, 0x2B: 62
    case 0x5F, 0x2F: 63
    default: 0xFF
    }
  }
}
