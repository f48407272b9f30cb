// SPDX-License-Identifier: Apache-2.0

/// A check of a body against a JSON schema that complains as Python's `jsonschema` does, schema and
/// all: what Keystone answers where it puts the whole complaint into its error.
///
/// It knows `type`, `properties`, `required`, `items` and `enum`, in the order in which the schema
/// has them.
struct JSONSchema {
  private enum Step {
    case name(String)
    case position(Int)

    var index: String {
      switch self {
      case .name(let name): "[" + JSONValue.quoted(name) + "]"
      case .position(let position): "[\(position)]"
      }
    }

    var text: String {
      switch self {
      case .name(let name): name
      case .position(let position): String(position)
      }
    }
  }

  let schema: JSONValue

  /// The text of the first complaint.
  func complaint(_ value: JSONValue) -> String? {
    Self.check(value, schema, path: [], schemaPath: [])
  }

  private static func check(
    _ value: JSONValue, _ schema: JSONValue, path: [Step], schemaPath: [Step]
  ) -> String? {
    for (keyword, rule) in schema.object?.members ?? [] {
      let found: String?
      switch keyword {
      case "properties":
        found = firstOf(rule.object?.members ?? []) { name, inner in
          value.object?[name].flatMap {
            check(
              $0, inner, path: path + [.name(name)],
              schemaPath: schemaPath + [.name("properties"), .name(name)])
          }
        }
      case "items":
        found = firstOf(Array((value.array ?? []).enumerated())) { position, element in
          check(
            element, rule, path: path + [.position(position)],
            schemaPath: schemaPath + [.name("items")])
        }
      default:
        found = failure(value, keyword, rule).map { message in
          render(message, keyword, value, schema, path, schemaPath)
        }
      }
      if let found { return found }
    }
    return nil
  }

  private static func firstOf<Element>(
    _ elements: [Element], _ body: (Element) -> String?
  ) -> String? {
    for element in elements {
      if let found = body(element) { return found }
    }
    return nil
  }

  private static func failure(
    _ value: JSONValue, _ keyword: String, _ rule: JSONValue
  ) -> String? {
    switch keyword {
    case "type":
      let types = rule.array?.compactMap(\.string) ?? [rule.string ?? ""]
      guard !types.contains(where: { isType($0, value) }) else { return nil }
      let names = types.map(JSONValue.quoted).joined(separator: ", ")
      return "\(value.pythonRepr) is not of type \(names)"
    case "required":
      guard let members = value.object else { return nil }
      for name in rule.array?.compactMap(\.string) ?? [] where members[name] == nil {
        return "\(JSONValue.quoted(name)) is a required property"
      }
      return nil
    case "enum":
      return rule.array?.contains(value) == true
        ? nil : "\(value.pythonRepr) is not one of \(rule.pythonRepr)"
    default:
      return nil
    }
  }

  private static func isType(_ type: String, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
      ("null", .null), ("number", .number):
      true
    default: false
    }
  }

  private static func render(
    _ message: String, _ keyword: String, _ value: JSONValue, _ schema: JSONValue, _ path: [Step],
    _ schemaPath: [Step]
  ) -> String {
    let whole = """
      \(message)

      Failed validating \(JSONValue.quoted(keyword)) in schema\(schemaPath.map(\.index).joined()):
          \(indented(schema))

      On instance\(path.map(\.index).joined()):
          \(indented(value))
      """
    guard !path.isEmpty else { return whole }
    return "Invalid input for field '\(path.map(\.text).joined(separator: "/"))': \(whole)"
  }

  private static func indented(_ value: JSONValue) -> String {
    PythonPrint.format(value).split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n    ")
  }
}
