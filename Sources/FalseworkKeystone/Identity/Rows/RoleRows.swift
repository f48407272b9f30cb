// SPDX-License-Identifier: Apache-2.0

extension IdentityStore {
  package struct Role: StoredRow {
    package var id: String
    package var name: String
    /// A role of one domain is for that domain's managers to imply others by; no token shows it.
    package var domainID: String?
    package var description: String?
    package var options = JSONObject()
    package var extra = JSONObject()

    package init(id: String, name: String, domainID: String? = nil) {
      self.id = id
      self.name = name
      self.domainID = domainID
    }

    package static let kind = Kind.role
    package static var table: WritableKeyPath<IdentityStore, Table<Role>> { \.roles }
    package var key: String { id }
    package var uniqueName: UniqueName? { UniqueName(name, in: domainID) }
  }

  package struct ImpliedRole: StoredRow {
    package var priorRoleID, impliedRoleID: String

    package init(priorRoleID: String, impliedRoleID: String) {
      self.priorRoleID = priorRoleID
      self.impliedRoleID = impliedRoleID
    }

    package static let kind = Kind.impliedRole
    package static var table: WritableKeyPath<IdentityStore, Table<ImpliedRole>> { \.impliedRoles }
    package var key: String { joinedKey(priorRoleID, impliedRoleID) }
    package var references: [Reference] {
      [
        Reference(.impliedRole, .role, priorRoleID),
        Reference(.impliedRole, .other, impliedRoleID),
      ]
    }
  }

  package enum Target: Hashable, Codable, Sendable {
    case project(String)
    case domain(String)
    case system
  }

  package enum Actor: Hashable, Codable, Sendable {
    case user(String)
    case group(String)
  }

  package struct Grant: StoredRow {
    package var actor: Actor
    package var roleID: String
    package var target: Target
    /// Not on the target itself, but on all projects below it (OS-INHERIT).
    package var inherited: Bool

    package init(actor: Actor, roleID: String, target: Target, inherited: Bool = false) {
      self.actor = actor
      self.roleID = roleID
      self.target = target
      self.inherited = inherited
    }

    package static let kind = Kind.grant
    package static var table: WritableKeyPath<IdentityStore, Table<Grant>> { \.grants }

    package var key: String {
      let who = references[0]
      let what = references[1]
      return joinedKey(
        "\(who.column)", who.id, "\(what.column)", what.id, roleID, inherited ? "inherited" : "")
    }

    package var references: [Reference] {
      let who =
        switch actor {
        case .user(let id): Reference(.grant, .user, id)
        case .group(let id): Reference(.grant, .group, id)
        }
      let what =
        switch target {
        case .project(let id): Reference(.grant, .project, id)
        case .domain(let id): Reference(.grant, .domain, id)
        case .system: Reference(.grant, .system, "all")
        }
      return [who, what]
    }
  }
}
