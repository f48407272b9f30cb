// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

/// Who reads whose Fernet tokens, with the same keys: measured on real releases, cell by cell,
/// through a node's `GET /v3/auth/tokens`.
@Suite struct DecodeMatrixTests {
  /// A kind of node: a release with a msgpack-python.
  enum Node: String, CaseIterable {
    case kilo0 = "2015.1.0"
    case kilo3 = "2015.1.3"
    case liberty0 = "8.0.0"
    case liberty = "8.1.2"
    case mitaka = "9.0.0"
    case ocata = "11.0.0"
    case pike = "12.0.3"
    case queens = "13.0.4"
    case rocky = "14.2.0"
    case stein = "15.0.1"
    case ussuri = "17.0.1"
    case steinNew = "15.0.1 with msgpack 1"
    case ussuriNew = "17.0.1 with msgpack 1"
    case victoria = "18.1.0"
    case zed = "22.0.2"
    case antelope = "23.0.0"
    case newest = "30.0.0"

    var release: Release { Release(named: String(rawValue.prefix { $0 != " " }))! }

    var desk: Desk {
      var desk = Desk(release.version)
      desk.service.options.dialect = rawValue.hasSuffix("msgpack 1") ? .bin : nil
      return desk
    }
  }

  /// What becomes of a token, by status of the answer on the subject's path.
  enum Outcome: String {
    case read = "200"
    /// Read, but its ids are lists, which name nobody.
    case nobody = "404 Could not find"
    case unknownVersion = "404 This is not a recognized Fernet payload version"
    case unrecognized = "404 This is not a recognized Fernet token"
    case unrecognizedByFlask = "404 Could not recognize Fernet token"
    case unauthorized = "401"
    case crash = "500"
    case padding = "400 Incorrect padding"
  }

  /// A row of the measured table: who issues, and what each validator makes of the kinds of token.
  struct Cell: CustomTestStringConvertible {
    var issuer: Node
    var validators: [Node]
    var outcome: Outcome
    /// Payload versions that are told apart from the rest.
    var except: [Int: Outcome] = [:]

    var testDescription: String { "\(issuer.rawValue) → \(validators.map(\.rawValue))" }
  }

  static let laterThanPairs: [Node] = [
    .liberty, .mitaka, .ocata, .pike, .queens, .rocky, .stein, .ussuri, .victoria, .zed, .antelope,
    .newest,
  ]
  static let without7: [Int: Outcome] = [7: .unknownVersion]
  static let without789: [Int: Outcome] = [
    7: .unknownVersion, 8: .unknownVersion, 9: .unknownVersion, 10: .unknownVersion,
  ]
  static let without89: [Int: Outcome] = [
    8: .unknownVersion, 9: .unknownVersion, 10: .unknownVersion,
  ]
  static let without10: [Int: Outcome] = [10: .unknownVersion]

  static let cells: [Cell] =
    [
      // Bare ids: only the release that wrote them reads them. Python 3 has another exception for
      // them than Python 2: a text that is unpacked has too many letters in both.
      Cell(issuer: .liberty0, validators: [.liberty0], outcome: .read),
      Cell(
        issuer: .liberty0, validators: Array(laterThanPairs) + [.steinNew, .ussuriNew],
        outcome: .crash),
      // Pairs on a node that expects bare ids.
      Cell(issuer: .liberty, validators: [.liberty0], outcome: .nobody),
      Cell(issuer: .liberty, validators: laterThanPairs, outcome: .read),
      Cell(issuer: .mitaka, validators: [.liberty0], outcome: .nobody, except: without7),
      Cell(issuer: .pike, validators: [.liberty0], outcome: .nobody, except: without7),
    ]
    + [Node.mitaka, .ocata, .pike].map { issuer in
      Cell(issuer: issuer, validators: [.liberty], outcome: .read, except: without7)
    }
    + [Node.mitaka, .ocata, .pike].map { issuer in
      Cell(issuer: issuer, validators: Array(laterThanPairs.dropFirst()), outcome: .read)
    }
    // Bytes written as texts, and a Python that takes texts for texts.
    + [Node.liberty, .mitaka, .ocata, .pike, .queens, .rocky, .stein, .ussuri].map { issuer in
      Cell(issuer: issuer, validators: [.steinNew, .ussuriNew], outcome: .crash)
    }
    + [Node.queens, .rocky, .stein, .ussuri, .steinNew, .ussuriNew, .victoria, .zed].flatMap {
      issuer in
      [
        Cell(issuer: issuer, validators: [.liberty], outcome: .read, except: without789),
        Cell(
          issuer: issuer, validators: [.mitaka, .ocata, .pike], outcome: .read,
          except: without89),
        Cell(
          issuer: issuer,
          validators: [.queens, .rocky, .stein, .ussuri, .victoria, .zed, .antelope, .newest],
          outcome: .read),
      ]
    }
    + [Node.steinNew, .ussuriNew, .victoria, .zed].map { issuer in
      Cell(issuer: issuer, validators: [.steinNew, .ussuriNew], outcome: .read)
    }
    + [Node.antelope, .newest].flatMap { issuer in
      [
        Cell(issuer: issuer, validators: [.liberty], outcome: .read, except: without789),
        Cell(
          issuer: issuer, validators: [.mitaka, .ocata, .pike], outcome: .read,
          except: without89),
        Cell(
          issuer: issuer,
          validators: [
            .queens, .rocky, .stein, .ussuri, .steinNew, .ussuriNew, .victoria, .zed,
          ], outcome: .read, except: without10),
        Cell(issuer: issuer, validators: [.antelope, .newest], outcome: .read),
      ]
    }
    // Kilo's padding is %3D: where the text needs none the token goes on to the ids.
    + [
      Cell(
        issuer: .kilo0, validators: [.liberty0], outcome: .padding, except: [0: .read, 3: .read]),
      Cell(issuer: .kilo0, validators: [.liberty, .mitaka, .ocata], outcome: .crash),
      Cell(
        issuer: .kilo3, validators: [.mitaka, .ocata], outcome: .padding,
        except: [3: .read, 4: .read]),
      Cell(
        issuer: .kilo3, validators: [.pike], outcome: .unrecognized,
        except: [3: .read, 4: .read]),
      Cell(
        issuer: .kilo3, validators: [.newest], outcome: .unrecognizedByFlask,
        except: [3: .read, 4: .read]),
      Cell(
        issuer: .liberty, validators: [.kilo0], outcome: .unauthorized,
        except: [3: .crash, 4: .crash]),
      Cell(
        issuer: .liberty, validators: [.kilo3], outcome: .unrecognized,
        except: [3: .read, 4: .read, 5: .unrecognized, 6: .unrecognized]),
      Cell(issuer: .kilo3, validators: [.kilo3], outcome: .read),
      Cell(issuer: .kilo0, validators: [.kilo0], outcome: .read),
    ]

