// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import Foundation
import Testing

@testable import FalseworkKeystone

/// One node's identity service, a database, a clock that stands still, and requests as text.
struct Desk {
  var service: IdentityService
  var store = IdentityStore(.standard)
  var now = UTCTime(seconds: 1_800_000_000)
  static let base = "http://k:5000"

  init(_ release: String = "2026.2", _ provider: TokenProvider = .fernet, seed: UInt64 = 1) {
    var generator = SeededGenerator(seed: 7, stream: "keys")
    service = IdentityService(
      release: Release(named: release)!,
      options: .init(
        provider: provider, keys: .setup(using: &generator), lifetime: .seconds(3_600)),
      seed: seed, stream: "identity")
  }

  /// Sends a request line, fields and a body.
  mutating func ask(
    _ line: String, _ fields: [String: String?] = [:], body: String? = nil
  ) -> KeystoneAnswer {
    var text = line + " HTTP/1.1\r\nHost: k:5000\r\n"
    for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
      if let value { text += "\(name): \(value)\r\n" }
    }
    text += "\r\n"
    let bytes = Array(text.utf8)
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    let parsed = parser.parse(bytes.span, into: &head)
    precondition(parsed == .head, "\(text): \(parsed)")
    let call = KeystoneRouter.call(
      head, bytes.span, body: Array((body ?? "").utf8), release: service.release)
    return service.answer(call, now: now, base: Self.base, rendered: true, store: &store)
  }

  mutating func authenticate(_ body: String, query: String = "") -> KeystoneAnswer {
    ask("POST /v3/auth/tokens" + query, ["Content-Type": "application/json"], body: body)
  }

  /// The body of a password authentication.
  static func login(
    _ name: String = "admin", password: String = "secret", scope: String? = project("admin")
  ) -> String {
    let user =
      #"{"name": "\#(name)", "domain": {"name": "Default"}, "password": "\#(password)"}"#
    let identity = #"{"methods": ["password"], "password": {"user": \#(user)}}"#
    return #"{"auth": {"identity": \#(identity)\#(scope.map { #", "scope": \#($0)"# } ?? "")}}"#
  }

  static func project(_ name: String) -> String {
    #"{"project": {"name": "\#(name)", "domain": {"name": "Default"}}}"#
  }

  static func rescope(_ token: String, _ scope: String?) -> String {
    let identity = #"{"methods": ["token"], "token": {"id": "\#(token)"}}"#
    return #"{"auth": {"identity": \#(identity)\#(scope.map { #", "scope": \#($0)"# } ?? "")}}"#
  }

  mutating func token(_ body: String = login()) throws -> String {
    let answer = authenticate(body)
    return try #require(answer.subjectToken, "\(answer.text)")
  }

  mutating func validate(
    _ subject: String?, by caller: String?, _ line: String = "GET /v3/auth/tokens"
  ) -> KeystoneAnswer {
    ask(line, ["X-Auth-Token": caller, "X-Subject-Token": subject])
  }

  /// A token that is sealed with the node's own key, whatever it says.
  func forged(_ token: TokenPayload) -> String {
    forged(try! service.payloadFormat.encode(token))
  }

  func forged(_ payload: [UInt8]) -> String {
    FernetEnvelope.seal(
      payload, key: service.options.keys.primary, seconds: now.seconds,
      iv: [UInt8](repeating: 9, count: 16), padding: service.release.fernetPadding)
  }

  func payload(user: String = "admin", project: String? = "admin") -> TokenPayload {
    var token = TokenPayload(
      userID: IdentitySeed.id("user", "Default", user), methods: ["password"],
      expiresAt: now + .seconds(60), issuedAt: now, auditIDs: ["AAECAwQFBgcICQoLDA0ODw"])
    token.projectID = project.map { IdentitySeed.id("project", "Default", $0) }
    return token
  }
}

extension KeystoneAnswer {
  var text: String { String(decoding: body, as: UTF8.self) }

  func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The body as JSON.
  func json() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
  }

  func tokenBody() throws -> [String: Any] {
    try #require(try json()["token"] as? [String: Any])
  }

  /// Code and message of an error body.
  var error: String {
    guard let json = try? json(), let error = json["error"] as? [String: Any] else { return text }
    return "\(error["code"] ?? "") \(error["message"] ?? "")"
  }
}
