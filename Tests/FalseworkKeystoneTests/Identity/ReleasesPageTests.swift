// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Foundation
import Testing

/// `specs/keystone-releases.md` is made from `ReleaseHistory`; with `FALSEWORK_UPDATE_GOLDEN=1` it
/// is written anew.
@Suite struct ReleasesPageTests {
  private static let file = URL(filePath: #filePath)
    .appending(path: "../../../../specs/keystone-releases.md").standardized

  @Test func `the page says what the table of releases holds`() throws {
    let made = ReleasesPage.text
    if ProcessInfo.processInfo.environment["FALSEWORK_UPDATE_GOLDEN"] == "1" {
      try made.write(to: Self.file, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: Self.file, encoding: .utf8) == made)
  }
}

enum ReleasesPage {
  typealias Column = (title: String, cell: @Sendable (ReleaseProfile) -> String)

  static var text: String {
    var page = head
    for section in sections {
      page += "\n## \(section.title)\n\n\(section.text)\n\n" + table(section.columns)
    }
    return page
  }

  private static let head = """
    # Releases of Keystone

    What the fake knows to be different between one release and the next. A row is a version from
    which on something is so, up to the next row; a code name, a series or a bare number stands for
    the last row of its release. This page is made from `ReleaseHistory.swift`, where each row says
    only what changed, and a test holds it to that.

    """

