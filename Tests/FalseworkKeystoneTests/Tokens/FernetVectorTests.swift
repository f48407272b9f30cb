// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkKeystone

/// Tokens that Keystone 30.0.0 made with its own code, with the keys and values that went in.
enum Vectors {
  static func load(_ name: String) throws -> [String: Any] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Vectors/\(name).json")
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    return try #require(object as? [String: Any])
  }

  static func repository(_ object: Any?) throws -> FernetKeyRepository {
    let keys = try #require(object as? [String: String])
    return FernetKeyRepository(
      try Dictionary(
        uniqueKeysWithValues: keys.map {
          (try #require(Int($0.key)), try #require(FernetKey(text: $0.value)))
        }))
  }

  static func payload(_ file: [String: Any]) throws -> FernetPayload {
    FernetPayload(
      methods: try #require(file["auth_methods"] as? [String]), defaultDomainID: "default",
      dialect: .bin, versions: 0...10)
  }

  static func time(_ text: String) -> UTCTime {
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    let date = try! format.parse(text)
    return UTCTime(nanoseconds: Int64((date.timeIntervalSince1970 * 1_000).rounded()) * 1_000_000)
  }

  /// The fields of a vector as a payload of ours.
  static func token(_ fields: [String: Any], issued: Int64) throws -> TokenPayload {
    var token = TokenPayload(
      userID: try #require(fields["user_id"] as? String),
      methods: try #require(fields["methods"] as? [String]),
      expiresAt: time(try #require(fields["expires_at"] as? String)),
      issuedAt: UTCTime(seconds: issued),
      auditIDs: try #require(fields["audit_ids"] as? [String]))
    token.projectID = fields["project_id"] as? String
    token.domainID = fields["domain_id"] as? String
    token.system = fields["system"] as? String
    token.trustID = fields["trust_id"] as? String
    token.accessTokenID = fields["access_token_id"] as? String
    token.applicationCredentialID = fields["app_cred_id"] as? String
    token.thumbprint = fields["thumbprint"] as? String
    if let provider = fields["identity_provider_id"] as? String {
      let groups = (fields["federated_group_ids"] as? [[String: String]]) ?? []
      token.federation = TokenPayload.Federation(
        groupIDs: groups.compactMap { $0["id"] }, identityProviderID: provider,
        protocolID: try #require(fields["protocol_id"] as? String))
    }
    return token
  }

  static func bytes(hex: String) -> [UInt8] {
    stride(from: 0, to: hex.count, by: 2).map { offset in
      let start = hex.index(hex.startIndex, offsetBy: offset)
      return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)!
    }
  }
}

@Suite struct FernetVectorTests {
  @Test func `every token of the real Keystone is read to the values that it reads`() throws {
    let file = try Vectors.load("fernet")
    let repository = try Vectors.repository(file["key_repository"])
    let payloads = try Vectors.payload(file)
    let vectors = try #require(file["vectors"] as? [[String: Any]])
    #expect(vectors.count == 26)
    var versions: Set<Int> = []
    for vector in vectors {
      let name = Comment(rawValue: vector["name"] as? String ?? "?")
      let text = try #require(vector["token"] as? String)
      let decoded = try #require(vector["decoded"] as? [String: Any])
      let opened = try FernetEnvelope.open(text, repository: repository)
      let token = try payloads.decode(opened.payload, seconds: opened.seconds)
      let issued = try #require(vector["issued_at_epoch"] as? Int)
      #expect(try token == Vectors.token(decoded, issued: Int64(issued)), name)
      versions.insert(try #require(vector["payload_version"] as? Int))
    }
    #expect(versions == Set(0...10))
  }

  @Test func `every token is made again byte for byte from its values, key, time and IV`() throws {
    let file = try Vectors.load("fernet")
    let payloads = try Vectors.payload(file)
    let keys = try #require(file["key_repository"] as? [String: String])
    for vector in try #require(file["vectors"] as? [[String: Any]]) {
      let name = Comment(rawValue: vector["name"] as? String ?? "?")
      let issued = Int64(try #require(vector["issued_at_epoch"] as? Int))
      let fields = try #require(vector["fields"] as? [String: Any])
      let parts = try #require(vector["token_parts"] as? [String: Any])
      let payload = try payloads.encode(try Vectors.token(fields, issued: issued))
      let hex = try #require(vector["payload_msgpack_hex"] as? String)
      #expect(payload == Vectors.bytes(hex: hex), name)
      let number = try #require(vector["key"] as? String)
      let sealed = FernetEnvelope.seal(
        payload, key: try #require(FernetKey(text: keys[number]!)), seconds: issued,
        iv: Vectors.bytes(hex: try #require(parts["iv_hex"] as? String)))
      #expect(sealed == vector["token"] as? String, name)
    }
  }

  @Test func `a token made wrong is taken or refused as the real Keystone does`() throws {
    let file = try Vectors.load("fernet-odd")
    let repository = try Vectors.repository(file["key_repository"])
    let payloads = try Vectors.payload(file)
    let tokens = try #require(file["tokens"] as? [[String: Any]])
    #expect(tokens.count == 36)
    for vector in tokens {
      let name = Comment(rawValue: vector["name"] as? String ?? "?")
      let text = try #require(vector["token"] as? String)
      let result = Result<TokenPayload, TokenDefect> { () throws(TokenDefect) in
        let opened = try FernetEnvelope.open(text, repository: repository)
        return try payloads.decode(opened.payload, seconds: opened.seconds)
      }
      switch (result, vector["error"] as? String) {
      case (.success(let token), nil):
        let decoded = try #require(vector["decoded"] as? [String: Any])
        #expect(try token == Vectors.token(decoded, issued: token.issuedAt.seconds), name)
      case (.failure(.unrecognized), "ValidationError"),
        (.failure(.unknownVersion), "ValidationError"):
        break
      case (.failure(.malformedPayload), "ValueError"), (.failure(.malformedPayload), "IndexError"),
        (.failure(.malformedPayload), "ExtraData"):
        break
      default:
        Issue.record("\(name): \(result), Keystone said \(vector["error"] ?? "accepted")")
      }
    }
  }

  @Test func `rotation keeps, moves and drops the keys that keystone-manage does`() throws {
    let file = try Vectors.load("rotation")
    let steps = try #require(file["steps"] as? [[String: Any]])
    let maximum = try #require(file["max_active_keys"] as? Int)
    let rules = KeyRepositoryRules(group: .tokens, release: .newest, maxActiveKeys: maximum)
    var directory = KeyDirectory(
      path: "/keys", keys: try Vectors.repository(steps[0]["key_repository"]))
    var tokens: [String] = []
    for (index, step) in steps.enumerated() {
      let expected = try Vectors.repository(step["key_repository"])
      if index > 0 {
        // The staged key is drawn at random, so it is taken from the vector.
        let staged = try #require(expected.entries.first)
        #expect(staged.number == 0)
        directory.apply(rules.rotation(directory, owner: .ofTheCaller, staging: staged.key))
      }
      let repository = rules.keys(of: directory)
      #expect(repository == expected)
      tokens.append(try #require(step["token_made_now"] as? String))
      let read = tokens.indices.filter { tokenIndex in
        (try? FernetEnvelope.open(tokens[tokenIndex], repository: repository)) != nil
      }
      #expect(read == step["tokens_that_validate"] as? [Int])
    }
  }

  @Test func `no bytes make a decoder trap`() {
    var generator = SeededGenerator(seed: 11, stream: "bytes")
    let payloads = FernetPayload(
      methods: ["password", "token"], defaultDomainID: "default", dialect: .bin, versions: 0...10)
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = generator.bytes(Int(generator.below(120)))
      if generator.below(2) == 0 { bytes = [0x96, UInt8(generator.below(12))] + bytes }
      if (try? payloads.decode(bytes, seconds: 0)) == nil { refused += 1 }
    }
    #expect(refused > 19_000)
  }
}
