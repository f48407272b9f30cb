// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto

/// `/credentials`, and key pairs for EC2 under `/users/{user_id}/credentials/OS-EC2`, which are
/// credentials of the type `ec2`.
enum Credentials {
  private static let columns = ["id", "user_id", "project_id", "type", "blob", "links"]

  private static func target(_ userID: String?) -> PolicyTarget {
    ["target.credential.user_id": userID]
  }

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Credential {
    guard let credential = store.credentials[id] else { throw .missingRow("credential", id) }
    return credential
  }

  /// Only what the caller may see one by one.
  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    guard let caller = c.caller else { throw .unauthorized }
    try c.require(caller.isSystemScoped ? .none : target(caller.userID))
    let context = c
    let rows = store.credentials.filter {
      context.policy.allows("identity:get_credential", caller, target($0.userID))
    }
    return try c.list(
      "credentials", rows.map { c.linked(c.json($0), "credentials") }, filters: ["user_id", "type"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(store.credentials[id].map { target($0.userID) } ?? .none)
    return c.member("credential", c.json(try found(id, store)), in: "credentials")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let member = c.member("credential")
    try c.require(target(member["user_id"]?.string))
    let type = member["type"]?.string ?? ""
    var id = c.newID()
    var blob = member["blob"]?.string ?? ""
    if type.lowercased() == "ec2" {
      if member["project_id"] == nil {
        // The schema's last word: an EC2 credential is for a project.
        throw KeystoneError(
          Schema.Complaint(
            field: "credential", value: .object(member),
            message: "'project_id' is a required property"), c.release)
      }
      var pair = try Self.pair(blob)
      id = hash(pair["access"]?.string ?? "")
      let delegation = [
        ("trust_id", c.caller?.token.trustID),
        ("app_cred_id", c.caller?.token.applicationCredentialID),
        ("access_token_id", c.caller?.token.accessTokenID),
      ]
      for (name, value) in delegation where value != nil {
        pair[name] = JSONValue(value)
        blob = JSONValue.object(pair).text
      }
    }
    if store.credentials.contains(key: id) {
      throw .conflict("credential", "Duplicate entry found with ID \(id)")
    }
    var credential = IdentityStore.Credential(
      id: id, userID: member["user_id"]?.string ?? "", projectID: member["project_id"]?.string,
      type: type, blob: blob)
    credential.extra = member.filter { !columns.contains($0) }
    store.put(credential)
    return c.member("credential", c.json(credential), in: "credentials")
  }

  /// The blob of an EC2 credential.
  private static func pair(_ blob: String) throws(KeystoneError) -> JSONObject {
    guard let value = JSONValue(Array(blob.utf8).span) else {
      throw .badRequest("Invalid blob in credential")
    }
    guard case .object(let pair) = value, !pair.isEmpty else {
      throw .missing("blob", in: "credential")
    }
    guard pair["access"]?.string != nil else { throw .missing("access", in: "credential") }
    return pair
  }

  static func hash(_ access: String) -> String {
    UUIDText.text(of: SHA256.digest(Array(access.utf8)))
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(store.credentials[id].map { target($0.userID) } ?? .none)
    var credential = try found(id, store)
    let member = c.member("credential")
    if c.release.number >= 30, let name = member.keys.first(where: { $0 != "blob" }) {
      throw KeystoneError(
        Schema.Complaint(
          field: "credential", value: .object(member),
          message:
            "Additional properties are not allowed (\(JSONValue.quoted(name)) was unexpected)"
        ), c.release)
    }
    if credential.type.lowercased() == "ec2" {
      let new = try pair(member["blob"]?.string ?? credential.blob)
      let old = (try? pair(credential.blob)) ?? [:]
      for name in ["trust_id", "app_cred_id", "access_token_id", "access_id"]
      where old[name] ?? .null != new[name] ?? .null {
        throw .badRequest("\(name) can not be updated for credential")
      }
    }
    try c.requireSameID(id, member)
    if let user = member["user_id"]?.string { credential.userID = user }
    try c.require(target(credential.userID))
    if let project = member["project_id"] { credential.projectID = project.string }
    if let type = member["type"]?.string { credential.type = type }
    if let blob = member["blob"]?.string { credential.blob = blob }
    credential.extra.merge(member.filter { !columns.contains($0) })
    store.put(credential)
    return c.member("credential", c.json(credential), in: "credentials")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(store.credentials[id].map { target($0.userID) } ?? .none)
    store.remove(IdentityStore.Credential.self, try found(id, store).id)
    return c.done
  }

  // MARK: EC2

  private static func ec2(
    _ c: ResourceContext, _ credential: IdentityStore.Credential
  ) -> JSONObject {
    let blob = JSONValue(Array(credential.blob.utf8).span)
    let access = blob?["access"] ?? .null
    return [
      "user_id": .string(credential.userID), "tenant_id": JSONValue(credential.projectID),
      "access": access, "secret": blob?["secret"] ?? .null,
      "trust_id": blob?["trust_id"] ?? .null,
      "links": .object([
        "self": .string(
          "\(c.url)/users/\(credential.userID)/credentials/OS-EC2/\(access.string ?? "")")
      ]),
    ]
  }

  static func listEC2(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let user = try Users.found(c.parameter(0), store)
    let rows = store.rows(IdentityStore.Credential.self, .user, user.id)
      .filter { $0.type == "ec2" }
    return try c.list("credentials", rows.map { ec2(c, $0) })
  }

  static func createEC2(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(target(c.parameter(0)))
    let user = try Users.found(c.parameter(0), store)
    let project = c.body["tenant_id"]?.string ?? "None"
    guard store.project(project) != nil else { throw .missingRow("project", project) }
    let pair: JSONObject = [
      "access": .string(c.newID()), "secret": .string(c.newID()),
      "trust_id": JSONValue(c.caller?.token.trustID),
    ]
    let credential = IdentityStore.Credential(
      id: hash(pair["access"]?.string ?? ""), userID: user.id, projectID: project, type: "ec2",
      blob: JSONValue.object(pair).text)
    store.put(credential)
    return c.answer(["credential": .object(ec2(c, credential))])
  }

  private static func known(
    _ c: inout ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Credential {
    guard c.caller != nil else { throw .unauthorized }
    let credential = try found(hash(c.parameter(1)), store)
    try c.require(target(credential.userID))
    _ = try Users.found(c.parameter(0), store)
    guard credential.type == "ec2" else { throw .unauthorized }
    return credential
  }

  static func showEC2(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    c.answer(["credential": .object(ec2(c, try known(&c, store)))])
  }

  static func deleteEC2(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    store.remove(IdentityStore.Credential.self, try known(&c, store).id)
    return c.done
  }
}
