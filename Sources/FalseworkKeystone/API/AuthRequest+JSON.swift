// SPDX-License-Identifier: Apache-2.0

/// A body of `POST /v3/auth/tokens` (Identity API v3, "Authentication and token management").
///
/// Keystone checks it in four steps: against the schema, then that each method has data, then the
/// scope, then each method its own data. The first two are done here; for the others the JSON is
/// kept, because rows are looked up in between.
extension AuthRequest {
  init(json root: JSONValue, fields: APIRequest.Fields, target: String) throws(KeystoneError) {
    guard let auth = root["auth"], auth != .null else {
      throw .missing("auth", in: "request body")
    }
    if let complaint = Self.schema.complaint(auth) { throw .badRequest(complaint) }
    try Self.checkReferences(auth)
    guard let identity = auth["identity"], let names = identity["methods"]?.array else {
      preconditionFailure("the schema lets this pass: \(auth)")
    }
    var methods: [String] = []
    for name in names.compactMap(\.string) where !methods.contains(name) { methods.append(name) }
    for method in methods where identity[method] == nil { throw .missing(method, in: "identity") }
    self.init(methods: methods, user: nil, password: nil, token: nil, scope: .unstated)
    sent = Sent(identity: identity, scope: auth["scope"], fields: fields, target: target)
  }

  /// A user as a method's data names one; a name counts before an id.
  static func user(in data: JSONValue) throws(KeystoneError) -> UserReference {
    guard case .object(let members) = data else {
      throw .badRequest("argument of type '\(pythonType(data))' is not iterable")
    }
    // The name of the method is set too late to be in this text.
    guard let user = members["user"] else { throw .missing("user", in: "None") }
    guard let name = filled(user["name"]) else {
      guard let id = filled(user["id"]) else { throw .missing("id or name", in: "user") }
      return .id(id)
    }
    guard let domain = user["domain"] else { throw .missing("domain", in: "user") }
    return .name(name, try Self.domain(domain))
  }

  static func domain(_ domain: JSONValue) throws(KeystoneError) -> DomainReference {
    if let name = filled(domain["name"]) { return .name(name) }
    guard let id = filled(domain["id"]) else { throw .missing("id or name", in: "domain") }
    return .id(id)
  }

  static func filled(_ value: JSONValue?) -> String? {
    guard let text = value?.string, !text.isEmpty else { return nil }
    return text
  }

  static func pythonType(_ value: JSONValue) -> String {
    switch value {
    case .object: "dict"
    case .array: "list"
    case .string: "str"
    case .number(let text): text.contains(".") ? "float" : "int"
    case .bool: "bool"
    case .null: "NoneType"
    }
  }

  /// What is asked for; exactly one thing.
  static func scope(_ value: JSONValue?, _ release: Release) throws(KeystoneError) -> Scope {
    guard let value else { return .unstated }
    var known = ["project", "domain", "OS-TRUST:trust", "unscoped"]
    if release.hasSystemScope { known.insert("system", at: 0) }
    let named = known.filter { name in
      // Python finds a piece of a text as it finds a member.
      value.string.map { $0.contains(name) } ?? (value[name] != nil)
    }
    guard named.count == 1 else {
      let list = release.hasSystemScope ? "system, project, domain" : "project, domain"
      throw .missing("\(list), OS-TRUST:trust or unscoped", in: "scope")
    }
    switch named[0] {
    case "unscoped": return .unscoped
    case "system": return .system
    case "domain": return .domain(reference(value["domain"]))
    case "project":
      guard let name = filled(value["project"]?["name"]) else {
        return .projectID(value["project"]?["id"]?.string ?? "")
      }
      guard let domain = value["project"]?["domain"] else {
        throw .missing("domain", in: "project")
      }
      return .projectName(name, reference(domain))
    default:
      guard let id = filled(value["OS-TRUST:trust"]?["id"]) else {
        throw .missing("trust_id", in: "trust")
      }
      return .trust(id)
    }
  }

  /// In a scope an empty id is one that nothing has.
  private static func reference(_ domain: JSONValue?) -> DomainReference {
    filled(domain?["name"]).map { .name($0) } ?? .id(domain?["id"]?.string ?? "")
  }
}
