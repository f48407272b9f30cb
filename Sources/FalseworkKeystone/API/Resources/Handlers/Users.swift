// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `/users`: identity, passwords, and what a user is a member of.
enum Users {
  private static let columns = [
    "id", "name", "domain_id", "enabled", "default_project_id", "password",
    "password_expires_at", "options", "links", "extra", "federated",
  ]

  static func target(_ id: String, _ store: IdentityStore) -> PolicyTarget {
    guard let user = store.user(id) else { return .none }
    return ["target.user.id": user.id, "target.user.domain_id": user.domainID]
  }

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.User {
    guard let user = store.user(id) else { throw .missingRow("user", id) }
    return user
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(c.caller?.domainID.map { ["target.domain_id": $0] } ?? .none)
    let domain = c.caller?.domainID ?? c.filter("domain_id")
    var rows: [IdentityStore.User] = []
    if let name = c.filter("name"), let domain {
      rows = [store.user(named: name, domainID: domain)].compactMap { $0 }
    } else {
      let name = c.filter("name")
      rows = store.users.filter {
        (name == nil || $0.name == name!) && (domain == nil || $0.domainID == domain!)
      }
    }
    if c.filter("idp_id") != nil || c.filter("protocol_id") != nil || c.filter("unique_id") != nil {
      rows = []
    }
    if let expiry = c.filter("password_expires_at") {
      let wanted = try Self.expiry(expiry)
      rows = rows.filter(wanted)
    }
    return try c.list(
      "users", rows.map { c.linked(c.json($0), "users") },
      filters: ["domain_id", "enabled", "name"])
  }

  /// `lt:2016-12-08T22:02:00Z` and the like; a time alone means equal.
  private static func expiry(
    _ text: String
  ) throws(KeystoneError) -> (IdentityStore.User) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let known = ["lt", "lte", "gt", "gte", "eq", "neq"]
    let isOperator = parts.count == 2 && !parts[0].contains { $0.isNumber }
    if isOperator, !known.contains(parts[0]) {
      throw .badRequest(
        "The given operator \(parts[0]) is not valid. It must be one of the following: 'eq', "
          + "'neq', 'lt', 'lte', 'gt', or 'gte'.")
    }
    guard let time = UTCTime(iso8601: isOperator ? parts[1] : text) else { throw .badTimestamp }
    let comparison = isOperator ? parts[0] : "eq"
    return { user in
      guard let expiry = user.passwordExpiresAt else { return false }
      return switch comparison {
      case "lt": expiry < time
      case "lte": expiry <= time
      case "gt": expiry > time
      case "gte": expiry >= time
      case "neq": expiry != time
      default: expiry == time
      }
    }
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(target(c.parameter(0), store))
    return c.member("user", c.json(try found(c.parameter(0), store)), in: "users")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let member = c.member("user")
    try c.require(["target.user.domain_id": member["domain_id"]?.string])
    let domainID = c.domainID(member)
    guard let domain = store.domain(domainID) else { throw .missingRow("domain", domainID) }
    var user = IdentityStore.User(
      id: c.newID(), name: Self.name(member), domainID: domain.id,
      password: member["password"]?.string.map { c.kept($0) },
      enabled: try Self.enabled(member, otherwise: true))
    if user.password != nil { user.passwordCreatedAt = c.now }
    try apply(member, to: &user, store)
    try checkName(user, store)
    store.put(user)
    return c.member("user", c.json(user), in: "users")
  }

  private static func name(_ member: JSONObject) -> String {
    Text.stripped(member["name"]?.string ?? "")
  }

  /// The schemas let words for it through, which then break the database.
  static func enabled(_ member: JSONObject, otherwise: Bool) throws(KeystoneError) -> Bool {
    switch member["enabled"] ?? .null {
    case .bool(let flag): return flag
    case .string: throw .unexpected
    case .null, .number, .array, .object: return otherwise
    }
  }

  private static func apply(
    _ member: JSONObject, to user: inout IdentityStore.User, _ store: IdentityStore
  ) throws(KeystoneError) {
    if let project = member["default_project_id"] {
      user.defaultProjectID = project.string
      if let id = project.string, store.domain(id) != nil {
        throw .badRequest("User's default project ID cannot be a domain ID: \(id)")
      }
    }
    Options.merge(member["options"], into: &user.options)
    user.extra.merge(member.filter { !columns.contains($0) })
  }

  private static func checkName(
    _ user: IdentityStore.User, _ store: IdentityStore
  ) throws(KeystoneError) {
    if let other = store.user(named: user.name, domainID: user.domainID), other.id != user.id {
      throw .conflict(
        "user",
        "Duplicate entry found with name \(user.name) at domain ID \(user.domainID)")
    }
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    let old = try found(id, store)
    let member = c.member("user")
    try c.requireSameID(id, member)
    if let domain = member["domain_id"]?.string, domain != old.domainID {
      throw .badRequest("Cannot change Domain ID")
    }
    var user = old
    if member["name"] != nil { user.name = name(member) }
    user.enabled = try enabled(member, otherwise: old.enabled)
    if let password = member["password"] {
      user.password = password.string.map { c.kept($0) }
      user.passwordCreatedAt = c.now
    }
    try apply(member, to: &user, store)
    try checkName(user, store)
    store.put(user)
    if member["password"] != nil || old.enabled && !user.enabled {
      store.revoke(.user(id), now: c.now)
    }
    return c.member("user", c.json(user, echoed: true), in: "users")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    _ = try found(id, store)
    store.deleteUser(id)
    store.revoke(.user(id), now: c.now)
    return c.done
  }

  /// Needs no token: who changes the password proves who they are with the old one.
  static func changePassword(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let member = c.body["user"] ?? .object([:])
    if let complaint = Schema.passwordChange.firstComplaint(member) {
      throw KeystoneError(complaint, c.release)
    }
    guard var user = store.user(c.parameter(0)), user.enabled,
      let original = member["original_password"]?.string,
      try c.hasher.isRight(original, user.password)
    else { throw .unauthorized }
    if user.options["lock_password"] == .bool(true) {
      throw .badRequest(
        "You cannot change your password at this time due to password policy disallowing password "
          + "changes. Please contact your administrator to reset your password.")
    }
    user.password = member["password"]?.string.map { c.kept($0) }
    user.passwordCreatedAt = c.now
    user.passwordExpiresAt = nil
    store.put(user)
    store.revoke(.user(user.id), now: c.now)
    return c.done
  }

  static func projects(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    _ = try found(id, store)
    let rows = Assignments.projects(of: id, store)
    return try c.list(
      "projects", rows.map { c.linked(c.json($0), "projects") },
      filters: ["domain_id", "enabled", "name"])
  }

  static func groups(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    _ = try found(id, store)
    var rows = store.groupIDs(of: id).compactMap { store.group($0) }
    if let domain = c.caller?.domainID { rows = rows.filter { $0.domainID == domain } }
    return try c.list(
      "groups",
      rows.map { group in
        var row = c.json(group)
        if c.release.number >= 18 { row["membership_expires_at"] = .null }
        return c.linked(row, "groups")
      }, filters: ["name"])
  }
}

