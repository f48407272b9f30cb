// SPDX-License-Identifier: Apache-2.0

/// What `POST /v3/auth/tokens` takes (`keystone/auth/schema.py`).
extension AuthRequest {
  private static let text: JSONValue = .object(["type": .string("string")])
  private static let flag: JSONValue = .object([
    "type": .string("boolean"), "enum": .array([.bool(true), .bool(false), .null]),
  ])

  private static func object(_ properties: JSONObject, required: [String] = []) -> JSONValue {
    var schema: JSONObject = ["type": .string("object"), "properties": .object(properties)]
    if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
    return .object(schema)
  }

  private static let reference = object(["id": text, "name": text])

  static let schema = JSONSchema(
    schema: object(
      [
        "identity": object(
          [
            "methods": .object(["type": .string("array"), "items": text]),
            "password": object([
              "user": object(["id": text, "name": text, "password": text, "domain": reference])
            ]),
            "token": object(["id": text], required: ["id"]),
          ], required: ["methods"]),
        "scope": .object([
          "type": .array([.string("object"), .string("string")]),
          "properties": .object([
            "project": object(["name": text, "id": text, "domain": reference]),
            "domain": reference,
            "OS-TRUST:trust": object(["id": text]),
            "system": object(["all": flag]),
          ]),
        ]),
      ], required: ["identity"]))

  /// What must be there besides, in the words of its own that Keystone has for it.
  static func checkReferences(_ auth: JSONValue) throws(KeystoneError) {
    func check(_ value: JSONValue?, _ field: String) throws(KeystoneError) {
      guard let value, value != .null, value["id"] == nil, value["name"] == nil else { return }
      throw .badRequest("Invalid input for field \(field): id or name must be present.")
    }
    let user = auth["identity"]?["password"]?["user"]
    try check(user, "identity/password/user")
    try check(user?["domain"], "identity/password/user/domain")
    let scope = auth["scope"]
    try check(scope?["project"], "scope/project")
    try check(scope?["project"]?["domain"], "scope/project/domain")
    try check(scope?["domain"], "scope/domain")
  }
}
