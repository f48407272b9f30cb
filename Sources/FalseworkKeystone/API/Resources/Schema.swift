// SPDX-License-Identifier: Apache-2.0

/// What a request body must look like: the part of JSON Schema that Keystone's schemas use, and the
/// first complaint in the words of Python's `jsonschema`.
struct Schema: Sendable {
  indirect enum Check: Sendable {
    case type([String])
    case least(Int)
    case most(Int)
    case pattern(Pattern)
    case oneOfValues([JSONValue])
    case format(String)
    case properties([(name: String, schema: Schema)])
    case required([String])
    case noOther([String])
    case leastMembers(Int)
    case mostMembers(Int)
    case leastItems(Int)
    case mostItems(Int)
    case unique
    case items(Schema)
    case least64(Int64)
    case most64(Int64)
    case oneOf([Schema])
    case without(String)
  }

  enum Pattern: String, Sendable {
    /// Something else than blanks.
    case name = "[\\S]+"
    case id = "^[a-zA-Z0-9-]+$"
    case tag = "^[^,/]*$"
    case url = "^[a-zA-Z0-9+.-]+:.+"
    case path = "^/\\.*"

    func matches(_ text: String) -> Bool {
      switch self {
      case .name: text.unicodeScalars.contains { !$0.properties.isWhitespace }
      case .id:
        !text.isEmpty
          && text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
              || $0 == 0x2D
          }
      case .tag: !text.utf8.contains(0x2C) && !text.utf8.contains(0x2F)
      case .url: Self.isURL(text)
      case .path: text.utf8.first == 0x2F
      }
    }

    private static func isURL(_ text: String) -> Bool {
      let bytes = Array(text.utf8)
      guard let colon = bytes.firstIndex(of: 0x3A), colon > 0, colon + 1 < bytes.count else {
        return false
      }
      return bytes[..<colon].allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x2B || $0 == 0x2E || $0 == 0x2D
      }
    }
  }

  /// In the order in which Keystone's schema has them: the first that fails is told.
  var checks: [Check]

  struct Complaint: Equatable {
    /// The last step to the value; nil if it is the body itself.
    var field: String?
    var value: JSONValue
    var message: String
  }

  func firstComplaint(_ value: JSONValue, field: String? = nil) -> Complaint? {
    for check in checks {
      if let complaint = Self.complaint(check, value, field) { return complaint }
    }
    return nil
  }

  private static func complaint(
    _ check: Check, _ value: JSONValue, _ field: String?
  ) -> Complaint? {
    func fails(_ message: String) -> Complaint {
      Complaint(field: field, value: value, message: message)
    }
    let repr = value.pythonRepr
    switch check {
    case .type(let types):
      let names = types.map { "'\($0)'" }.joined(separator: ", ")
      return types.contains { isType($0, value) } ? nil : fails("\(repr) is not of type \(names)")
    case .oneOfValues(let values):
      guard !values.contains(value) else { return nil }
      return fails("\(repr) is not one of \(JSONValue.array(values).pythonRepr)")
    case .oneOf(let schemas):
      switch schemas.count(where: { $0.firstComplaint(value) == nil }) {
      case 0: return fails("\(repr) is not valid under any of the given schemas")
      case 1: return nil
      default: return fails("\(repr) is valid under each of the given schemas")
      }
    case .least, .most, .pattern, .format:
      guard let text = value.string else { return nil }
      return ofText(check, text, repr).map(fails)
    case .least64, .most64:
      guard let number = value.integer else { return nil }
      return ofNumber(check, Int64(number)).map(fails)
    case .properties, .required, .noOther, .leastMembers, .mostMembers, .without:
      guard let members = value.object else { return nil }
      return ofObject(check, members, value, field)
    case .leastItems, .mostItems, .unique, .items:
      guard let elements = value.array else { return nil }
      return ofArray(check, elements, value, field)
    }
  }

  private static func isType(_ type: String, _ value: JSONValue) -> Bool {
    switch (type, value) {
    case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool),
      ("null", .null):
      true
    case ("integer", .number(let text)): Int(text) != nil || text.hasSuffix(".0")
    default: false
    }
  }

  private static func ofText(_ check: Check, _ text: String, _ repr: String) -> String? {
    switch check {
    case .least(let count) where text.unicodeScalars.count < count:
      repr + (count == 1 ? " should be non-empty" : " is too short")
    case .most(let count) where text.unicodeScalars.count > count: repr + " is too long"
    case .pattern(let pattern) where !pattern.matches(text):
      "\(repr) does not match \(JSONValue.quoted(pattern.rawValue))"
    case .format(let format) where UUIDText.bytes(of: text) == nil && format == "uuid":
      "\(repr) is not a '\(format)'"
    default: nil
    }
  }

  private static func ofNumber(_ check: Check, _ number: Int64) -> String? {
    switch check {
    case .least64(let limit) where number < limit:
      "\(number) is less than the minimum of \(limit)"
    case .most64(let limit) where number > limit:
      "\(number) is greater than the maximum of \(limit)"
    default: nil
    }
  }

  private static func ofObject(
    _ check: Check, _ members: JSONObject, _ value: JSONValue, _ field: String?
  ) -> Complaint? {
    func fails(_ message: String) -> Complaint {
      Complaint(field: field, value: value, message: message)
    }
    switch check {
    case .properties(let properties):
      for (name, schema) in properties {
        if let member = members[name], let found = schema.firstComplaint(member, field: name) {
          return found
        }
      }
    case .required(let names):
      for name in names where members[name] == nil {
        return fails("\(JSONValue.quoted(name)) is a required property")
      }
    case .noOther(let known):
      let others = members.keys.filter { !known.contains($0) }
      guard !others.isEmpty else { return nil }
      let list = others.map(JSONValue.quoted).joined(separator: ", ")
      let verb = others.count == 1 ? "was" : "were"
      return fails("Additional properties are not allowed (\(list) \(verb) unexpected)")
    case .leastMembers(let count) where members.count < count:
      return fails(
        value.pythonRepr
          + (count == 1 ? " should be non-empty" : " does not have enough properties"))
    case .mostMembers(let count) where members.count > count:
      return fails(value.pythonRepr + " has too many properties")
    case .without(let name) where members[name] != nil:
      return fails("\(value.pythonRepr) should not be valid under {'required': ['\(name)']}")
    default: break
    }
    return nil
  }

  private static func ofArray(
    _ check: Check, _ elements: [JSONValue], _ value: JSONValue, _ field: String?
  ) -> Complaint? {
    func fails(_ message: String) -> Complaint {
      Complaint(field: field, value: value, message: value.pythonRepr + message)
    }
    switch check {
    case .leastItems(let count) where elements.count < count:
      return fails(count == 1 ? " should be non-empty" : " is too short")
    case .mostItems(let count) where elements.count > count: return fails(" is too long")
    case .unique where Set(elements).count < elements.count:
      return fails(" has non-unique elements")
    case .items(let schema):
      for (position, element) in elements.enumerated() {
        if let found = schema.firstComplaint(element, field: String(position)) { return found }
      }
    default: break
    }
    return nil
  }
}

extension KeystoneError {
  /// Since 2025.2 the value is told, before only the field.
  init(_ complaint: Schema.Complaint, _ release: Release) {
    guard let field = complaint.field else {
      self = .badRequest(complaint.message)
      return
    }
    self = .badRequest(
      release.checksEarly
        ? "Invalid input for field/attribute \(field). Value: \(complaint.value.pythonText). "
          + complaint.message
        : "Invalid input for field '\(field)': \(complaint.message)")
  }
}
