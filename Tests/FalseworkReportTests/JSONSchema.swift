// SPDX-License-Identifier: Apache-2.0
import Foundation

/// JSON as a test looks at it.
indirect enum JSONValue: Decodable, Hashable {
  case null
  case flag(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  init(_ bytes: [UInt8]) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
  }

  subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  var keys: [String] {
    if case .object(let members) = self { members.keys.sorted() } else { [] }
  }

  var elements: [JSONValue] {
    if case .list(let elements) = self { elements } else { [] }
  }

  var string: String? {
    if case .text(let text) = self { text } else { nil }
  }
}

/// The keywords of JSON Schema 2020-12 that our schemas use; another one is an error, so that no
/// part of a schema goes unread.
struct JSONSchema {
  let root: JSONValue

  private static let known: Set<String> = [
    "$schema", "$comment", "$defs", "$ref", "title", "type", "const", "enum", "anyOf", "minimum",
    "minLength", "maxLength", "items", "properties", "required", "additionalProperties",
  ]

  /// What is wrong with a value, each with its path.
  func problems(_ value: JSONValue) -> [String] { check(value, root, "$") }

  private func check(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
    guard case .object(let keywords) = schema else { return [] }
    var problems = keywords.keys.filter { !Self.known.contains($0) }.map {
      "\(path): the schema says \($0), which is not understood"
    }
    if let name = keywords["$ref"]?.string {
      guard let target = root["$defs"]?[String(name.dropFirst("#/$defs/".count))] else {
        return problems + ["\(path): no \(name)"]
      }
      problems += check(value, target, path)
    }
    if let choices = keywords["anyOf"]?.elements,
      !choices.contains(where: { check(value, $0, path).isEmpty })
    {
      problems.append("\(path): none of the choices")
    }
    if let constant = keywords["const"], constant != value { problems.append("\(path): \(value)") }
    if let choices = keywords["enum"]?.elements, !choices.contains(value) {
      problems.append("\(path): \(value) is not in the list")
    }
    if let type = keywords["type"] {
      let names = type.string.map { [$0] } ?? type.elements.compactMap(\.string)
      if !names.contains(where: { Self.isOf($0, value) }) {
        problems.append("\(path): \(value) is no \(names.joined(separator: " or "))")
      }
    }
    return problems + limits(value, keywords, path) + parts(value, keywords, path)
  }

  private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .flag), ("number", .number), ("string", .text),
      ("array", .list), ("object", .object):
      true
    case ("integer", .number(let number)): number.rounded() == number
    default: false
    }
  }

  private func limits(
    _ value: JSONValue, _ keywords: [String: JSONValue], _ path: String
  ) -> [String] {
    var problems: [String] = []
    if case .number(let number) = value, case .number(let least)? = keywords["minimum"],
      number < least
    {
      problems.append("\(path): \(number) is below \(least)")
    }
    if case .text(let text) = value {
      let length = Double(text.unicodeScalars.count)
      if case .number(let least)? = keywords["minLength"], length < least {
        problems.append("\(path): too short")
      }
      if case .number(let most)? = keywords["maxLength"], length > most {
        problems.append("\(path): too long")
      }
    }
    return problems
  }

  private func parts(
    _ value: JSONValue, _ keywords: [String: JSONValue], _ path: String
  ) -> [String] {
    var problems: [String] = []
    if let items = keywords["items"] {
      for (place, element) in value.elements.enumerated() {
        problems += check(element, items, "\(path)[\(place)]")
      }
    }
    guard case .object(let members) = value else { return problems }
    for name in (keywords["required"]?.elements ?? []).compactMap(\.string)
    where members[name] == nil {
      problems.append("\(path): no \(name)")
    }
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      if let schema = keywords["properties"]?[name] {
        problems += check(member, schema, "\(path).\(name)")
      } else if let rest = keywords["additionalProperties"] {
        if rest == .flag(false) {
          problems.append("\(path): \(name) is not expected")
        } else {
          problems += check(member, rest, "\(path).\(name)")
        }
      }
    }
    return problems
  }
}