  @Test(arguments: cells) func `a node reads another's tokens as it was measured`(cell: Cell) throws
  {
    for (version, token) in Self.tokens(of: cell.issuer) {
      for validator in cell.validators {
        var desk = validator.desk
        Self.fill(&desk.store)
        let expected = cell.except[version] ?? cell.outcome
        let answer = desk.validate(token, by: try Self.admin(&desk))
        let found = answer.status == 200 ? "200" : "\(answer.status) \(answer.error.dropFirst(4))"
        #expect(
          found.hasPrefix(expected.rawValue),
          "payload \(version) of \(cell.issuer.rawValue) on \(validator.rawValue): \(found)")
        guard expected != .read, expected != .nobody else { continue }
        // On the caller's path a refusal is 401, an exception stays what it is.
        let caller = desk.validate(token, by: token).status
        #expect(caller == (answer.status == 404 ? 401 : answer.status))
      }
    }
  }

  /// One token of each payload version that the issuer makes. Ids are random, as real ones are: made
  /// of bytes beyond ASCII.
  private static func tokens(of issuer: Node) -> [(Int, String)] {
    let desk = issuer.desk
    var tokens: [(Int, String)] = []
    for version in desk.service.release.fernetVersions {
      let payload = payload(version, now: desk.now)
      tokens.append((version, desk.forged(payload)))
    }
    return tokens
  }

  private static func payload(_ version: Int, now: UTCTime) -> TokenPayload {
    var token = TokenPayload(
      userID: IdentitySeed.id("user", "Default", "admin"), methods: ["password"],
      expiresAt: now + .seconds(60), issuedAt: now, auditIDs: ["gIGCg4SFhoeIiYqLjI2Ojw"])
    if [2, 3, 5, 7, 9, 10].contains(version) { token.projectID = project }
    if [1, 6].contains(version) { token.domainID = domain }
    if version == 3 { token.trustID = trust }
    if (4...6).contains(version) {
      token.federation = .init(
        groupIDs: [group], identityProviderID: "myidp", protocolID: "saml2")
    }
    if version == 7 { token.accessTokenID = access }
    if version == 8 { token.system = "all" }
    if version == 9 { token.applicationCredentialID = credential }
    if version == 10 { token.thumbprint = "dGh1bWI" }
    return token
  }

  private static let project = IdentitySeed.id("project", "Default", "admin")
  private static let domain = "c0ffee00d00d4bad8badf00dfeedface"
  private static let trust = "f87ca3b1341e4d289420643d811c965a"
  private static let group = "9a3e0f1c2b4d4e6f8091a2b3c4d5e6f7"
  private static let access = "a1b2c3d4e5f647089a0b1c2d3e4f5061"
  private static let credential = "e00a6ae5eda841ada5d1f576ef6ab328"

  /// The rows that the tokens name.
  private static func fill(_ store: inout IdentityStore) {
    let admin = IdentitySeed.id("user", "Default", "admin")
    let roles = store.roles(of: admin, on: .project(project)).map(\.id)
    store.put(IdentityStore.Project(id: domain, name: "coffee", domainID: nil))
    store.put(
      IdentityStore.Grant(actor: .user(admin), roleID: roles[0], target: .domain(domain)))
    var row = IdentityStore.Trust(
      id: trust, trustorUserID: admin, trusteeUserID: admin, projectID: project,
      impersonation: false)
    row.roleIDs = [roles[0]]
    store.put(row)
    var delegated = IdentityStore.AccessToken(
      id: access, secret: "s", consumerID: "c", projectID: project, authorizingUserID: admin)
    delegated.roleIDs = [roles[0]]
    store.put(delegated)
    var secret = IdentityStore.ApplicationCredential(
      id: credential, name: "app", userID: admin, projectID: project, secret: "s")
    secret.roleIDs = [roles[0]]
    store.put(secret)
  }

  private static func admin(_ desk: inout Desk) throws -> String {
    desk.forged(desk.payload())
  }
}
