// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `/users/{user_id}/application_credentials` and `/users/{user_id}/access_rules`.
enum ApplicationCredentials {
  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ApplicationCredential {
    guard let row = store.applicationCredentials[id] else {
      throw .missingRow("Application Credential", id)
    }
    return row
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let rows = store.rows(IdentityStore.ApplicationCredential.self, .user, c.parameter(0))
    return try c.list(
      "application_credentials",
      rows.map { c.linked(c.json($0, store), "application_credentials") }, filters: ["name"])
  }

  /// The owner that counts is the credential's, whatever the path says.
  private static func known(
    _ c: inout ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ApplicationCredential {
    let row = store.applicationCredentials[c.parameter(1)]
    try c.require(row.map { ["user_id": $0.userID] } ?? .none)
    return try found(c.parameter(1), store)
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let row = try known(&c, store)
    return c.member("application_credential", c.json(row, store), in: "application_credentials")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let row = try known(&c, store)
    try checkUnrestricted(c, store)
    store.remove(IdentityStore.ApplicationCredential.self, row.id)
    store.revoke(.applicationCredential(row.id), now: c.now)
    return c.done
  }

  /// A restricted one may not make or delete others.
  static func checkUnrestricted(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) {
    guard let id = c.caller?.token.applicationCredentialID,
      store.applicationCredentials[id]?.unrestricted != true
    else { return }
    throw .forbidden(
      "Using method 'application_credential' is not allowed for managing additional application "
        + "credentials.")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    try checkUnrestricted(c, store)
    let member = c.member("application_credential")
    let userID = c.parameter(0)
    guard let caller = c.caller, caller.userID == userID else {
      throw .forbidden("Cannot create an application credential for another user.")
    }
    let secret =
      member["secret"]?.string.flatMap { $0.isEmpty ? nil : $0 }
      ?? Base64URL.encode(c.generator.bytes(64))
    var row = IdentityStore.ApplicationCredential(
      id: c.newID(), name: Text.stripped(member["name"]?.string ?? ""), userID: userID,
      projectID: caller.projectID, secret: c.kept(secret))
    row.description = member["description"]?.string
    row.unrestricted = member["unrestricted"]?.bool
    row.roleIDs = try roleIDs(member, caller, store)
    if let text = member["expires_at"]?.string {
      row.expiresAt = try expiry(text, now: c.now)
    }
    let other: IdentityStore.ApplicationCredential? = store.row(
      named: UniqueName(row.name, in: userID))
    if other != nil {
      throw .conflict("application_credential", "Duplicate entry found with name \(row.name)")
    }
    row.accessRuleIDs = try accessRules(member, userID, &c, &store)
    store.put(row)
    var json = c.json(row, store)
    json["secret"] = .string(secret)
    return c.member("application_credential", json, in: "application_credentials")
  }

  private static func roleIDs(
    _ member: JSONObject, _ caller: Caller, _ store: IdentityStore
  ) throws(KeystoneError) -> [String] {
    let own = store.roles.filter { role in
      role.domainID == nil && caller.roles.contains(role.name)
    }.map(\.id)
    guard let asked = member["roles"]?.array, !asked.isEmpty else { return own }
    let ids = store.implied(by: try references(asked, store))
    guard ids.allSatisfy(own.contains) else {
      throw .badRequest(
        "Invalid application credential: Cannot create an application credential with unassigned "
          + "role")
    }
    return ids
  }

  /// Roles by id or name.
  static func references(
    _ roles: [JSONValue], _ store: IdentityStore
  ) throws(KeystoneError) -> [String] {
    var ids: [String] = []
    for role in roles {
      if let id = role["id"]?.string {
        ids.append(id)
        continue
      }
      let name = role["name"]?.string ?? ""
      guard let found: IdentityStore.Role = store.row(named: UniqueName(name, in: nil)) else {
        throw .notFound("Role \(name) is not defined")
      }
      ids.append(found.id)
    }
    return ids
  }

  static func expiry(_ text: String, now: UTCTime) throws(KeystoneError) -> UTCTime {
    guard let time = UTCTime(iso8601: text) else { throw .badTimestamp }
    guard time > now else { throw .expiresBeforeNow }
    return time
  }

  /// Rules that are named by id are shared; the others are new, or one that is the same.
  private static func accessRules(
    _ member: JSONObject, _ userID: String, _ c: inout ResourceContext,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> [String] {
    var ids: [String] = []
    for rule in member["access_rules"]?.array ?? [] {
      if let id = rule["id"]?.string {
        // An unknown one breaks Keystone.
        guard store.accessRules.contains(key: id) else { throw .unexpected }
        ids.append(id)
        continue
      }
      var row = IdentityStore.AccessRule(
        id: c.newID(), userID: userID, service: rule["service"]?.string ?? "",
        path: rule["path"]?.string ?? "", method: rule["method"]?.string ?? "")
      let same = store.rows(IdentityStore.AccessRule.self, .user, userID).first {
        $0.service == row.service && $0.path == row.path && $0.method == row.method
      }
      row = same ?? row
      store.put(row)
      ids.append(row.id)
    }
    return ids
  }

  // MARK: Access rules

  static func listRules(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(Users.target(c.parameter(0), store))
    let rows = store.rows(IdentityStore.AccessRule.self, .user, c.parameter(0))
    return try c.list(
      "access_rules", rows.map { c.linked(c.json($0), "access_rules") },
      filters: ["service", "path", "method"])
  }

  private static func rule(
    _ c: inout ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.AccessRule {
    try c.require(Users.target(c.parameter(0), store))
    guard let rule = store.accessRules[c.parameter(1)] else {
      throw .missingRow("Access Rule", c.parameter(1))
    }
    return rule
  }

  static func showRule(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let row = try rule(&c, store)
    return c.member("access_rule", c.json(row), in: "access_rules")
  }

  static func deleteRule(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let row = try rule(&c, store)
    if store.applicationCredentials.contains(where: { $0.accessRuleIDs.contains(row.id) }) {
      throw .refused("May not delete access rule in use")
    }
    store.remove(IdentityStore.AccessRule.self, row.id)
    return c.done
  }
}

extension UTCTime {
  /// ISO 8601 as `oslo_utils.timeutils.parse_isotime` reads it: date, time, an offset or none, a
  /// fraction or none. Nil if it is not that.
  init?(iso8601 text: String) {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count, bytes[range].allSatisfy({ $0 &- 0x30 < 10 }) else {
        return nil
      }
      return bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    guard bytes.count >= 19, bytes[4] == 0x2D, bytes[7] == 0x2D,
      bytes[10] == 0x54 || bytes[10] == 0x20, bytes[13] == 0x3A, bytes[16] == 0x3A,
      let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
      let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    var at = 19
    var nanoseconds: Int64 = 0
    if at < bytes.count, bytes[at] == 0x2E {
      at += 1
      var unit: Int64 = 100_000_000
      while at < bytes.count, bytes[at] &- 0x30 < 10 {
        nanoseconds += Int64(bytes[at] - 0x30) * unit
        unit /= 10
        at += 1
      }
    }
    var offset: Int64 = 0
    let rest = bytes[at...]
    if rest.count == 6, rest[at] == 0x2B || rest[at] == 0x2D, rest[at + 3] == 0x3A,
      let hours = number(at + 1..<at + 3), let minutes = number(at + 4..<at + 6)
    {
      offset = Int64(hours * 3_600 + minutes * 60) * (rest[at] == 0x2B ? 1 : -1)
    } else if !rest.isEmpty, rest != [0x5A] {
      return nil
    }
    let seconds =
      Self.days(year, month, day) * 86_400 + Int64(hour * 3_600 + minute * 60 + second) - offset
    self.init(nanoseconds: seconds * 1_000_000_000 + nanoseconds)
  }

  /// Days since 1970 (Hinnant, "chrono-compatible low-level date algorithms").
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }
}
