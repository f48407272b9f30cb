// SPDX-License-Identifier: Apache-2.0

/// All releases from Kilo to 2026.2, each as what it changed in the one before. This is the one
/// place where releases are told apart; `specs/keystone-releases.md` is made from it.
package enum ReleaseHistory {
  /// A version, and what is different from the entry before it.
  private struct Entry {
    var version: String
    /// The name of the release, where a new one begins: number, code name, series, month.
    var begins: (number: Int, codeName: String, series: String, published: String)?
    var notable: String
    var change: @Sendable (inout ReleaseProfile) -> Void

    init(
      _ version: String, _ number: Int, _ codeName: String, _ series: String, _ published: String,
      _ notable: String, _ change: @escaping @Sendable (inout ReleaseProfile) -> Void = { _ in }
    ) {
      self.version = version
      begins = (number, codeName, series, published)
      self.notable = notable
      self.change = change
    }

    /// A later version of the same release.
    init(
      _ version: String, _ notable: String,
      _ change: @escaping @Sendable (inout ReleaseProfile) -> Void
    ) {
      self.version = version
      self.notable = notable
      self.change = change
    }
  }

  /// Oldest first. Versions of a release that differ have a row each.
  package static let profiles: [ReleaseProfile] = {
    var profile = kilo
    var profiles = [kilo]
    for entry in sqlTokens + fernetByDefault + flask + alembic {
      if let begins = entry.begins {
        profile.number = begins.number
        profile.codeName = begins.codeName
        profile.series = begins.series
        profile.published = begins.published
      }
      profile.version = entry.version
      profile.notable = entry.notable
      entry.change(&profile)
      profiles.append(profile)
    }
    return profiles
  }()

  private static let kilo = ReleaseProfile(
    number: 7, version: "2015.1.0", codeName: "kilo", series: "2015.1", published: "2015-04",
    notable: "Fernet is new; its padding is %3D; a bad subject token is 401",
    tokens: .init(
      providers: [.uuid, .pki, .pkiz, .fernet], defaultProvider: .uuid, fernetVersions: 0...4,
      pairsIDs: false, padding: .percent, packsForeignUserIDs: false, messagePack: .before1,
      messagePackLibraries: [.before1], retriesRaw: false, jwsAlgorithms: [],
      skipsForeignJWSKeys: false, hasReceipts: false, checksKeysAtStart: false, maximumSize: 8_192,
      allowsExpired: false, endsWithApplicationCredential: false, endsWithTrust: false),
    passwords: .init(
      written: .sha512Crypt, rounds: 40_000, verified: [.sha512Crypt], bcryptCut: nil,
      hasRollingCompatibility: false),
    discovery: .init(
      version: "v3.4", updated: "2015-03-30", listsVersion2: true, hasHealthcheck: false),
    schema: .init(
      tool: .single, legacyHead: "067", expandHead: nil, contractHead: nil, hasCheck: false,
      migratesData: false, encryptsCredentials: false, storesTokens: true),
    errors: .init(usesFlask: false, unrecognizedToken: .plain, badSubjectStatus: 401),
    body: .init(
      hasExtras: true, hasBind: true, hasIsDomain: false, hasPasswordExpiry: false,
      hasSystem: false, hasApplicationCredential: false, hasAccessRules: false,
      hasOAuth2Credential: false),
    identity: .init(
      authMethods: ["external", "password", "token", "oauth1"], hasSystemScope: false,
      hasApplicationCredentials: false, hasAccessRules: false, hasLimits: false,
      hasProjectTags: false, hasImmutableResources: false, hasOAuth2: false, hasPagination: false,
      deletesUserTokens: false, guardsEC2Tokens: false, digestsFederatedIDs: false,
      servesVersion2: true, bootstrapRoles: [], bootstrapRolesImmutable: false),
    caching: .init(
      cachesCatalog: false, cachesOnIssue: false, cachesInRequest: false, value: .dictionary,
      fillsMissingAttributes: false, cachesRevocation: false),
    revocation: .init(takesChains: false, onLostRole: true, seesReadOnlyBackends: false),
    policy: .init(
      isInCode: false, knowsSystemReader: false, knowsDomainManager: false,
      guardsDelegation: false))

  /// Kilo to Newton: UUID tokens by default, in a table of the database.
  private static let sqlTokens: [Entry] = [
    Entry("2015.1.2", "user ids need not be UUIDs; a bad subject token is 404") {
      $0.tokens.packsForeignUserIDs = true
      $0.errors.badSubjectStatus = 404
    },
    Entry("2015.1.3", "ids in pairs") { $0.tokens.pairsIDs = true },
    Entry("8.0.0", 8, "liberty", "2015.2", "2015-10", "padding left off; ids bare again") {
      $0.tokens.fernetVersions = 0...6
      $0.tokens.pairsIDs = false
      $0.tokens.padding = .strippedUnquoted
      $0.passwords.rounds = 10_000
      $0.schema.legacyHead = "075"
    },
    Entry("8.0.1", "ids in pairs") { $0.tokens.pairsIDs = true },
    Entry("9.0.0", 9, "mitaka", "2016.1", "2016-04", "pki and pkiz deprecated; bootstrap") {
      $0.tokens.fernetVersions = 0...7
      $0.errors.unrecognizedToken = .quoting
      $0.discovery.version = "v3.6"
      $0.discovery.updated = "2016-04-04"
      $0.schema.legacyHead = "096"
      $0.body.hasExtras = false
      $0.body.hasIsDomain = true
      $0.identity.bootstrapRoles = ["admin"]
      $0.caching.cachesCatalog = true
    },
    Entry("10.0.0", 10, "newton", "2016.2", "2016-10", "expand, migrate, contract") {
      $0.tokens.checksKeysAtStart = true
      $0.discovery.version = "v3.7"
      $0.discovery.updated = "2016-10-06"
      $0.schema.tool = .phased
      $0.schema.legacyHead = "109"
      $0.schema.expandHead = "004"
      $0.schema.contractHead = "004"
      $0.schema.migratesData = true
      $0.schema.encryptsCredentials = true
    },
  ]

  /// Ocata to Rocky: Fernet by default, the last releases on Python 2 and webob.
  private static let fernetByDefault: [Entry] = [
    Entry("11.0.0", 11, "ocata", "2017.1", "2017-02", "Fernet by default; pki and pkiz gone") {
      $0.tokens.providers = [.fernet, .uuid]
      $0.tokens.defaultProvider = .fernet
      $0.tokens.maximumSize = 255
      $0.tokens.allowsExpired = true
      $0.discovery.version = "v3.8"
      $0.discovery.updated = "2017-02-22"
      $0.discovery.hasHealthcheck = true
      $0.schema.expandHead = "016"
      $0.schema.contractHead = "016"
      $0.body.hasPasswordExpiry = true
      $0.identity.authMethods += ["mapped"]
      $0.caching.cachesOnIssue = true
    },
    Entry("12.0.0", 12, "pike", "2017.2", "2017-08", "bcrypt; policy in code; db_sync --check") {
      $0.tokens.padding = .stripped
      $0.passwords = .init(
        written: .bcrypt, rounds: 12, verified: [.bcrypt, .scrypt, .pbkdf2SHA512, .sha512Crypt],
        bcryptCut: 72, hasRollingCompatibility: true)
      $0.schema.expandHead = "024"
      $0.schema.contractHead = "024"
      $0.schema.hasCheck = true
      $0.revocation.onLostRole = false
      $0.policy.isInCode = true
    },
    Entry("13.0.0", 13, "queens", "2018.1", "2018-02", "system scope, application credentials") {
      $0.tokens.fernetVersions = 0...9
      $0.passwords.hasRollingCompatibility = false
      $0.discovery.version = "v3.10"
      $0.discovery.updated = "2018-02-28"
      $0.schema.expandHead = "037"
      $0.schema.contractHead = "037"
      $0.body.hasSystem = true
      $0.body.hasApplicationCredential = true
      $0.identity.authMethods += ["application_credential"]
      $0.identity.hasSystemScope = true
      $0.identity.hasApplicationCredentials = true
      $0.identity.hasLimits = true
      $0.identity.hasProjectTags = true
      $0.identity.servesVersion2 = false
    },
    Entry("14.0.0", 14, "rocky", "2018.2", "2018-08", "uuid and its table gone; default roles") {
      $0.tokens.providers = [.fernet]
      $0.discovery.listsVersion2 = false
      $0.schema.expandHead = "048"
      $0.schema.contractHead = "048"
      $0.schema.storesTokens = false
      $0.identity.bootstrapRoles = ["reader", "member", "admin"]
      $0.caching.value = .model
    },
  ]

  /// Stein to Yoga: Flask, Python 3, JWS; the schema still in three phases.
  private static let flask: [Entry] = [
    Entry("15.0.0", 15, "stein", "2019.1", "2019-04", "Flask; JWS; receipts") {
      $0.tokens.providers = [.fernet, .jws]
      $0.tokens.messagePackLibraries = [.before1, .from1]
      $0.tokens.jwsAlgorithms = [.es256]
      $0.tokens.hasReceipts = true
      $0.discovery.version = "v3.12"
      $0.discovery.updated = "2019-01-22"
      $0.schema.expandHead = "056"
      $0.schema.contractHead = "056"
      $0.errors = .init(usesFlask: true, unrecognizedToken: .new, badSubjectStatus: 404)
      $0.body.hasBind = false
      $0.policy.knowsSystemReader = true
    },
    Entry("16.0.0", 16, "train", "2019.2", "2019-10", "access rules; immutable resources") {
      $0.discovery.version = "v3.13"
      $0.discovery.updated = "2019-07-19"
      $0.schema.expandHead = "066"
      $0.schema.contractHead = "066"
      $0.body.hasAccessRules = true
      $0.identity.hasAccessRules = true
      $0.identity.hasImmutableResources = true
      $0.identity.digestsFederatedIDs = true
      $0.caching.cachesInRequest = true
    },
    Entry("17.0.0", 17, "ussuri", "2020.1", "2020-05", "Python 3 only") {
      $0.discovery.version = "v3.14"
      $0.discovery.updated = "2020-04-07"
      $0.schema.expandHead = "073"
      $0.schema.contractHead = "073"
      $0.identity.bootstrapRolesImmutable = true
    },
    Entry("18.0.0", 18, "victoria", "2020.2", "2020-10", "msgpack 1.0, and both dialects read") {
      $0.tokens.messagePack = .from1
      $0.tokens.messagePackLibraries = [.from1]
      $0.tokens.retriesRaw = true
    },
    Entry("19.0.0", 19, "wallaby", "2021.1", "2021-04", "nothing that is seen from outside"),
    Entry("20.0.0", 20, "xena", "2021.2", "2021-10", "schema 079") {
      $0.schema.expandHead = "079"
      $0.schema.contractHead = "079"
    },
    Entry("21.0.0", 21, "yoga", "2022.1", "2022-03", "the last on sqlalchemy-migrate"),
  ]

  /// Zed to 2026.2: the schema by Alembic.
  private static let alembic: [Entry] = [
    Entry("22.0.0", 22, "zed", "2022.2", "2022-10", "Alembic; OAuth2 client credentials") {
      $0.schema.tool = .alembic
      $0.schema.expandHead = "29e87d24a316"
      $0.schema.contractHead = "e25ffa003242"
      $0.schema.migratesData = false
      $0.identity.hasOAuth2 = true
    },
    Entry("22.0.1", "the cut of 72 bytes is Keystone's own, with a warning") { _ in },
    Entry("23.0.0", 23, "antelope", "2023.1", "2023-03", "mTLS tokens; bcrypt cuts at 54 bytes") {
      $0.tokens.fernetVersions = 0...10
      $0.tokens.endsWithApplicationCredential = true
      $0.passwords.bcryptCut = 54
      $0.body.hasOAuth2Credential = true
    },
    Entry("23.0.1", "bcrypt cuts at 72 bytes") { $0.passwords.bcryptCut = 72 },
    Entry("24.0.0", 24, "bobcat", "2023.2", "2023-10", "roles service and manager") {
      $0.schema.expandHead = "11c3b243b4cb"
      $0.schema.contractHead = "c88cdce8f248"
      $0.identity.bootstrapRoles = ["reader", "member", "manager", "admin", "service"]
      $0.caching.fillsMissingAttributes = true
    },
    Entry("25.0.0", 25, "caracal", "2024.1", "2024-04", "bcrypt_sha256; revocation is cached") {
      $0.passwords.verified = [.bcrypt, .bcryptSHA256, .scrypt, .pbkdf2SHA512, .sha512Crypt]
      $0.schema.expandHead = "47147121"
      $0.caching.cachesRevocation = true
    },
    Entry("26.0.0", 26, "dalmatian", "2024.2", "2024-10", "managers of domains") {
      $0.policy.knowsDomainManager = true
    },
    Entry("27.0.0", 27, "epoxy", "2025.1", "2025-04", "sha512_crypt gone; pagination") {
      $0.passwords.verified = [.bcrypt, .bcryptSHA256, .scrypt, .pbkdf2SHA512]
      $0.identity.hasPagination = true
    },
    Entry("28.0.0", 28, "flamingo", "2025.2", "2025-10", "the scripts keystone-wsgi-* gone") {
      $0.schema.expandHead = "e8725d6fa226"
    },
    Entry("29.0.0", 29, "gazpacho", "2026.1", "2026-04", "read-only backends disable users") {
      $0.schema.expandHead = "742c857f1dfb"
      $0.identity.guardsEC2Tokens = true
      $0.revocation.seesReadOnlyBackends = true
    },
    Entry("30.0.0", 30, "hibiscus", "2026.2", "2026-10", "JWS algorithms; chains revoked") {
      $0.tokens.jwsAlgorithms = [.es256, .es384, .es512, .edDSA]
      $0.tokens.skipsForeignJWSKeys = true
      $0.tokens.endsWithTrust = true
      $0.identity.authMethods += ["ec2credential"]
      $0.identity.deletesUserTokens = true
      $0.revocation.takesChains = true
      $0.policy.guardsDelegation = true
    },
  ]
}
