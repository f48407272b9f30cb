// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone

/// A grant, as Keystone's table `assignment` has it; grants on the system among them.
struct KeptGrant: Codable {
  var type: String
  var actorID: String
  var targetID: String
  var roleID: String
  var inherited: Bool

  init(_ grant: IdentityStore.Grant) {
    let actor: String
    switch grant.actor {
    case .user(let id): (actor, actorID) = ("User", id)
    case .group(let id): (actor, actorID) = ("Group", id)
    }
    switch grant.target {
    case .project(let id): (type, targetID) = (actor + "Project", id)
    case .domain(let id): (type, targetID) = (actor + "Domain", id)
    case .system: (type, targetID) = (actor + "System", "system")
    }
    roleID = grant.roleID
    inherited = grant.inherited
  }

  /// Nil if the type is none of Keystone's.
  var grant: IdentityStore.Grant? {
    let isUser = type.hasPrefix("User")
    guard isUser || type.hasPrefix("Group") else { return nil }
    let target: IdentityStore.Target
    switch type.dropFirst(isUser ? 4 : 5) {
    case "Project": target = .project(targetID)
    case "Domain": target = .domain(targetID)
    case "System": target = .system
    default: return nil
    }
    return IdentityStore.Grant(
      actor: isUser ? .user(actorID) : .group(actorID), roleID: roleID, target: target,
      inherited: inherited)
  }
}

/// A credential: its secret is encrypted, as in Keystone from Newton on.
struct KeptCredential: Codable {
  var id: String
  var userID: String
  var projectID: String?
  var type: String
  var encryptedBlob: String
  var keyHash: String
  var extra: JSONObject
}

/// A token that is kept: those of the providers uuid, pki and pkiz.
struct KeptToken: Codable {
  struct Body: Codable {
    var methods: [String]
    var issuedAt: UTCTime
    var auditIDs: [String]
    var projectID: String?
    var domainID: String?
    var system: String?
    var groupIDs: [String]?
    var identityProviderID: String?
    var protocolID: String?
    var accessTokenID: String?
    var applicationCredentialID: String?
    var thumbprint: String?
  }

  var id: String
  var expires: UTCTime
  var extra: Body
  var valid: Bool
  var userID: String
  var trustID: String?

  init(_ token: IdentityStore.StoredToken, id: String) {
    let payload = token.payload
    self.id = id
    expires = payload.expiresAt
    valid = token.valid
    userID = payload.userID
    trustID = payload.trustID
    extra = Body(
      methods: payload.methods, issuedAt: payload.issuedAt, auditIDs: payload.auditIDs,
      projectID: payload.projectID, domainID: payload.domainID, system: payload.system,
      groupIDs: payload.federation?.groupIDs,
      identityProviderID: payload.federation?.identityProviderID,
      protocolID: payload.federation?.protocolID, accessTokenID: payload.accessTokenID,
      applicationCredentialID: payload.applicationCredentialID, thumbprint: payload.thumbprint)
  }

  var payload: TokenPayload {
    var payload = TokenPayload(
      userID: userID, methods: extra.methods, expiresAt: expires, issuedAt: extra.issuedAt,
      auditIDs: extra.auditIDs)
    payload.projectID = extra.projectID
    payload.domainID = extra.domainID
    payload.system = extra.system
    payload.trustID = trustID
    payload.accessTokenID = extra.accessTokenID
    payload.applicationCredentialID = extra.applicationCredentialID
    payload.thumbprint = extra.thumbprint
    if let provider = extra.identityProviderID, let name = extra.protocolID {
      payload.federation = .init(
        groupIDs: extra.groupIDs ?? [], identityProviderID: provider, protocolID: name)
    }
    return payload
  }
}
