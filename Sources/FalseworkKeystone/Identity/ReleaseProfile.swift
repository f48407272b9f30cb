// SPDX-License-Identifier: Apache-2.0

/// Everything that tells one release of Keystone from the next, as far as a client, an operator or
/// another node can see it. The table of all releases is `ReleaseHistory`.
///
/// Sources: the tagged trees and release notes of openstack/keystone, and measurements on the
/// packaged releases 12 to 30.
package struct ReleaseProfile: Equatable, Sendable {
  /// The major version: 7 stands for Kilo (2015.1), 8 is Liberty, 30 is 2026.2.
  package var number: Int
  /// The first version that is so: `2015.1.3`, `23.0.0`. Later ones of the series are the same, up
  /// to the next row.
  package var version: String
  /// In lower case. Since 2023.1 the documents call releases by their series.
  package var codeName: String
  /// `2015.1`, `2024.2`.
  package var series: String
  /// Year and month of the series' first version.
  package var published: String
  /// What is new, in a few words.
  package var notable: String

  package var tokens: Tokens
  package var passwords: Passwords
  package var discovery: Discovery
  package var schema: Schema
  package var errors: Errors
  package var body: TokenBody
  package var identity: Identity
  package var caching: Caching
  package var revocation: Revocation
  package var policy: Policy

  /// Token formats and key repositories.
  package struct Tokens: Equatable, Sendable {
    package var providers: [TokenProvider]
    package var defaultProvider: TokenProvider
    /// Payload versions of Fernet tokens that it reads.
    package var fernetVersions: ClosedRange<Int>
    /// Ids go into a payload as `[is it packed, value]`; before, bare (Launchpad bug 1497461).
    package var pairsIDs: Bool
    /// What becomes of the base64 padding of a Fernet token.
    package var padding: FernetPadding
    /// It can make Fernet tokens for users whose id is no UUID (bug 1459382).
    package var packsForeignUserIDs: Bool
    /// The msgpack-python that it came with.
    package var messagePack: MessagePack.Library
    /// The msgpack-pythons that it was and is run with.
    package var messagePackLibraries: [MessagePack.Library]
    /// It reads a payload again as raw bytes where a text in it is no UTF-8 (bug 1891244).
    package var retriesRaw: Bool
    /// Signatures of JWS tokens that may be configured; the first is the default.
    package var jwsAlgorithms: [JWSAlgorithm]
    /// A public key of another kind than the token's algorithm is passed over; before, it ended the
    /// validation with an exception.
    package var skipsForeignJWSKeys: Bool
    /// Receipts of authentications that lack a method.
    package var hasReceipts: Bool
    /// A node without its key repository does not start; before, the first token failed.
    package var checksKeysAtStart: Bool
    /// `[DEFAULT] max_token_size`.
    package var maximumSize: Int
    /// `?allow_expired=1` within `[token] allow_expired_window`.
    package var allowsExpired: Bool
    /// A token made with an application credential ends when that does (CVE-2022-2447).
    package var endsWithApplicationCredential: Bool
    package var endsWithTrust: Bool
  }

  /// Hashes of passwords and of the secrets of application credentials.
  package struct Passwords: Equatable, Sendable {
    package var written: PasswordHash
    /// Rounds of what is written: as libcrypt counts them, for bcrypt the power of two.
    package var rounds: Int
    /// All that it can verify, the written one among them.
    package var verified: [PasswordHash]
    /// Bytes of a password that bcrypt sees.
    package var bcryptCut: Int?
    /// `[identity] rolling_upgrade_password_hash_compat`: writes a second hash for the release
    /// before.
    package var hasRollingCompatibility: Bool
  }

  package struct Discovery: Equatable, Sendable {
    /// What `GET /v3` calls itself.
    package var version: String
    package var updated: String
    /// `GET /` lists `v2.0` too.
    package var listsVersion2: Bool
    package var hasHealthcheck: Bool
  }

  /// The database.
  package struct Schema: Equatable, Sendable {
    package var tool: SchemaTool
    /// The last revision of the single repository that was there before the phases.
    package var legacyHead: String
    /// Last revision of the expand phase; with sqlalchemy-migrate that of all three.
    package var expandHead: String?
    package var contractHead: String?
    /// `db_sync --check`; with it the order of the phases is enforced.
    package var hasCheck: Bool
    /// `db_sync --migrate` has something to do.
    package var migratesData: Bool
    package var encryptsCredentials: Bool
    /// It has the table of stored tokens.
    package var storesTokens: Bool
  }

  /// How errors are written.
  package struct Errors: Equatable, Sendable {
    /// Stein moved the API to Flask: errors are written otherwise, and an unexpected exception is
    /// left to the container, where before it became a JSON answer.
    package var usesFlask: Bool
    /// What is said of something that is no Fernet token.
    package var unrecognizedToken: UnrecognizedToken
    /// 401 or 404 for a bad subject token (bug 1477600).
    package var badSubjectStatus: Int
  }

  /// Members of the body of a token.
  package struct TokenBody: Equatable, Sendable {
    package var hasExtras: Bool
    package var hasBind: Bool
    package var hasIsDomain: Bool
    package var hasPasswordExpiry: Bool
    package var hasSystem: Bool
    package var hasApplicationCredential: Bool
    package var hasAccessRules: Bool
    package var hasOAuth2Credential: Bool
  }

  /// Methods, scopes and resources.
  package struct Identity: Equatable, Sendable {
    /// `[auth] methods` as the release ships it, in its order.
    package var authMethods: [String]
    package var hasSystemScope: Bool
    package var hasApplicationCredentials: Bool
    package var hasAccessRules: Bool
    package var hasLimits: Bool
    package var hasProjectTags: Bool
    package var hasImmutableResources: Bool
    package var hasOAuth2: Bool
    /// `limit` and `marker` on users, groups, projects and domains.
    package var hasPagination: Bool
    /// `DELETE /v3/users/{id}/tokens`.
    package var deletesUserTokens: Bool
    /// `POST /v3/ec2tokens` and `/v3/s3tokens` want a service's token.
    package var guardsEC2Tokens: Bool
    /// Users of an identity provider get a digest for an id, before a UUID (bug 1641639).
    package var digestsFederatedIDs: Bool
    package var servesVersion2: Bool
    /// Roles that `keystone-manage bootstrap` makes; none where there is no such command.
    package var bootstrapRoles: [String]
    package var bootstrapRolesImmutable: Bool
  }

  package struct Caching: Equatable, Sendable {
    package var cachesCatalog: Bool
    package var cachesOnIssue: Bool
    /// Tokens are kept for the time of one request.
    package var cachesInRequest: Bool
    /// What lies in the cache of tokens.
    package var value: CachedToken
    /// A cached token that lacks an attribute gets its default (bug 2029134).
    package var fillsMissingAttributes: Bool
    /// The check against revocation events is cached too.
    package var cachesRevocation: Bool
  }

  package struct Revocation: Equatable, Sendable {
    /// `DELETE /v3/auth/tokens` takes all tokens of the chain unless it is told not to.
    package var takesChains: Bool
    /// To take a role away writes an event; since then it only bites because roles are looked up
    /// at each validation.
    package var onLostRole: Bool
    /// A user who is disabled in a backend that Keystone cannot write loses the tokens.
    package var seesReadOnlyBackends: Bool
  }

  package struct Policy: Equatable, Sendable {
    /// The rules are in the code; before, in a file.
    package var isInCode: Bool
    /// Readers of the system and owners may look.
    package var knowsSystemReader: Bool
    /// Managers of a domain may act in it.
    package var knowsDomainManager: Bool
    /// Tokens of trusts, OAuth and application credentials are kept from credentials.
    package var guardsDelegation: Bool
  }
}