  private static func table(_ columns: [Column]) -> String {
    var lines = [
      "| version | " + columns.map(\.title).joined(separator: " | ") + " |",
      "|---|" + columns.map { _ in "---|" }.joined(),
    ]
    for profile in ReleaseHistory.profiles {
      let cells = columns.map { $0.cell(profile) }
      lines.append("| \(profile.version) | " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func yes(_ flag: Bool) -> String { flag ? "yes" : "–" }
  private static func list(_ names: [String]) -> String {
    names.isEmpty ? "–" : names.joined(separator: ", ")
  }

  private static var sections: [(title: String, text: String, columns: [Column])] {
    [
      (
        "Names", "Series before 2023.1 are counted within the year; only code names were in use.",
        names
      ),
      ("Tokens", "The first provider is the default.", tokens),
      (
        "Token text",
        "How the text of a Fernet token ends, and what is said of one that is none.", texts
      ),
      ("Passwords", "And the secrets of application credentials.", passwords),
      ("Discovery and errors", "`GET /v3`, `GET /`, and who writes an error.", discovery),
      ("Database", "Revisions of the schema, and the commands that lead to them.", schema),
      ("Body of a token", "Members that came or went.", body),
      (
        "Methods", "`[auth] methods` in order; in a Fernet token the first is 1, the next 2.",
        methods
      ),
      ("API", "What may be asked for.", features),
      ("Caches, revocation, policy", "What is not seen in one answer alone.", behaviour),
    ]
  }

  private static let names: [Column] = [
    ("code name", { $0.codeName }), ("series", { $0.series }), ("from", { $0.published }),
    ("notable", { $0.notable }),
  ]

  private static let tokens: [Column] = [
    ("providers", { list($0.tokens.providers.map(\.rawValue)) }),
    ("payloads", { "0–\($0.tokens.fernetVersions.upperBound)" }),
    ("ids", { $0.tokens.pairsIDs ? "pairs" : "bare" }),
    ("msgpack (or)", { list(libraries($0)) }),
    ("raw retried", { yes($0.tokens.retriesRaw) }),
    ("JWS", { list($0.tokens.jwsAlgorithms.map(\.rawValue)) }),
    ("receipts", { yes($0.tokens.hasReceipts) }),
    ("allow_expired", { yes($0.tokens.allowsExpired) }),
    (
      "capped by",
      {
        list(
          ($0.tokens.endsWithApplicationCredential ? ["application credential"] : [])
            + ($0.tokens.endsWithTrust ? ["trust"] : []))
      }
    ),
  ]

  private static func libraries(_ profile: ReleaseProfile) -> [String] {
    let first = profile.tokens.messagePack
    return ([first] + profile.tokens.messagePackLibraries.filter { $0 != first }).map {
      $0 == .before1 ? "< 1.0" : "≥ 1.0"
    }
  }

  private static let texts: [Column] = [
    ("padding", { $0.tokens.padding.rawValue }),
    ("user ids", { $0.tokens.packsForeignUserIDs ? "any" : "UUIDs" }),
    ("bad subject", { "\($0.errors.badSubjectStatus)" }),
    ("text", { "`\($0.errors.unrecognizedToken.rawValue)`" }),
    ("keys asked for at start", { yes($0.tokens.checksKeysAtStart) }),
    ("max_token_size", { "\($0.tokens.maximumSize)" }),
  ]

  private static let passwords: [Column] = [
    ("written", { "\($0.passwords.written.rawValue), \($0.passwords.rounds)" }),
    ("verified", { list($0.passwords.verified.map(\.rawValue)) }),
    ("bcrypt sees", { $0.passwords.bcryptCut.map { "\($0) bytes" } ?? "–" }),
    ("writes the old one too", { yes($0.passwords.hasRollingCompatibility) }),
  ]

  private static let discovery: [Column] = [
    ("version", { $0.discovery.version }), ("updated", { $0.discovery.updated }),
    ("v2.0 listed", { yes($0.discovery.listsVersion2) }),
    ("v2.0 served", { yes($0.identity.servesVersion2) }),
    ("/healthcheck", { yes($0.discovery.hasHealthcheck) }),
    ("errors by", { $0.errors.usesFlask ? "Flask" : "webob" }),
    ("unexpected exception", { $0.errors.usesFlask ? "the container's page" : "JSON" }),
  ]

  private static let schema: [Column] = [
    ("tool", { $0.schema.tool.rawValue }), ("legacy head", { $0.schema.legacyHead }),
    ("expand", { $0.schema.expandHead ?? "–" }), ("contract", { $0.schema.contractHead ?? "–" }),
    ("--migrate works", { yes($0.schema.migratesData) }), ("--check", { yes($0.schema.hasCheck) }),
    ("credentials encrypted", { yes($0.schema.encryptsCredentials) }),
    ("table of tokens", { yes($0.schema.storesTokens) }),
  ]

  private static let body: [Column] = [
    ("extras", { yes($0.body.hasExtras) }), ("bind", { yes($0.body.hasBind) }),
    ("is_domain", { yes($0.body.hasIsDomain) }),
    ("password_expires_at", { yes($0.body.hasPasswordExpiry) }),
    ("system", { yes($0.body.hasSystem) }),
    ("application_credential", { yes($0.body.hasApplicationCredential) }),
    ("access_rules", { yes($0.body.hasAccessRules) }),
    ("oauth2_credential", { yes($0.body.hasOAuth2Credential) }),
  ]

  private static let methods: [Column] = [("methods", { list($0.identity.authMethods) })]

  private static let features: [Column] = [
    ("system scope", { yes($0.identity.hasSystemScope) }),
    ("application credentials", { yes($0.identity.hasApplicationCredentials) }),
    ("access rules", { yes($0.identity.hasAccessRules) }),
    ("limits", { yes($0.identity.hasLimits) }), ("tags", { yes($0.identity.hasProjectTags) }),
    ("immutable", { yes($0.identity.hasImmutableResources) }),
    ("OAuth2", { yes($0.identity.hasOAuth2) }), ("pages", { yes($0.identity.hasPagination) }),
    ("user's tokens deleted", { yes($0.identity.deletesUserTokens) }),
    ("ec2tokens guarded", { yes($0.identity.guardsEC2Tokens) }),
    ("federated ids", { $0.identity.digestsFederatedIDs ? "SHA-256" : "UUID" }),
    (
      "bootstrap",
      {
        list($0.identity.bootstrapRoles)
          + ($0.identity.bootstrapRolesImmutable ? " (immutable)" : "")
      }
    ),
  ]

  private static let behaviour: [Column] = [
    ("catalog cached", { yes($0.caching.cachesCatalog) }),
    ("cached on issue", { yes($0.caching.cachesOnIssue) }),
    ("within a request", { yes($0.caching.cachesInRequest) }),
    ("cached as", { $0.caching.value.rawValue }),
    ("missing attributes", { $0.caching.fillsMissingAttributes ? "filled" : "an exception" }),
    ("revocation cached", { yes($0.caching.cachesRevocation) }),
    ("chains revoked", { yes($0.revocation.takesChains) }),
    ("event on lost role", { yes($0.revocation.onLostRole) }),
    ("read-only users seen", { yes($0.revocation.seesReadOnlyBackends) }),
    ("policy", { $0.policy.isInCode ? "code" : "file" }),
    ("system reader", { yes($0.policy.knowsSystemReader) }),
    ("domain manager", { yes($0.policy.knowsDomainManager) }),
    ("delegation guarded", { yes($0.policy.guardsDelegation) }),
  ]
}
