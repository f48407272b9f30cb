// SPDX-License-Identifier: Apache-2.0

/// The pieces that the schemas of Keystone's resources are made of
/// (`keystone/common/validation/parameter_types.py`).
extension Schema {
  static let text = Schema(checks: [.type(["string"])])
  static let textOrNull = Schema(checks: [.type(["string", "null"])])
  static let boolean = Schema(checks: [.type(["boolean"])])
  static let booleanOrNull = Schema(checks: [.type(["boolean", "null"])])
  static let name = text(1, 255, .name)
  /// Projects and domains are shorter than the rest.
  static let shortName = text(1, 64, .name)
  static let id = text(1, 64, .id)
  static let idOrNull = Schema(checks: [
    .type(["string", "null"]), .least(1), .most(64), .pattern(.id),
  ])
  static let url = text(0, 225, .url)
  static let uuid = Schema(checks: [.type(["string"]), .format("uuid")])
  static let tag = text(1, 255, .tag)
  static let tags = Schema(checks: [
    .type(["array"]), .items(tag), .mostItems(80), .unique,
  ])
  static let looseTags = Schema(checks: [.type(["array"]), .items(tag)])
  static let regionID = Schema(checks: [.type(["string", "null"]), .least(1), .most(255)])
  static let number = Schema(checks: [
    .type(["integer"]), .least64(-1), .most64(0x7FFF_FFFF),
  ])
  static let interface = choice("admin", "internal", "public")

  /// What Keystone takes for a boolean.
  static let flag = Schema(checks: [
    .type(["boolean", "string", "null"]),
    .oneOfValues([
      .bool(true), .string("True"), .string("TRUE"), .string("true"), .bool(false),
      .string("False"), .string("FALSE"), .string("false"), .string(""), .string("1"),
      .string("0"), .string("y"), .string("Y"), .string("n"), .string("N"), .string("on"),
      .string("ON"), .string("off"), .string("OFF"), .string("yes"), .string("no"),
    ]),
  ])
  private static let option = Schema(checks: [
    .type(["boolean", "null"]), .oneOfValues([.bool(true), .bool(false), .null]),
  ])
  static let resourceOptions = object([("immutable", option)], closed: true)
  static let userOptions = object(
    [
      ("ignore_change_password_upon_first_use", option), ("ignore_password_expiry", option),
      ("ignore_lockout_failure_attempts", option), ("lock_password", option),
      ("ignore_user_inactivity", option), ("multi_factor_auth_rules", factorRules),
      ("multi_factor_auth_enabled", option),
    ], closed: true)
  private static let factorRules = Schema(checks: [
    .type(["array", "null"]),
    .items(Schema(checks: [.type(["array"]), .items(text), .leastItems(1), .unique])),
    .unique,
  ])
  /// A role by id or by name.
  static let roleReferences = Schema(checks: [
    .type(["array"]),
    .items(
      Schema(checks: [
        .type(["object"]), .properties([("id", id), ("name", name)]), .leastMembers(1),
        .mostMembers(1), .noOther(["id", "name"]),
      ])),
  ])

  static func text(_ least: Int, _ most: Int, _ pattern: Pattern? = nil) -> Schema {
    var checks: [Check] = [.type(["string"])]
    checks.append(.least(least))
    checks.append(.most(most))
    if let pattern { checks.append(.pattern(pattern)) }
    return Schema(checks: checks)
  }

  static func textOrNull(most: Int) -> Schema {
    Schema(checks: [.type(["string", "null"]), .most(most)])
  }

  static func choice(_ values: String...) -> Schema {
    Schema(checks: [.type(["string"]), .oneOfValues(values.map(JSONValue.string))])
  }

  static func integerOrNull(least: Int64) -> Schema {
    Schema(checks: [.type(["integer", "null"]), .least64(least)])
  }

  /// - Parameter closed: no other members than these.
  static func object(
    _ properties: [(String, Schema)], required: [String] = [], filled: Bool = false,
    closed: Bool = false
  ) -> Schema {
    var checks: [Check] = [.type(["object"])]
    checks.append(.properties(properties.map { (name: $0.0, schema: $0.1) }))
    if filled { checks.append(.leastMembers(1)) }
    if !required.isEmpty { checks.append(.required(required)) }
    if closed { checks.append(.noOther(properties.map(\.0))) }
    return Schema(checks: checks)
  }

  /// A body with one member that must be there, unless `optional`.
  static func body(
    _ member: String, _ schema: Schema, optional: Bool = false, closed: Bool = true
  ) -> Schema {
    object([(member, schema)], required: optional ? [] : [member], closed: closed)
  }
}
