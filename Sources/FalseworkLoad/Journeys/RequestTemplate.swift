// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// The bytes of a step's request, with gaps for the values that only its moment knows.
///
/// A field whose value needs what is lacking is left out, as a token that was never given is; in the
/// target and in the body a lacking value is nothing. Values cannot break out of their place: in
/// the target what may not stand there is percent-encoded, in a field the end of a line becomes a
/// space.
struct RequestTemplate: Sendable {
  enum Escape: Equatable, Sendable {
    case none, json, url, target, field
  }

  private enum Part: Sendable {
    case bytes(Range<Int>)
    case value(Int, Escape)
    case bodyLength
    /// A field of so many parts, which is left out if one of the values is lacking.
    case field(values: [Int], parts: Int)
  }

  private var literals: [UInt8] = []
  private var parts: [Part] = []
  /// Where in `literals` the part begins that is not closed yet.
  private var open = 0
  private var bodyParts = 0..<0
  private let values: [JourneyValue]

  /// - Parameter common: fields that every request has, unless the step has its own.
  init(_ step: HTTPStep, common: [HTTPStep.Header]) {
    precondition(step.method.isHTTPToken, "no method: \(step.method)")
    values = step.values
    literals.append(text: step.method)
    literals.append(0x20)
    let target = step.template(of: step.path)
    precondition(target.texts.allSatisfy(\.isHTTPTarget), "no target: \(step.path)")
    append(target, in: .target)
    literals.append(" HTTP/1.1\r\n")
    for field in common
    where !step.headers.contains(where: { $0.name.lowercased() == field.name }) {
      append(field.name, TextTemplate(verbatim: field.value))
    }
    for header in step.headers where header.name.lowercased() != "content-length" {
      append(header.name, step.template(of: header.value))
    }
    let hasBody = !step.body.isEmpty || ["POST", "PUT", "PATCH"].contains(step.method)
    if hasBody {
      literals.append("content-length: ")
      close()
      parts.append(.bodyLength)
      literals.append("\r\n")
    }
    literals.append("\r\n")
    close()
    let start = parts.count
    if let template = step.bodyTemplate {
      append(template, in: .none)
    } else {
      literals.append(contentsOf: step.body)
    }
    close()
    bodyParts = start..<parts.count
    if values.isEmpty { flatten() }
  }

  /// Everything is known: one piece.
  private mutating func flatten() {
    var bytes: [UInt8] = []
    append(ValueTable(), to: &bytes)
    literals = bytes
    parts = [.bytes(0..<bytes.count)]
    bodyParts = 0..<0
  }

  private mutating func close() {
    if literals.count > open { parts.append(.bytes(open..<literals.count)) }
    open = literals.count
  }

  private mutating func append(_ name: String, _ template: TextTemplate) {
    precondition(
      name.isHTTPToken && template.texts.allSatisfy(\.isHTTPFieldValue),
      "a field that splits: \(name): \(template)")
    let needed = template.values.compactMap { values.firstIndex(of: $0) }
    close()
    let mark = parts.count
    if !needed.isEmpty { parts.append(.field(values: needed, parts: 0)) }
    literals.append(text: name)
    literals.append(": ")
    append(template, in: .field)
    literals.append("\r\n")
    close()
    if !needed.isEmpty {
      parts[mark] = .field(values: needed, parts: parts.count - mark - 1)
    }
  }

  private mutating func append(_ template: TextTemplate, in place: Escape) {
    for piece in template.pieces {
      switch piece {
      case .text(let text): literals.append(text: text)
      case .value(let value, let escape):
        close()
        let escape: Escape =
          switch escape {
          case .none: place
          case .json: .json
          case .url: .url
          }
        parts.append(.value(values.firstIndex(of: value)!, escape))
      }
    }
  }

  // MARK: Writing

  func append(_ table: ValueTable, to output: inout [UInt8]) {
    var index = 0
    while index < parts.count {
      switch parts[index] {
      case .bytes(let range): output.append(contentsOf: literals[range])
      case .value(let value, let escape): Self.append(table, value, escape, to: &output)
      case .bodyLength: output.append(decimal: bodyLength(table))
      case .field(let values, let count):
        if values.contains(where: { table.range($0) == nil }) { index += count }
      }
      index += 1
    }
  }

  private func bodyLength(_ table: ValueTable) -> Int {
    var length = 0
    for index in bodyParts {
      switch parts[index] {
      case .bytes(let range): length += range.count
      case .value(let value, let escape): length += Self.length(table, value, escape)
      case .bodyLength, .field: preconditionFailure("no part of a body: \(parts[index])")
      }
    }
    return length
  }

  private static func length(_ table: ValueTable, _ value: Int, _ escape: Escape) -> Int {
    guard let range = table.range(value) else { return 0 }
    return range.reduce(0) { $0 + width(table.bytes[$1], escape) }
  }

  private static func width(_ byte: UInt8, _ escape: Escape) -> Int {
    switch escape {
    case .none, .field: 1
    case .url: isUnreserved(byte) ? 1 : 3
    case .target: isOfTarget(byte) ? 1 : 3
    case .json:
      byte < 0x20 ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1
    }
  }

  private static func append(
    _ table: ValueTable, _ value: Int, _ escape: Escape, to output: inout [UInt8]
  ) {
    guard let range = table.range(value) else { return }
    guard escape != .none else { return output.append(contentsOf: table.bytes[range]) }
    for place in range {
      let byte = table.bytes[place]
      switch (width(byte, escape), escape) {
      case (1, .field): output.append(byte < 0x20 || byte == 0x7F ? 0x20 : byte)
      case (1, _): output.append(byte)
      case (2, _):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case (3, _):
        output.append(UInt8(ascii: "%"))
        output.append(hexadecimal[Int(byte >> 4)])
        output.append(hexadecimal[Int(byte & 15)])
      default:
        output.append("\\u00")
        output.append(hexadecimal[Int(byte >> 4)])
        output.append(hexadecimal[Int(byte & 15)])
      }
    }
  }

  private static let hexadecimal = Array("0123456789ABCDEF".utf8)

  /// RFC 3986, 2.3.
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func isOfTarget(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "#")
  }
}