/// Options of a row: a null takes one away.
enum Options {
  static func merge(_ given: JSONValue?, into options: inout JSONObject) {
    for (name, value) in given?.object?.members ?? [] {
      options[name] = value == .null ? nil : value
    }
  }

  static func isImmutable(_ options: JSONObject) -> Bool { options["immutable"] == .bool(true) }

  /// Of an immutable row nothing may change, unless the change ends just that.
  static func checkUpdate(
    _ options: JSONObject, _ member: JSONObject, _ type: String, _ id: String
  ) throws(KeystoneError) {
    guard isImmutable(options) else { return }
    let given = member["options"]?["immutable"]
    if let given, given != .bool(true) { return }
    throw refusal("update", type, id)
  }

  static func checkDelete(
    _ options: JSONObject, _ type: String, _ id: String
  ) throws(KeystoneError) {
    if isImmutable(options) { throw refusal("delete", type, id) }
  }

  private static func refusal(_ verb: String, _ type: String, _ id: String) -> KeystoneError {
    // The stray back quote is Keystone's.
    .refused(
      "Unable to \(verb) immutable \(type) resource: `\(id). Set resource option \"immutable\" to "
        + "false first.")
  }
}

enum Text {
  static func stripped(_ text: String) -> String {
    var view = Substring(text)
    while view.first?.isWhitespace == true { view.removeFirst() }
    while view.last?.isWhitespace == true { view.removeLast() }
    return String(view)
  }
}

extension KeystoneError {
  static let badTimestamp = badRequest(
    "Timestamp not in expected format. The server could not comply with the request since it is "
      + "either malformed or otherwise incorrect. The client is assumed to be in error.")
  static let expiresBeforeNow = badRequest(
    "The 'expires_at' must not be before now. The server could not comply with the request since "
      + "it is either malformed or otherwise incorrect. The client is assumed to be in error.")
}