package enum TokenProvider: String, CaseIterable, Equatable, Sendable {
  case fernet
  case uuid
  case pki
  case pkiz
  case jws
}

/// Signature algorithms of JWS (RFC 7518, 3.1; RFC 8037, 3.1).
package enum JWSAlgorithm: String, CaseIterable, Equatable, Sendable {
  case es256 = "ES256"
  case es384 = "ES384"
  case es512 = "ES512"
  case edDSA = "EdDSA"
}

/// The base64 padding of Fernet tokens.
package enum FernetPadding: String, Equatable, Sendable {
  /// Kept, percent-encoded as `%3D`, and wanted back so.
  case percent
  /// Left off, and put back before reading; `%3D` is decoded for the cipher, but not for the time
  /// of issue (bug 1491926).
  case strippedUnquoted = "stripped, %3D half understood"
  /// Left off, and put back before reading.
  case stripped
}

/// What a Fernet node says of something that is no Fernet token.
package enum UnrecognizedToken: String, Equatable, Sendable {
  case plain = "This is not a recognized Fernet token"
  /// With the token at the end.
  case quoting = "This is not a recognized Fernet token <token>"
  case new = "Could not recognize Fernet token"
}

package enum PasswordHash: String, CaseIterable, Equatable, Sendable {
  case sha512Crypt = "sha512_crypt"
  case bcrypt
  case bcryptSHA256 = "bcrypt_sha256"
  case scrypt
  case pbkdf2SHA512 = "pbkdf2_sha512"
}

package enum SchemaTool: String, Equatable, Sendable {
  /// One repository, offline.
  case single = "sqlalchemy-migrate"
  /// Three repositories: expand, migrate, contract.
  case phased = "sqlalchemy-migrate, phased"
  case alembic
}

package enum CachedToken: String, Equatable, Sendable {
  case dictionary
  case model = "TokenModel"
}
