// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

extension JSONValue {
  /// Spaced as Python's `json.dumps` writes it, and like it in ASCII alone.
  package var text: String {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  package func append(to output: inout [UInt8]) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
    case .number(let text): output.append(contentsOf: text.utf8)
    case .string(let text): Self.append(quoted: text, to: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (position, element) in elements.enumerated() {
        if position > 0 { output.append(contentsOf: ", ".utf8) }
        element.append(to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let members):
      output.append(UInt8(ascii: "{"))
      for (position, member) in members.members.enumerated() {
        if position > 0 { output.append(contentsOf: ", ".utf8) }
        Self.append(quoted: member.name, to: &output)
        output.append(contentsOf: ": ".utf8)
        member.value.append(to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func append(quoted text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for unit in text.utf16 {
      switch unit {
      case 0x22: output.append(contentsOf: "\\\"".utf8)
      case 0x5C: output.append(contentsOf: "\\\\".utf8)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0x08: output.append(contentsOf: "\\b".utf8)
      case 0x0C: output.append(contentsOf: "\\f".utf8)
      case 0x20..<0x7F: output.append(UInt8(unit))
      default:
        output.append(contentsOf: "\\u".utf8)
        let digits = String(unit, radix: 16)
        for _ in digits.utf8.count..<4 { output.append(UInt8(ascii: "0")) }
        output.append(contentsOf: digits.utf8)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  package init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }
  package init(_ flag: Bool) { self = .bool(flag) }
  package init(_ number: Int) { self = .number(String(number)) }
  package init(_ number: Int?) { self = number.map { .number(String($0)) } ?? .null }

  /// With six decimals, as Keystone prints times.
  package init(_ time: UTCTime?) {
    self = time.map { .string($0.iso8601(microseconds: true)) } ?? .null
  }
}

/// As one text, so that a row that keeps JSON is stored by any encoder in the same way.
extension JSONValue: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    let bytes = Array(text.utf8)
    guard let value = JSONValue(bytes.span) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not JSON: \(text)"))
    }
    self = value
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension JSONObject: Codable {
  package init(from decoder: any Decoder) throws {
    guard case .object(let members) = try JSONValue(from: decoder) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not a JSON object"))
    }
    self = members
  }

  package func encode(to encoder: any Encoder) throws {
    try JSONValue.object(self).encode(to: encoder)
  }
}
