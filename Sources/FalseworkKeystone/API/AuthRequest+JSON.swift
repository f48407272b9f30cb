// SPDX-License-Identifier: Apache-2.0

/// A body of `POST /v3/auth/tokens` (Identity API v3, "Authentication and token management"),
/// checked in Keystone's order: JSON, schema (`keystone/auth/schema.py`), then the methods' data.
extension AuthRequest {
  init(json root: JSONValue) throws(KeystoneError) {
    guard let auth = root["auth"] else { throw .missing("auth", in: "request body") }
    guard let identity = auth["identity"] else { throw .required("identity", at: "") }
    guard let methods = identity["methods"] else { throw .required("methods", at: "identity") }
    guard case .array(let names) = methods else {
      throw .wrongType(at: "identity/methods", expected: "array")
    }
    self.init(
      methods: names.compactMap(\.string), user: nil, password: nil, token: nil,
      scope: try Self.scope(auth["scope"]))
    guard self.methods.count == names.count else {
      throw .wrongType(at: "identity/methods", expected: "string")
    }
    for method in self.methods where identity[method] == nil {
      throw .missing(method, in: "identity")
    }
    if let data = identity["token"], self.methods.contains("token") {
      guard let id = data["id"] else { throw .required("id", at: "identity/token") }
      guard let text = id.string else {
        throw .wrongType(at: "identity/token/id", expected: "string")
      }
      token = text
    }
    if let data = identity["password"], self.methods.contains("password") {
      guard let user = data["user"] else { throw .missing("user", in: "password") }
      self.user = try Self.user(user)
      if let password = user["password"] {
        guard let text = password.string else {
          throw .wrongType(at: "identity/password/user/password", expected: "string")
        }
        self.password = text
      }
    }
  }

  /// A name counts before an id.
  private static func user(_ user: JSONValue) throws(KeystoneError) -> UserReference {
    guard let name = filled(user["name"]) else {
      guard let id = filled(user["id"]) else { throw .missing("id or name", in: "user") }
      return .id(id)
    }
    guard let domain = user["domain"] else { throw .missing("domain", in: "user") }
    return .name(name, try Self.domain(domain))
  }

  private static func domain(_ domain: JSONValue) throws(KeystoneError) -> DomainReference {
    if let name = filled(domain["name"]) { return .name(name) }
    guard let id = filled(domain["id"]) else { throw .missing("id or name", in: "domain") }
    return .id(id)
  }

  private static func filled(_ value: JSONValue?) -> String? {
    guard let text = value?.string, !text.isEmpty else { return nil }
    return text
  }

  private static func scope(_ value: JSONValue?) throws(KeystoneError) -> Scope {
    guard let value else { return .unstated }
    if value.string == "unscoped" { return .unscoped }
    guard case .object(let members) = value else {
      throw .wrongType(at: "scope", expected: "object")
    }
    let known = ["project", "domain", "system", "unscoped", "OS-TRUST:trust"]
    guard members.keys.filter(known.contains).count == 1 else {
      throw .missing("system, project, domain, OS-TRUST:trust or unscoped", in: "scope")
    }
    if value["unscoped"] != nil { return .unscoped }
    if value["system"] != nil { return .system }
    if let domain = value["domain"] { return .domain(try Self.domain(domain)) }
    guard let project = value["project"] else {
      // There are no trusts, so none is found.
      throw .missingRow("trust", value["OS-TRUST:trust"]?["id"]?.string ?? "None")
    }
    guard let name = filled(project["name"]) else {
      guard let id = filled(project["id"]) else { throw .missing("id or name", in: "project") }
      return .projectID(id)
    }
    guard let domain = project["domain"] else { throw .missing("domain", in: "project") }
    return .projectName(name, try Self.domain(domain))
  }
}
