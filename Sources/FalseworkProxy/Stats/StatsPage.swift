// SPDX-License-Identifier: Apache-2.0

/// `stats …` of a proxy section (configuration manual, 4.2): a page of what it knows, on one of its
/// own URIs.
package struct StatsPage: Equatable, Sendable {
  package var uri = Array("/haproxy?stats".utf8)
  package var realm = "HAProxy Statistics"
  /// What `Authorization: Basic` has to say; any of them, and nothing if there are none.
  package var credentials: [[UInt8]] = []
  /// Seconds between two loads of the page.
  package var refresh: Int?
  /// The page may be used to change servers where one of these holds.
  package var administrators: [Condition] = []
  package var hidesVersion = false
  package var description: String?
  package var node: String?

  package init() {}

  /// `user:password` as Basic authentication writes it (RFC 7617).
  static func encoded(_ credentials: String) -> [UInt8] {
    let digits = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    var rest = Array(credentials.utf8)[...]
    while !rest.isEmpty {
      let three = Array(rest.prefix(3))
      rest = rest.dropFirst(3)
      let bits = three.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - three.count))
      for place in 0..<4 {
        result.append(
          place <= three.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return result
  }
}

/// What answers instead of a server, as log lines name it.
package enum InnerService: String, Equatable, Sendable {
  case stats = "<STATS>"
  case prometheus = "<PROMEX>"
}
