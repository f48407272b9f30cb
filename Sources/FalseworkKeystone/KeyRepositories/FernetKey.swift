// SPDX-License-Identifier: Apache-2.0

/// One Fernet key: 32 bytes, the first half signs, the second encrypts (fernet/spec).
package struct FernetKey: Equatable, Sendable {
  package let signing: [UInt8]
  package let encryption: [UInt8]

  /// From a key file, as Python's `cryptography` takes it: what is no letter of base64 is skipped
  /// (a line feed at the end harms nothing), 32 bytes and their padding must be left.
  package init?(text: String) {
    guard let bytes = Self.lenientlyDecoded(text.utf8), bytes.count == 32 else { return nil }
    self.init(bytes: bytes)
  }

  package init(bytes: [UInt8]) {
    precondition(bytes.count == 32, "a Fernet key has 32 bytes, not \(bytes.count)")
    signing = Array(bytes[0..<16])
    encryption = Array(bytes[16..<32])
  }

  /// The 44 characters of a key file.
  package var text: String { Base64URL.encode(signing + encryption, padded: true) }

  /// The null key: whoever has no repository for credentials encrypts with what everybody knows
  /// (`NULL_KEY` in `keystone/common/fernet_utils.py`).
  package static let null = FernetKey(bytes: [UInt8](repeating: 0, count: 32))

  /// `base64.urlsafe_b64decode`, which is not strict (`a2b_base64` of CPython's binascii): it ends
  /// at a padding that completes four characters, and fails if they are never complete.
  private static func lenientlyDecoded(_ text: String.UTF8View) -> [UInt8]? {
    var letters: [UInt8] = []
    var padding = 0
    for byte in text {
      switch byte {
      case 0x80...: return nil  // Python refuses text that is not ASCII.
      case UInt8(ascii: "="):
        guard letters.count % 4 >= 2 else { continue }
        padding += 1
        if letters.count % 4 + padding >= 4 {
          return Base64URL.decode(String(decoding: letters, as: UTF8.self).utf8)
        }
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "+"), UInt8(ascii: "/"):
        letters.append(byte)
        padding = 0
      default: continue
      }
    }
    guard letters.count % 4 == 0 else { return nil }
    return Base64URL.decode(String(decoding: letters, as: UTF8.self).utf8)
  }
}
