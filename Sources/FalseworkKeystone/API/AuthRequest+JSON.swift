// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// A body of `POST /v3/auth/tokens` (Identity API v3, "Authentication and token management").
extension AuthRequest {
  init(json body: [UInt8]) throws(KeystoneError) {
    guard !body.isEmpty, let root = try? JSONDecoder().decode(JSONValue.self, from: Data(body)),
      case .object = root
    else {
      // Keystone takes an empty body for an empty object.
      throw body.isEmpty
        ? .missing("auth", in: "request body") : .missing("valid JSON", in: "request body")
    }
    guard let auth = root["auth"] else { throw .missing("auth", in: "request body") }
    guard let identity = auth["identity"] else { throw Self.required("identity", in: auth) }
    guard case .array(let names)? = identity["methods"] else {
      throw Self.required("methods", in: identity)
    }
    self.init(
      methods: names.compactMap(\.string), user: nil, password: nil, token: nil,
      scope: try Self.scope(auth["scope"]))
    guard !methods.isEmpty, methods.count == names.count else {
      throw .badRequest("'methods' must be a list of method names.")
    }
    if methods.contains("password") {
      guard let data = identity["password"] else { throw .missing("password", in: "identity") }
      guard let user = data["user"] else { throw .missing("user", in: "password") }
      self.user = try Self.user(user)
      password = user["password"]?.string
    }
    if methods.contains("token") {
      guard let data = identity["token"] else { throw .missing("token", in: "identity") }
      guard let id = data["id"]?.string else { throw .missing("id", in: "token") }
      token = id
    }
  }

  private static func required(_ name: String, in value: JSONValue) -> KeystoneError {
    .badRequest("'\(name)' is a required property")
  }

  private static func user(_ user: JSONValue) throws(KeystoneError) -> UserReference {
    if let id = user["id"]?.string { return .id(id) }
    guard let name = user["name"]?.string else { throw .missing("id or name", in: "user") }
    guard let domain = user["domain"] else { throw .missing("domain", in: "user") }
    return .name(name, try Self.domain(domain))
  }

  private static func domain(_ domain: JSONValue) throws(KeystoneError) -> DomainReference {
    if let id = domain["id"]?.string { return .id(id) }
    guard let name = domain["name"]?.string else { throw .missing("id or name", in: "domain") }
    return .name(name)
  }

  private static func scope(_ value: JSONValue?) throws(KeystoneError) -> Scope {
    guard let value else { return .unstated }
    if value.string == "unscoped" { return .unscoped }
    guard case .object(let members) = value else { throw .badRequest("Invalid scope") }
    let known = ["project", "domain", "system", "unscoped", "OS-TRUST:trust"]
    guard members.keys.filter(known.contains).count == 1 else {
      throw .missing("system, project, domain, OS-TRUST:trust or unscoped", in: "scope")
    }
    if value["unscoped"] != nil { return .unscoped }
    if value["system"] != nil { return .system }
    if let domain = value["domain"] { return .domain(try Self.domain(domain)) }
    guard let project = value["project"] else {
      // Trusts belong to a later release of this program; nobody has one here.
      throw .unauthorized
    }
    if let id = project["id"]?.string { return .projectID(id) }
    guard let name = project["name"]?.string else { throw .missing("id or name", in: "project") }
    guard let domain = project["domain"] else { throw .missing("domain", in: "project") }
    return .projectName(name, try Self.domain(domain))
  }
}

/// JSON of any shape, for reading only.
enum JSONValue: Decodable, Equatable {
  case object([String: JSONValue])
  case array([JSONValue])
  case string(String)
  case other

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.singleValueContainer() {
      if let text = try? container.decode(String.self) {
        self = .string(text)
      } else if let members = try? container.decode([String: JSONValue].self) {
        self = .object(members)
      } else if let elements = try? container.decode([JSONValue].self) {
        self = .array(elements)
      } else {
        self = .other
      }
    } else {
      self = .other
    }
  }

  subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
