// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

/// Every provider that a release has, through a node's API: issued, validated, rescoped, revoked.
@Suite struct TokenProviderTests {
  private static let cases = Release.all.flatMap { release in
    release.providers.map { (release.name, $0) }
  }

  @Test(arguments: cases) func `a token lives its life on each provider of each release`(
    release: String, provider: TokenProvider
  ) throws {
    var generator = SeededGenerator(seed: 1, stream: "jws")
    var desk = Desk(release, provider)
    desk.service.options.jws = JWSKeys.setup(nodes: 1, using: &generator)[0]
    let admin = try desk.token()
    let prefixes: [TokenProvider: String] = [
      .fernet: "gAAAAA", .uuid: "", .pki: "MII", .pkiz: "PKIZ_", .jws: "eyJ",
    ]
    #expect(admin.hasPrefix(try #require(prefixes[provider])))
    let second = try desk.token(Desk.rescope(admin, Desk.project("admin")))
    let answer = desk.validate(second, by: admin)
    #expect(answer.status == 200)
    let methods = try #require(try answer.tokenBody()["methods"] as? [String])
    #expect(Set(methods) == ["token", "password"])
    let revoked = desk.ask(
      "DELETE /v3/auth/tokens?cascade=false", ["X-Auth-Token": admin, "X-Subject-Token": second])
    #expect(revoked.status == 204)
    #expect(desk.validate(second, by: admin).status == 404)
    #expect(desk.validate(admin, by: second).status == 401)
    #expect(desk.validate(admin, by: admin).status == 200)
  }

  @Test func `a node shown another provider's token knows nothing of it`() throws {
    let providers: [TokenProvider] = [.uuid, .pki, .pkiz, .fernet]
    for (index, provider) in providers.enumerated() {
      var maker = Desk("newton", provider)
      let token = try maker.token()
      var reader = Desk("newton", providers[(index + 1) % 4])
      let own = try reader.token()
      #expect(reader.validate(token, by: own).status == 404)
      #expect(reader.validate(own, by: token).status == 401)
    }
  }

  @Test func `a PKI token is the answer itself, signed`() throws {
    var desk = Desk("newton", .pki)
    let answer = desk.authenticate(Desk.login())
    let token = try #require(answer.subjectToken)
    let inspection = TokenInspection(of: token, with: .init(signer: .standard))
    #expect(inspection.plaintext == answer.body && inspection.isSignatureGood == true)
    #expect(token.utf8.count > 1_600)
  }
}
