// SPDX-License-Identifier: Apache-2.0
import CLibCrypt
import CLibSSL

/// The hashes that Keystone has kept passwords in, computed for real: bcrypt and sha512_crypt by the
/// system's libcrypt, scrypt and PBKDF2 by libcrypto. The texts are passlib's, which Keystone writes
/// to this day.
///
/// Each of them takes as long as it should: bcrypt with twelve rounds about 200 ms of a core.
package enum PasswordHashing {
  /// - Parameters:
  ///   - rounds: 4 to 31, of which each doubles the work.
  ///   - salt: 16 bytes.
  package static func bcrypt(_ password: [UInt8], rounds: Int, salt: [UInt8]) -> String {
    precondition(salt.count == 16 && (4...31).contains(rounds), "no bcrypt setting: \(rounds)")
    let setting = "$2b$\(rounds < 10 ? "0" : "")\(rounds)$\(bcryptText(of: salt))"
    return crypt(password, setting: setting) ?? ""
  }

  /// - Parameter salt: 16 bytes; as text it is 22 characters.
  package static func bcryptSHA256(_ password: [UInt8], rounds: Int, salt: [UInt8]) -> String {
    let hash = bcrypt(
      prehashed(password, salt: bcryptText(of: salt)), rounds: rounds, salt: salt)
    // libcrypt writes the last character of the salt as its own bits have it.
    let parts = hash.split(separator: "$").last.map(String.init) ?? ""
    return "$bcrypt-sha256$v=2,t=2b,r=\(rounds)$\(parts.prefix(22))$\(parts.dropFirst(22))"
  }

  /// - Parameter salt: up to 16 characters of `./0-9A-Za-z`.
  package static func sha512Crypt(_ password: [UInt8], rounds: Int, salt: String) -> String {
    crypt(password, setting: "$6$rounds=\(rounds)$\(salt)") ?? ""
  }

  /// - Parameter log2: of the cost N; 16 is passlib's, and takes 64 MB.
  package static func scrypt(_ password: [UInt8], log2: Int, salt: [UInt8]) -> String {
    let key = scryptKey(password, log2: log2, r: 8, p: 1, salt: salt)
    return "$scrypt$ln=\(log2),r=8,p=1$\(base64(salt))$\(base64(key))"
  }

  package static func pbkdf2SHA512(_ password: [UInt8], rounds: Int, salt: [UInt8]) -> String {
    let key = pbkdf2Key(password, rounds: rounds, salt: salt)
    return "$pbkdf2-sha512$\(rounds)$\(base64(salt))$\(base64(key))"
  }

  /// Whether a hash of any of these kinds is that of a password; nil if it is of none of them.
  package static func verify(_ password: [UInt8], _ hash: String) -> Bool? {
    let parts = hash.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 4, parts[0].isEmpty else { return nil }
    switch parts[1] {
    case "2a", "2b", "2y", "6":
      return crypt(password, setting: hash).map { same($0, hash) }
    case "bcrypt-sha256":
      guard parts.count == 5, let rounds = number("r", in: parts[2]) else { return nil }
      let setting = "$2b$\(rounds < 10 ? "0" : "")\(rounds)$\(parts[3])"
      return crypt(prehashed(password, salt: parts[3]), setting: setting).map {
        same($0, setting + parts[4])
      }
    case "scrypt":
      guard parts.count == 5, let log2 = number("ln", in: parts[2]),
        let r = number("r", in: parts[2]), let p = number("p", in: parts[2]),
        (1...20).contains(log2), (1...64).contains(r), (1...64).contains(p),
        let salt = bytes(parts[3])
      else { return nil }
      let key = scryptKey(password, log2: log2, r: r, p: p, salt: salt)
      return same(base64(key), parts[4])
    case "pbkdf2-sha512":
      guard parts.count == 5, let rounds = Int(parts[2]), (1...10_000_000).contains(rounds),
        let salt = bytes(parts[3])
      else { return nil }
      let key = pbkdf2Key(password, rounds: rounds, salt: salt)
      // passlib writes `.` where base64 has `+`; Keystone since 2025.1 keeps the plus.
      return same(base64(key), String(parts[4].map { $0 == "." ? "+" : $0 }))
    default:
      return nil
    }
  }

  // MARK: The libraries

  private static func crypt(_ password: [UInt8], setting: String) -> String? {
    // C has no passwords with a zero in them; Keystone's libraries refuse them.
    guard !password.contains(0) else { return nil }
    let size = MemoryLayout<crypt_data>.size
    let data = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    defer { data.deallocate() }
    data.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    let phrase = password.map { CChar(bitPattern: $0) } + [0]
    guard let result = crypt_rn(phrase, setting, data, CInt(size)) else { return nil }
    return String(cString: result)
  }

  private static func prehashed(_ password: [UInt8], salt: String) -> [UInt8] {
    Array(base64(HMACSHA256.code(password.span, key: Array(salt.utf8)), padded: true).utf8)
  }

  private static func scryptKey(
    _ password: [UInt8], log2: Int, r: Int, p: Int, salt: [UInt8]
  ) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: 32)
    let phrase = password.map { CChar(bitPattern: $0) }
    let done = EVP_PBE_scrypt(
      phrase, phrase.count, salt, salt.count, 1 << UInt64(log2), UInt64(r), UInt64(p),
      1 << 31, &key, key.count)
    precondition(done == 1, "libcrypto refuses scrypt with ln \(log2), r \(r), p \(p)")
    return key
  }

  private static func pbkdf2Key(_ password: [UInt8], rounds: Int, salt: [UInt8]) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: 64)
    let phrase = password.map { CChar(bitPattern: $0) }
    let done = PKCS5_PBKDF2_HMAC(
      phrase, CInt(phrase.count), salt, CInt(salt.count), CInt(rounds), EVP_sha512(),
      CInt(key.count), &key)
    precondition(done == 1, "libcrypto refuses PBKDF2 with \(rounds) rounds")
    return key
  }

  // MARK: Texts

  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let bcryptDigits = Array(
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

  private static func base64(_ bytes: [UInt8], padded: Bool = false) -> String {
    let text = encode(bytes, digits)
    return padded ? text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4) : text
  }

  private static func bcryptText(of salt: [UInt8]) -> String { encode(salt, bcryptDigits) }

  private static func encode(_ bytes: [UInt8], _ digits: [UInt8]) -> String {
    var text: [UInt8] = []
    var bits = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | Int(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(digits[bits >> count & 63])
      }
    }
    if count > 0 { text.append(digits[bits << (6 - count) & 63]) }
    return String(decoding: text, as: UTF8.self)
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits = 0
    var count = 0
    for character in text.utf8 {
      guard let value = digits.firstIndex(of: character == 0x2E ? 0x2B : character) else {
        return nil
      }
      bits = (bits << 6 | value) & 0xFFFF
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 0xFF))
      }
    }
    return bytes
  }

  /// `ln=16,r=8,p=1`.
  private static func number(_ name: String, in text: String) -> Int? {
    for part in text.split(separator: ",") where part.hasPrefix(name + "=") {
      return Int(part.dropFirst(name.count + 1))
    }
    return nil
  }

  private static func same(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
