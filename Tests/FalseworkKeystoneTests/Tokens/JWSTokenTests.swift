// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import Foundation
import Testing

@testable import FalseworkKeystone

/// Tokens that Keystone 30.0.0 made with its own code, and changed ones.
@Suite struct JWSTokenTests {
  private static let far = UTCTime(seconds: 9_000_000_000)

  private static func keys(_ file: [String: Any], second: Bool = false) throws -> JWSKeys {
    var publicPEMs = [try #require(file["public_key_pem"] as? String)]
    if second {
      let pair = try #require(file["second_pair"] as? [String: Any])
      publicPEMs.append(try #require(pair["public_key_pem"] as? String))
    }
    return JWSKeys(privatePEM: file["private_key_pem"] as? String, publicPEMs: publicPEMs)
  }

  @Test func `every token of the real Keystone is read to the values that it reads`() throws {
    let file = try Vectors.load("jws")
    let keys = try Self.keys(file)
    let vectors = try #require(file["vectors"] as? [[String: Any]])
    #expect(vectors.count > 10)
    for vector in vectors {
      let name = Comment(rawValue: vector["name"] as? String ?? "?")
      let text = try #require(vector["token"] as? String)
      let decoded = try #require(vector["decoded"] as? [String: Any])
      let token = try JWSToken(.newest).open(text, keys: keys, now: Self.far)
      let issued = Vectors.time(try #require(decoded["issued_at"] as? String))
      #expect(try token == Vectors.token(decoded, issued: issued.seconds), name)
    }
  }

  @Test func `header and claims are made byte for byte as the real Keystone makes them`() throws {
    let file = try Vectors.load("jws")
    let keys = try Self.keys(file)
    for vector in try #require(file["vectors"] as? [[String: Any]]) {
      let name = Comment(rawValue: vector["name"] as? String ?? "?")
      let text = try #require(vector["token"] as? String)
      let token = try JWSToken(.newest).open(text, keys: keys, now: Self.far)
      let made = try JWSToken(.newest).seal(token, keys: keys)
      let parts = text.split(separator: ".").prefix(2)
      #expect(Array(made.split(separator: ".").prefix(2)) == Array(parts), name)
      #expect(try JWSToken(.newest).open(made, keys: keys, now: Self.far) == token, name)
    }
  }

  @Test func `a changed token is taken or refused as the real Keystone does`() throws {
    let file = try Vectors.load("jws")
    let keys = try Self.keys(file)
    for vector in try #require(file["odd"] as? [[String: Any]]) {
      let name = Comment(rawValue: vector["name"] as? String ?? "?")
      let text = try #require(vector["token"] as? String)
      let read = Result<TokenPayload, TokenDefect> { () throws(TokenDefect) in
        try JWSToken(.newest).open(text, keys: keys, now: Self.far)
      }
      switch read {
      case .success: #expect(vector["accepted"] as? Bool == true, name)
      case .failure(let defect):
        #expect(vector["accepted"] as? Bool == false && defect == .unrecognized, name)
      }
    }
  }

  @Test func `every public key is tried, and another node's token needs its own`() throws {
    let file = try Vectors.load("jws")
    let pair = try #require(file["second_pair"] as? [String: Any])
    let text = try #require(pair["token"] as? String)
    let format = JWSToken(.newest)
    #expect(throws: TokenDefect.unrecognized) {
      try format.open(text, keys: Self.keys(file), now: Self.far)
    }
    _ = try format.open(text, keys: Self.keys(file, second: true), now: Self.far)
  }

