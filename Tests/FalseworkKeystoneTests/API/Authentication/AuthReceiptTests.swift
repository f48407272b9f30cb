// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

struct AuthReceiptTests {
  private static let demo = IdentitySeed.id("user", "Default", "demo")
  private static let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

  private func careful(_ release: String) throws -> Desk {
    var desk = Desk(release)
    desk.service.options.authMethods = ["password", "token", "totp"]
    var user = desk.store.user(Self.demo)!
    user.options["multi_factor_auth_rules"] = .array([
      .array([.string("password"), .string("totp")]), .array([.string("nothing")]),
    ])
    desk.store.put(user)
    desk.store.put(
      IdentityStore.Credential(
        id: "c", userID: Self.demo, projectID: nil, type: "totp", blob: Self.secret))
    return desk
  }

  private func second(_ desk: Desk) throws -> String {
    let code = try #require(TOTP.passcode(Self.secret, now: desk.now, back: 0))
    return #"{"auth": {"identity": {"methods": ["totp"], "totp": "#
      + #"{"user": {"id": "\#(Self.demo)", "passcode": "\#(code)"}}}}}"#
  }

  @Test func `a login that lacks a method gets a receipt, and the receipt counts`() throws {
    var desk = try careful("2026.1")
    let first = desk.authenticate(Desk.login("demo", scope: nil))
    #expect(first.status == 401 && first.field("WWW-Authenticate") == nil)
    #expect(try first.json()["required_auth_methods"] as? [[String]] == [["password", "totp"]])
    let receipt = try #require(first.field("Openstack-Auth-Receipt"))
    func ask(_ receipt: String) throws -> KeystoneAnswer {
      desk.ask(
        "POST /v3/auth/tokens",
        ["Content-Type": "application/json", "Openstack-Auth-Receipt": receipt],
        body: try second(desk))
    }
    let answer = try ask(receipt)
    #expect(try answer.tokenBody()["methods"] as? [String] == ["totp", "password"])
    #expect(try ask("bad").error == "401 Could not find auth receipt: bad.")
    desk.now = desk.now + .seconds(300)
    #expect(try ask(receipt).error == "401 Could not find auth receipt: \(receipt).")
  }

  @Test func `somebody else's receipt is none`() throws {
    var desk = try careful("2026.1")
    let receipt = try #require(
      desk.authenticate(Desk.login("demo", scope: nil)).field("Openstack-Auth-Receipt"))
    let answer = desk.ask(
      "POST /v3/auth/tokens",
      ["Content-Type": "application/json", "Openstack-Auth-Receipt": receipt],
      body: Desk.login("admin", scope: nil))
    #expect(answer.status == 401)
  }

  @Test func `before Stein such a login had simply failed`() throws {
    var desk = try careful("rocky")
    let answer = desk.authenticate(Desk.login("demo", scope: nil))
    #expect(answer.error == "401 The request you have made requires authentication.")
    #expect(answer.field("Openstack-Auth-Receipt") == nil)
  }

  @Test func `all the methods at once need no receipt`() throws {
    var desk = try careful("2026.1")
    let code = try #require(TOTP.passcode(Self.secret, now: desk.now, back: 0))
    let user = #"{"id": "\#(Self.demo)", "password": "secret", "passcode": "\#(code)"}"#
    let answer = desk.authenticate(
      #"{"auth": {"identity": {"methods": ["password", "totp"], "password": {"user": \#(user)}, "#
        + #""totp": {"user": \#(user)}}}}"#)
    #expect(answer.status == 201)
  }
}
