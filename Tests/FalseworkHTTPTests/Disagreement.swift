// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Foundation

/// Why the codec and the oracle may read a stream differently. `specs/http-codec.md` lists them,
/// and a test holds the list to this one.
enum Disagreement: String, CaseIterable, Sendable {
  // The codec is stricter, on purpose.
  case missingHost, secondHost, spaces, asterisk, authority, fragment, emptyLines
  case longLength, transferCoding, chunkExtension, longChunkSize, lowStatus, reasonControl, limits
  // The oracle knows less, or decides what in this program somebody else decides.
  case unknownMethod, scheme, trailingTab, afterClose, trailerField, tunnel

  /// What the two make of `bytes` where they part, or nil if they agree throughout; `.failure`
  /// if nothing on the list explains it.
  static func between(
    _ ours: StreamReading, _ oracle: StreamReading, _ bytes: [UInt8], _ kind: HTTPParser.Kind
  ) -> Result<Disagreement?, Unexplained> {
    for (index, message) in ours.messages.enumerated() {
      guard index < oracle.messages.count else {
        return explain(laxAt: index, ours, bytes)
      }
      let other = oracle.messages[index]
      if isTunnel(message, kind) {
        return message.start == other.start && message.fields == other.fields
          ? .success(.tunnel) : .failure(Unexplained(index: index))
      }
      guard message != other else { continue }
      let oracleRefused = oracle.refusal != nil && index == oracle.messages.count - 1
      if oracleRefused, ours.refusal != nil, index == ours.messages.count - 1 {
        return .success(nil)
      }
      if oracleRefused { return explain(laxAt: index, ours, bytes) }
      if ours.refusal == nil, hasFramingTab(lines(of: bytes)) { return .success(.trailingTab) }
      return ours.refusal != nil
        ? explain(strictAt: index, ours, oracle, bytes, kind)
        : .failure(Unexplained(index: index))
    }
    let rest = oracle.messages.dropFirst(ours.messages.count)
    switch (ours.refusal, oracle.refusal) {
    case (nil, nil):
      return rest.isEmpty ? .success(nil) : .failure(Unexplained(index: ours.messages.count))
    case (nil, .some):
      return explain(laxAt: ours.messages.count, ours, bytes)
    case (.some, .some) where rest.isEmpty || rest.count == 1 && !rest.last!.isComplete:
      return .success(nil)
    case (.some, _):
      return explain(strictAt: ours.messages.count, ours, oracle, bytes, kind)
    }
  }

  struct Unexplained: Error {
    var index: Int
  }

  /// CONNECT, an upgrade that was asked for or granted: NIO stops there.
  private static func isTunnel(_ message: StreamReading.Message, _ kind: HTTPParser.Kind) -> Bool {
    if message.start[0] == "CONNECT" || message.start[0] == "101" { return true }
    return message.fields.contains { $0.name == "upgrade" }
      && message.fields.contains {
        $0.name == "connection" && $0.value.lowercased().contains("upgrade")
      }
  }

  /// The codec took what the oracle refused.
  private static func explain(
    laxAt index: Int, _ ours: StreamReading, _ bytes: [UInt8]
  ) -> Result<Disagreement?, Unexplained> {
    if index < ours.messages.count {
      let message = ours.messages[index]
      let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"]
      if message.start.count == 2, !known.contains(message.start[0]) {
        return .success(.unknownMethod)
      }
      if message.start.count == 2,
        message.start[1].prefix(while: { $0 != ":" }).contains(where: {
          !$0.isLetter
        }), message.start[1].contains("://")
      {
        return .success(.scheme)
      }
    }
    let lines = lines(of: bytes)
    if hasFramingTab(lines) { return .success(.trailingTab) }
    let trailers = lines.split(separator: "0").dropFirst().flatMap { $0.prefix { $0 != "" } }
    if trailers.contains(where: { isFraming($0) || $0.hasPrefix("connection:") }) {
      return .success(.trailerField)
    }
    if index > 0, closes(ours.messages[index - 1]) { return .success(.afterClose) }
    return .failure(Unexplained(index: index))
  }

  private static func lines(of bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      String(decoding: line.filter { $0 != 0x0D }, as: UTF8.self).lowercased()
    }
  }

  private static func isFraming(_ line: String) -> Bool {
    line.hasPrefix("content-length:") || line.hasPrefix("transfer-encoding:")
  }

  /// llhttp takes a tab for a part of the value.
  private static func hasFramingTab(_ lines: [String]) -> Bool {
    lines.contains { isFraming($0) && $0.contains("\t") }
  }

  private static func closes(_ message: StreamReading.Message) -> Bool {
    let words = message.fields.filter { $0.name == "connection" }.flatMap {
      $0.value.lowercased().split(separator: ",").map { word in
        String(word).trimmingCharacters(in: .whitespaces)
      }
    }
    return words.contains("close") || message.version == "1.0" && !words.contains("keep-alive")
  }

  /// The codec refused what the oracle took; `index` is the message that it refused.
  private static func explain(
    strictAt index: Int, _ ours: StreamReading, _ oracle: StreamReading, _ bytes: [UInt8],
    _ kind: HTTPParser.Kind
  ) -> Result<Disagreement?, Unexplained> {
    guard let refusal = ours.refusal, let fault = refusal.kind else {
      return .failure(Unexplained(index: index))
    }
    let raw = bytes[refusal.messageAt...]
    let line = raw.drop { $0 == 0x0D || $0 == 0x0A }.prefix { $0 != 0x0D && $0 != 0x0A }
    let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
    let message = index < oracle.messages.count ? oracle.messages[index] : nil
    let values = { (name: String) in
      message?.fields.filter { $0.name == name }.map(\.value) ?? []
    }
    let beginsEmpty = raw.first == 0x0D || raw.first == 0x0A
    let found: Disagreement?
    switch fault {
    case .missingHost: found = values("host").isEmpty ? .missingHost : nil
    case .secondHost: found = values("host").count > 1 ? .secondHost : nil
    case .method where beginsEmpty: found = .emptyLines
    case .bareLineFeed where beginsEmpty: found = .emptyLines
    case .bareCarriageReturn where beginsEmpty: found = .emptyLines
    case .statusLine where beginsEmpty: found = .emptyLines
    case .statusLine: found = message.map { $0.start[0].count < 3 } == true ? .lowStatus : nil
    case .requestLine where words.contains([]): found = .spaces
    case .target where words.contains([]): found = .spaces
    case .target:
      let target = message?.start.last ?? ""
      found =
        target.contains("#")
        ? .fragment
        : target.hasPrefix("*")
          ? .asterisk
          : message?.start[0] == "CONNECT" || target.contains("://") ? .authority : nil
    case .contentLength:
      found = values("content-length").contains { $0.utf8.count > 18 } ? .longLength : nil
    case .transferCoding:
      let codings = values("transfer-encoding").map { $0.lowercased() }
      found = codings != ["chunked"] || message?.version == "1.0" ? .transferCoding : nil
    case .chunkSize:
      let size = bytes[..<refusal.at].reversed().prefix { $0 != 0x0A }
      found =
        size.contains(0x3B) || bytes[refusal.at] == 0x3B
        ? .chunkExtension
        : size.count == 15 ? .longChunkSize : nil
    case .fieldValue:
      found = kind == .response && line.contains { $0 < 0x20 || $0 == 0x7F } ? .reasonControl : nil
    case .headTooLarge, .tooManyFields, .targetTooLong: found = .limits
    default: found = nil
    }
    return found.map { .success($0) } ?? .failure(Unexplained(index: index))
  }
}
