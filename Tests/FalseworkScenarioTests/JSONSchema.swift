// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkScenario

/// A JSON value.
indirect enum JSONValue: Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(_ any: Any) {
    switch any {
    case let number as NSNumber:
      // JSONSerialization has one class for both.
      self =
        String(cString: number.objCType) == "c"
        ? .bool(number.boolValue) : .number(number.doubleValue)
    case let string as String: self = .string(string)
    case let array as [Any]: self = .array(array.map(JSONValue.init))
    case let object as [String: Any]: self = .object(object.mapValues(JSONValue.init))
    default: self = .null
    }
  }

  /// What an editor makes of a YAML scalar before it looks into the schema (YAML 1.2, 10.2).
  init(_ node: LocatedNode) {
    switch node.content {
    case .list(let list): self = .array(list.map { JSONValue($0) })
    case .mapping(let members):
      self = .object(
        Dictionary(members.map { ($0.key, JSONValue($0.value)) }, uniquingKeysWith: { a, _ in a }))
    case .scalar(let text, let style):
      if node.isNull {
        self = .null
      } else if style == .plain, text == "true" || text == "false" {
        self = .bool(text == "true")
      } else if style == .plain, let number = Double(text), text.first?.isLetter == false {
        self = .number(number)
      } else {
        self = .string(text)
      }
    }
  }
}

/// As much of JSON Schema 2020-12 as `scenario.schema.json` uses. A word that it does not know is a
/// failure, so that nothing of the schema goes unheard.
struct JSONSchema {
  let root: [String: JSONValue]

  init(_ text: String) throws {
    guard
      case .object(let root) = JSONValue(try JSONSerialization.jsonObject(with: Data(text.utf8)))
    else { throw CocoaError(.coderInvalidValue) }
    self.root = root
  }

  func accepts(_ value: JSONValue) -> Bool { accepts(value, .object(root)) }

  private func accepts(_ value: JSONValue, _ schema: JSONValue) -> Bool {
    switch schema {
    case .bool(let verdict): verdict
    case .object(let words): words.allSatisfy { holds(value, $0.key, $0.value, words) }
    default: preconditionFailure("no schema: \(schema)")
    }
  }

  func resolved(_ reference: String) -> JSONValue {
    guard reference.hasPrefix("#/$defs/"), case .object(let definitions)? = root["$defs"],
      let definition = definitions[String(reference.dropFirst(8))]
    else { preconditionFailure("no \(reference)") }
    return definition
  }

  private func holds(
    _ value: JSONValue, _ word: String, _ argument: JSONValue, _ schema: [String: JSONValue]
  ) -> Bool {
    switch (word, argument) {
    case ("$schema", _), ("$defs", _), ("title", _), ("description", _), ("default", _): return true
    case ("$ref", .string(let reference)): return accepts(value, resolved(reference))
    case ("type", .string(let type)): return isType(value, type)
    case ("type", .array(let types)):
      return types.contains {
        if case .string(let type) = $0 { isType(value, type) } else { false }
      }
    case ("enum", .array(let values)): return values.contains(value)
    case ("const", _): return value == argument
    case ("anyOf", .array(let schemas)): return schemas.contains { accepts(value, $0) }
    case ("oneOf", .array(let schemas)): return schemas.filter { accepts(value, $0) }.count == 1
    case ("allOf", .array(let schemas)): return schemas.allSatisfy { accepts(value, $0) }
    default: break
    }
    switch value {
    case .string(let text): return holds(text: text, word, argument)
    case .number(let number): return holds(number: number, word, argument)
    case .array(let array): return holds(array: array, word, argument)
    case .object(let object): return holds(object: object, word, argument, schema)
    case .null, .bool: return true
    }
  }

  private func isType(_ value: JSONValue, _ type: String) -> Bool {
    switch (value, type) {
    case (.string, "string"), (.number, "number"), (.bool, "boolean"), (.array, "array"),
      (.object, "object"), (.null, "null"):
      true
    case (.number(let number), "integer"): number == number.rounded()
    default: false
    }
  }

  private func holds(text: String, _ word: String, _ argument: JSONValue) -> Bool {
    switch (word, argument) {
    case ("pattern", .string(let pattern)):
      text.range(of: pattern, options: .regularExpression) != nil
    case ("minLength", .number(let least)): text.count >= Int(least)
    default: Self.isAboutAnother(word)
    }
  }

  private func holds(number: Double, _ word: String, _ argument: JSONValue) -> Bool {
    switch (word, argument) {
    case ("minimum", .number(let least)): number >= least
    case ("maximum", .number(let most)): number <= most
    default: Self.isAboutAnother(word)
    }
  }

  private func holds(array: [JSONValue], _ word: String, _ argument: JSONValue) -> Bool {
    switch (word, argument) {
    case ("items", _): array.allSatisfy { accepts($0, argument) }
    case ("minItems", .number(let least)): array.count >= Int(least)
    case ("maxItems", .number(let most)): array.count <= Int(most)
    case ("uniqueItems", .bool(true)):
      array.enumerated().allSatisfy { place, value in !array[..<place].contains(value) }
    default: Self.isAboutAnother(word)
    }
  }

  private func holds(
    object: [String: JSONValue], _ word: String, _ argument: JSONValue,
    _ schema: [String: JSONValue]
  ) -> Bool {
    switch (word, argument) {
    case ("properties", .object(let properties)):
      return object.allSatisfy { key, value in
        properties[key].map { accepts(value, $0) } ?? true
      }
    case ("additionalProperties", _):
      guard case .object(let properties) = schema["properties"] ?? .object([:]) else {
        return false
      }
      return object.allSatisfy { key, value in
        properties[key] != nil || accepts(value, argument)
      }
    case ("propertyNames", _): return object.keys.allSatisfy { accepts(.string($0), argument) }
    case ("required", .array(let names)):
      return names.allSatisfy {
        if case .string(let name) = $0 { object[name] != nil } else { false }
      }
    case ("minProperties", .number(let least)): return object.count >= Int(least)
    case ("dependentSchemas", .object(let schemas)):
      return schemas.allSatisfy { key, schema in
        object[key] == nil || accepts(.object(object), schema)
      }
    default: return Self.isAboutAnother(word)
    }
  }

  /// A word about values of another type holds for this one.
  private static func isAboutAnother(_ word: String) -> Bool {
    let words = [
      "pattern", "minLength", "minimum", "maximum", "items", "minItems", "maxItems", "uniqueItems",
      "properties", "additionalProperties", "propertyNames", "required", "minProperties",
      "dependentSchemas",
    ]
    precondition(words.contains(word), "a word of JSON Schema that the test does not know: \(word)")
    return true
  }

  // MARK: Keys

  /// The paths of all properties, as the table of keys spells them.
  var paths: Set<String> {
    var paths: Set<String> = []
    collect(.object(root), "", &paths)
    return paths
  }

  private func collect(_ schema: JSONValue, _ path: String, _ paths: inout Set<String>) {
    guard case .object(let words) = schema else { return }
    for (word, argument) in words {
      switch (word, argument) {
      case ("$ref", .string(let reference)): collect(resolved(reference), path, &paths)
      case ("anyOf", .array(let schemas)), ("oneOf", .array(let schemas)):
        for schema in schemas { collect(schema, path, &paths) }
      case ("items", _): collect(argument, path + "[]", &paths)
      case ("properties", .object(let properties)):
        for (key, schema) in properties {
          let inner = path.isEmpty ? key : "\(path).\(key)"
          paths.insert(inner)
          collect(schema, inner, &paths)
        }
      default: break
      }
    }
  }
}
