// SPDX-License-Identifier: Apache-2.0

/// What rules know and changed of a request and its answer; only kept where there are rules.
struct Exchange: Sendable {
  var request: RequestMessage
  var response: ResponseMessage?
  var variables: [String: Sample.Value] = [:]
  var captured = CapturedValues()
  var requestChanged = false
  /// The server that it belongs to.
  var direct: ServerID?
  var letters = CookieLetters.absent
  /// Of its cookie, in seconds of the epoch.
  var lastSeen: Int?
  var firstSeen: Int?
  /// Where its server is to be kept.
  var toStore: [(table: BackendID, key: StickKey)] = []
  /// Entries that it is counted in.
  var tracked: InlineArray<3, Tracked?> = .init(repeating: nil)

  struct Tracked: Sendable {
    var table: BackendID
    var key: StickKey
  }
  /// A rule took it out of the log.
  var isSilent = false
  /// What of the proxy itself answers it.
  var service: InnerService?
  /// Its body is a form for this page.
  var form: StatsPage?
  /// Waits for the end of `timeout tarpit`, and then gets this.
  var tarpit: RuleSet.Reply?

  init(_ request: RequestMessage) { self.request = request }
}

/// What was captured for the log line: `{a|b}`.
package struct CapturedValues: Equatable, Sendable {
  package var request: [[UInt8]?] = []
  package var response: [[UInt8]?] = []

  static func set(_ values: inout [[UInt8]?], _ slot: Int, _ value: [UInt8], length: Int) {
    while values.count <= slot { values.append(nil) }
    values[slot] = Array(value.prefix(length))
  }

  /// As `option httplog` prints it, with a space behind; nothing where nothing is captured.
  package static func text(_ values: [[UInt8]?], count: Int) -> String {
    guard count > 0 else { return "" }
    let words = (0..<count).map { slot in
      slot < values.count ? values[slot].map(escaped) ?? "" : ""
    }
    return "{" + words.joined(separator: "|") + "} "
  }

  /// HAProxy writes what could break a line, or its columns, as `#XX`.
  private static func escaped(_ value: [UInt8]) -> String {
    var text: [UInt8] = []
    for byte in value {
      if (0x20..<0x7F).contains(byte), !"\"#{|}".utf8.contains(byte) {
        text.append(byte)
      } else {
        let digits = Array("0123456789ABCDEF".utf8)
        text += [0x23, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
