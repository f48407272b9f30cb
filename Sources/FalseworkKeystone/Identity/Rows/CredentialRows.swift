// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

extension IdentityStore {
  /// An EC2 key pair is one of them: type `ec2`, the id is the SHA-256 of the access key, and the
  /// blob a JSON object with `access`, `secret` and `trust_id`.
  package struct Credential: StoredRow {
    package var id, userID: String
    package var projectID: String?
    package var type: String
    package var blob: String
    package var extra = JSONObject()

    package init(id: String, userID: String, projectID: String?, type: String, blob: String) {
      self.id = id
      self.userID = userID
      self.projectID = projectID
      self.type = type
      self.blob = blob
    }

    package static let kind = Kind.credential
    package static var table: WritableKeyPath<IdentityStore, Table<Credential>> { \.credentials }
    package var key: String { id }
    package var references: [Reference] {
      var all = [Reference(.credential, .user, userID)]
      if let projectID { all.append(Reference(.credential, .project, projectID)) }
      return all
    }
  }

  package struct ApplicationCredential: StoredRow {
    package var id, name, userID: String
    package var description: String?
    package var projectID: String?
    package var system: String?
    package var expiresAt: UTCTime?
    /// Nil and false mean the same, and are told apart in answers.
    package var unrestricted: Bool?
    package var roleIDs: [String] = []
    package var accessRuleIDs: [String] = []
    /// As it is kept: the word, or its hash.
    package var secret: String

    package init(id: String, name: String, userID: String, projectID: String?, secret: String) {
      self.id = id
      self.name = name
      self.userID = userID
      self.projectID = projectID
      self.secret = secret
    }

    package static let kind = Kind.applicationCredential
    package static var table: WritableKeyPath<IdentityStore, Table<ApplicationCredential>> {
      \.applicationCredentials
    }
    package var key: String { id }
    package var uniqueName: UniqueName? { UniqueName(name, in: userID) }
    package var references: [Reference] {
      var all = [Reference(.applicationCredential, .user, userID)]
      if let projectID { all.append(Reference(.applicationCredential, .project, projectID)) }
      return all
    }
  }

  package struct AccessRule: StoredRow {
    package var id, userID, service, path, method: String

    package init(id: String, userID: String, service: String, path: String, method: String) {
      self.id = id
      self.userID = userID
      self.service = service
      self.path = path
      self.method = method
    }

    package static let kind = Kind.accessRule
    package static var table: WritableKeyPath<IdentityStore, Table<AccessRule>> { \.accessRules }
    package var key: String { id }
    package var references: [Reference] { [Reference(.accessRule, .user, userID)] }
  }

  package struct Trust: StoredRow {
    package var id, trustorUserID, trusteeUserID: String
    package var projectID: String?
    package var impersonation: Bool
    package var expiresAt: UTCTime?
    package var remainingUses: Int?
    /// A trust that was deleted or used up stays, and is shown to nobody.
    package var deletedAt: UTCTime?
    package var redelegatedTrustID: String?
    package var redelegationCount = 0
    package var roleIDs: [String] = []
    package var extra = JSONObject()

    package init(
      id: String, trustorUserID: String, trusteeUserID: String, projectID: String?,
      impersonation: Bool
    ) {
      self.id = id
      self.trustorUserID = trustorUserID
      self.trusteeUserID = trusteeUserID
      self.projectID = projectID
      self.impersonation = impersonation
    }

    package static let kind = Kind.trust
    package static var table: WritableKeyPath<IdentityStore, Table<Trust>> { \.trusts }
    package var key: String { id }
    package var references: [Reference] {
      var all = [
        Reference(.trust, .trustor, trustorUserID), Reference(.trust, .trustee, trusteeUserID),
      ]
      if let projectID { all.append(Reference(.trust, .project, projectID)) }
      if let redelegatedTrustID { all.append(Reference(.trust, .parent, redelegatedTrustID)) }
      return all
    }
  }

  package struct Consumer: StoredRow {
    package var id, secret: String
    package var description: String?
    package var extra = JSONObject()

    package init(id: String, secret: String, description: String?) {
      self.id = id
      self.secret = secret
      self.description = description
    }

    package static let kind = Kind.consumer
    package static var table: WritableKeyPath<IdentityStore, Table<Consumer>> { \.consumers }
    package var key: String { id }
  }

  package struct RequestToken: StoredRow {
    package var id, secret, consumerID, requestedProjectID: String
    package var verifier, authorizingUserID: String?
    package var roleIDs: [String] = []
    package var expiresAt: UTCTime?

    package init(id: String, secret: String, consumerID: String, requestedProjectID: String) {
      self.id = id
      self.secret = secret
      self.consumerID = consumerID
      self.requestedProjectID = requestedProjectID
    }

    package static let kind = Kind.requestToken
    package static var table: WritableKeyPath<IdentityStore, Table<RequestToken>> {
      \.requestTokens
    }
    package var key: String { id }
    package var references: [Reference] { [Reference(.requestToken, .consumer, consumerID)] }
  }

  package struct AccessToken: StoredRow {
    package var id, secret, consumerID, projectID, authorizingUserID: String
    package var roleIDs: [String] = []
    package var expiresAt: UTCTime?

    package init(
      id: String, secret: String, consumerID: String, projectID: String, authorizingUserID: String
    ) {
      self.id = id
      self.secret = secret
      self.consumerID = consumerID
      self.projectID = projectID
      self.authorizingUserID = authorizingUserID
    }

    package static let kind = Kind.accessToken
    package static var table: WritableKeyPath<IdentityStore, Table<AccessToken>> { \.accessTokens }
    package var key: String { id }
    package var references: [Reference] {
      [
        Reference(.accessToken, .consumer, consumerID),
        Reference(.accessToken, .user, authorizingUserID),
        Reference(.accessToken, .project, projectID),
      ]
    }
  }
}
