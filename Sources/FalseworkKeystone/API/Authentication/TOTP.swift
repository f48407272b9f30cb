// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto

/// One-time passwords by the clock (RFC 6238): six digits, SHA-1, thirty seconds.
enum TOTP {
  private static let period: Int64 = 30

  /// The passcode of the window that `now` is in, or of one that many windows before; nil if the
  /// secret is no base32.
  static func passcode(_ secret: String, now: UTCTime, back: Int) -> String? {
    guard let key = base32(secret) else { return nil }
    let counter = UInt64(max(0, now.seconds / period - Int64(back)))
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: counter >> (56 - 8 * $0)) }
    let code = HMACSHA1.code(bytes, key: key)
    let offset = Int(code[19] & 0x0F)
    let number = code[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
    let digits = String(number % 1_000_000)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// RFC 4648, 6; the padding may be left off.
  static func base32(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in text.utf8.prefix(while: { $0 != UInt8(ascii: "=") }) {
      let digit: UInt8
      switch byte {
      case 0x41...0x5A: digit = byte - 0x41
      case 0x32...0x37: digit = byte - 0x32 + 26
      default: return nil
      }
      bits = bits << 5 | UInt32(digit)
      count += 5
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }
}
