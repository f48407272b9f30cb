// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

extension IdentityStore {
  /// A project, or a domain: in Keystone a domain is a project with `is_domain`.
  package struct Project: StoredRow {
    package var id: String
    package var name: String
    /// Nil: it is a domain itself.
    package var domainID: String?
    package var parentID: String?
    package var isDomain: Bool
    package var enabled = true
    package var description: String? = ""
    package var tags: [String] = []
    package var options = JSONObject()
    package var extra = JSONObject()

    package init(id: String, name: String, domainID: String?, parentID: String? = nil) {
      self.id = id
      self.name = name
      self.domainID = domainID
      self.parentID = parentID ?? domainID
      self.isDomain = domainID == nil
    }

    package static let kind = Kind.project
    package static var table: WritableKeyPath<IdentityStore, Table<Project>> { \.projects }
    package var key: String { id }
    package var uniqueName: UniqueName? { UniqueName(name, in: domainID) }
    package var references: [Reference] {
      var all = domainID.map { [Reference(.project, .domain, $0)] } ?? []
      if let parentID { all.append(Reference(.project, .parent, parentID)) }
      return all
    }
  }

  package typealias Domain = Project

  package struct User: StoredRow {
    package var id: String
    package var name: String
    package var domainID: String
    /// As it is kept: the word itself, or its hash where hashing is asked for. Nil: none is set, and
    /// no password is right.
    package var password: String?
    package var enabled: Bool
    package var defaultProjectID: String?
    package var passwordExpiresAt: UTCTime?
    package var passwordCreatedAt: UTCTime?
    package var options = JSONObject()
    /// Attributes without a column, such as `email` and `description`.
    package var extra = JSONObject()

    package init(
      id: String, name: String, domainID: String, password: String?, enabled: Bool = true
    ) {
      self.id = id
      self.name = name
      self.domainID = domainID
      self.password = password
      self.enabled = enabled
    }

    package static let kind = Kind.user
    package static var table: WritableKeyPath<IdentityStore, Table<User>> { \.users }
    package var key: String { id }
    package var uniqueName: UniqueName? { UniqueName(name, in: domainID) }
  }

  package struct Group: StoredRow {
    package var id: String
    package var name: String
    package var domainID: String
    package var description: String?
    package var extra = JSONObject()

    package init(id: String, name: String, domainID: String) {
      self.id = id
      self.name = name
      self.domainID = domainID
    }

    package static let kind = Kind.group
    package static var table: WritableKeyPath<IdentityStore, Table<Group>> { \.groups }
    package var key: String { id }
    package var uniqueName: UniqueName? { UniqueName(name, in: domainID) }
  }

  package struct Membership: StoredRow {
    package var userID, groupID: String

    package init(userID: String, groupID: String) {
      self.userID = userID
      self.groupID = groupID
    }

    package static let kind = Kind.membership
    package static var table: WritableKeyPath<IdentityStore, Table<Membership>> { \.memberships }
    package var key: String { joinedKey(userID, groupID) }
    package var references: [Reference] {
      [Reference(.membership, .user, userID), Reference(.membership, .group, groupID)]
    }
  }
}