  @Test func `2026_2 makes and reads other algorithms where it is told to`() throws {
    let file = try Vectors.load("jws")
    let others = try #require(file["other_algorithms"] as? [[String: Any]])
    #expect(others.count == 3)
    for other in others {
      let name = try #require(other["algorithm"] as? String)
      let algorithm = try #require(JWSAlgorithm(rawValue: name))
      let text = try #require(other["token"] as? String)
      let keys = try Self.keys(other)
      var format = JWSToken(.newest)
      #expect(throws: TokenDefect.unrecognized) {
        try format.open(text, keys: keys, now: Self.far)
      }
      // Before 2026.2 there is an exception where the newest passes the key over.
      #expect(throws: TokenDefect.malformedPayload) {
        try JWSToken(Release(named: "2026.1")!).open(text, keys: keys, now: Self.far)
      }
      format.accepted = [.es256, algorithm]
      let token = try format.open(text, keys: keys, now: Self.far)
      format.algorithm = algorithm
      let made = try format.seal(token, keys: keys)
      #expect(made.split(separator: ".")[0] == text.split(separator: ".")[0])
      #expect(try format.open(made, keys: keys, now: Self.far) == token)
    }
  }

  @Test func `a key of another kind is an exception before 2026_2, and then passed over`() throws {
    var generator = SeededGenerator(seed: 3, stream: "jws")
    let mine = JWSKeys.setup(nodes: 1, using: &generator)[0]
    let token = Self.token
    let text = try JWSToken(.newest).seal(token, keys: mine)
    let old = JWSToken(Release(named: "2026.1")!)
    let foreign = [
      SignatureKey.generate(.ed25519).publicPEM, SignatureKey.generate(.p384).publicPEM, Self.rsa,
    ]
    for (other, isPassed) in foreign.map({ ($0, true) }) + [("no key", false), ("", false)] {
      let keys = JWSKeys(privatePEM: nil, publicPEMs: [other] + mine.verifying.map(\.pem))
      #expect(throws: TokenDefect.malformedPayload) {
        try old.open(text, keys: keys, now: Self.far)
      }
      let read = Result<TokenPayload, TokenDefect> { () throws(TokenDefect) in
        try JWSToken(.newest).open(text, keys: keys, now: Self.far)
      }
      #expect(read == (isPassed ? .success(token) : .failure(.malformedPayload)))
      // After one that fits it is not reached.
      let later = JWSKeys(privatePEM: nil, publicPEMs: mine.verifying.map(\.pem) + [other])
      #expect(try old.open(text, keys: later, now: Self.far) == token)
    }
  }

  private static let rsa = """
    -----BEGIN PUBLIC KEY-----
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAnyx1HYdpCF/WKkuy6oBE
    Xp/wXtcviuQ9wiOkOo3wqT6ui0DDBDbb3oTCGKY8lbp5/2gP0PdgXWmigy7+LAW4
    ftV9sAf/iWZtCOF5cVcGtgnZNbdeeKBl3EG6J3pmy+8iUrjJHOYzJEgshwWyB4/t
    +dgJbSX6g8r4i7Qzi7OH0jCWf8+AIDpPffAtkCZzr0z8L05FDGe13ERx47sAKU4x
    5y9/W7k2bFPWkVa2Wf2MgivYTNHj4UOpi7Mg5icXbCESBFGYK6loDND1XpQbh+4K
    wfKtOx3IH1DykE4QCZ99G6M6YctpURkY8n94FKe9+0aO0+6ugFxhkGkX6jU77ME3
    mQIDAQAB
    -----END PUBLIC KEY-----
    """

  @Test func `a token from the validator's future is an exception, to the second`() throws {
    var generator = SeededGenerator(seed: 4, stream: "jws")
    let keys = JWSKeys.setup(nodes: 1, using: &generator)[0]
    let text = try JWSToken(.newest).seal(Self.token, keys: keys)
    _ = try JWSToken(.newest).open(text, keys: keys, now: UTCTime(seconds: 1_500_000_000))
    #expect(throws: TokenDefect.malformedPayload) {
      try JWSToken(.newest).open(text, keys: keys, now: UTCTime(seconds: 1_499_999_999))
    }
  }

  @Test func `the published vector verifies`() throws {
    // The private number is the bytes 1 to 32.
    let key = try #require(SignatureKey(p256Secret: Array(1...32)))
    let keys = JWSKeys(privatePEM: nil, publicPEMs: [key.publicPEM])
    let token = try JWSToken(.newest).open(Self.published, keys: keys, now: Self.far)
    #expect(token == Self.token)
  }

  private static let token = {
    var token = TokenPayload(
      userID: "8e8068beaa2748938b55b195905fbc8f", methods: ["password"],
      expiresAt: UTCTime(seconds: 1_500_003_600), issuedAt: UTCTime(seconds: 1_500_000_000),
      auditIDs: ["AAECAwQFBgcICQoLDA0ODw"])
    token.projectID = "26d4205fcfab4bcaba46e32a742e5d46"
    return token
  }()

  private static let published =
    "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI4ZTgwNjhiZWFhMjc0ODkzOGI1NWIxOTU5MDVmYmM4"
    + "ZiIsImlhdCI6MTUwMDAwMDAwMCwiZXhwIjoxNTAwMDAzNjAwLCJvcGVuc3RhY2tfbWV0aG9kcyI6WyJwYXNzd29y"
    + "ZCJdLCJvcGVuc3RhY2tfYXVkaXRfaWRzIjpbIkFBRUNBd1FGQmdjSUNRb0xEQTBPRHciXSwib3BlbnN0YWNrX3By"
    + "b2plY3RfaWQiOiIyNmQ0MjA1ZmNmYWI0YmNhYmE0NmUzMmE3NDJlNWQ0NiJ9.ah_3oAauuTdExZlhZmaJGVI_mU"
    + "oSF8GG2Dlf4uA8FWXhOHYKx8HePp3DzWGXjIxMDMktGOnkVVzjvn_4JE_N5Q"
}
