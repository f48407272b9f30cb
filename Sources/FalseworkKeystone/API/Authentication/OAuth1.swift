// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto

/// A request that is signed by OAuth 1.0 (RFC 5849): the parameters of its `Authorization` field
/// and the check of its signature.
struct OAuth1: Equatable {
  private(set) var parameters: [APIRequest.Parameter]

  /// Nil if there is no field of that scheme.
  init?(authorization: String?) {
    guard let authorization, authorization.lowercased().hasPrefix("oauth ") else { return nil }
    parameters = authorization.dropFirst(6).split(separator: ",").map { part in
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = pair[0].filter { !$0.isWhitespace }
      let value = pair.count > 1 ? pair[1].filter { $0 != "\"" && !$0.isWhitespace } : ""
      return .init(name: Self.decoded(name), value: Self.decoded(value))
    }
  }

  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

  enum Defect: Error, Equatable {
    case invalid(String)
    case signature
  }

  /// The seconds by which a client's clock may be off, as oauthlib has them.
  private static let lifetime: Int64 = 600

  /// - Parameters:
  ///   - url: without its query.
  ///   - secret: the token's; empty where none is in play yet.
  func verify(
    _ url: String, query: [KeystoneCall.Filter], consumer: String, secret: String, now: UTCTime
  ) throws(Defect) {
    let method = self["oauth_signature_method"]
    guard let method, let stamp = self["oauth_timestamp"], let signature = self["oauth_signature"],
      self["oauth_nonce"] != nil, self["oauth_consumer_key"] != nil
    else { throw .invalid("Missing mandatory OAuth parameters.") }
    guard stamp.utf8.count == 10 else { throw .invalid("Invalid timestamp size") }
    guard let seconds = Int64(stamp) else {
      throw .invalid("Timestamp must be an integer.")
    }
    guard abs(now.seconds - seconds) <= Self.lifetime else {
      throw .invalid(
        "Timestamp given is invalid, differ from allowed by over \(Self.lifetime) seconds.")
    }
    let key = Self.encoded(consumer) + "&" + Self.encoded(secret)
    let expected: String
    switch method {
    case "PLAINTEXT":
      expected = key
    case "HMAC-SHA1":
      expected = Base64.encode(
        HMACSHA1.code(Array(base(url, query).utf8), key: Array(key.utf8)))
    case "HMAC-SHA256":
      let bytes = Array(base(url, query).utf8)
      expected = Base64.encode(HMACSHA256.code(bytes.span, key: Array(key.utf8)))
    default:
      throw .invalid("Invalid signature method.")
    }
    let (a, b) = (Array(expected.utf8), Array(signature.utf8))
    guard equalInConstantTime(a.span, b.span) else { throw .signature }
  }

  /// What is signed (RFC 5849, 3.4.1).
  private func base(_ url: String, _ query: [KeystoneCall.Filter]) -> String {
    var pairs = parameters.filter { $0.name != "oauth_signature" && $0.name != "realm" }
      .map { (Self.encoded($0.name), Self.encoded($0.value)) }
    pairs += query.map { (Self.encoded($0.name), Self.encoded($0.value)) }
    let joined = pairs.sorted { $0 < $1 }.map { $0.0 + "=" + $0.1 }.joined(separator: "&")
    return "POST&" + Self.encoded(url) + "&" + Self.encoded(joined)
  }

  /// RFC 5849, 3.6.
  static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
    return result
  }

  private static func decoded(_ text: String) -> String { KeystoneRouter.unescaped(text[...]) }
}

/// RFC 4648, 4.
enum Base64 {
  static func encode(_ bytes: [UInt8]) -> String {
    let plain = Base64URL.encode(bytes)
    let text = String(plain.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
      .prefix { $0 != "=" }
    return text + String(repeating: "=", count: (4 - text.count % 4) % 4)
  }
}
