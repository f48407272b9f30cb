// SPDX-License-Identifier: Apache-2.0
import FalseworkReport

/// An `http` or `https` URL in its parts.
struct TargetURL {
  let isSecure: Bool
  /// Without the brackets of an IPv6 address.
  let host: String
  let port: Int
  /// With a slash in front.
  let path: String
  /// For the `host` field.
  let authority: String

  init(_ text: String) throws(CommandEnd) {
    isSecure = text.hasPrefix("https://")
    guard isSecure || text.hasPrefix("http://") else {
      throw CommandEnd(
        status: .usage, message: "'\(text)': expected a URL that begins with http:// or https://")
    }
    let rest = text.dropFirst(isSecure ? 8 : 7)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    authority = String(rest[..<slash])
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
    let place = Self.place(authority[...], isSecure ? 443 : 80)
    guard let place, !place.host.isEmpty, (1...65_535).contains(place.port) else {
      throw CommandEnd(
        status: .usage, message: "'\(text)': expected http://host:port/path, or https")
    }
    (host, port) = place
  }

  private static func place(_ text: Substring, _ usual: Int) -> (host: String, port: Int)? {
    var host = text
    var port: Substring?
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.firstIndex(of: ":") {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    guard let port else { return (String(host), usual) }
    return Int(port).map { (String(host), $0) }
  }

  /// The path of an identity endpoint before `/v3`.
  var prefix: String {
    var trimmed = path[...]
    while trimmed.hasSuffix("/") { trimmed.removeLast() }
    return String(trimmed.hasSuffix("/v3") ? trimmed.dropLast(3) : trimmed)
  }

  /// The path that stands before those of a file, without a slash at its end.
  var base: String {
    var trimmed = path[...]
    while trimmed.hasSuffix("/") { trimmed.removeLast() }
    return String(trimmed)
  }
}
