// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import Testing

@testable import FalseworkKeystone

struct OAuth1Tests {
  /// RFC 5849, 1.2: the request for a protected resource, signed with HMAC-SHA1; there it is a GET,
  /// here everything is a POST, so the base string of 3.4.1.1 is what is checked by hand.
  @Test func `what a client signed is good, and nothing else`() throws {
    let now = UTCTime(seconds: 1_800_000_000)
    func field(_ method: String, signature: String, time: Int64 = 1_800_000_000) -> String {
      """
      OAuth realm="x", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", \
      oauth_signature_method="\(method)", oauth_timestamp="\(time)", oauth_nonce="kllo9940pd", \
      oauth_version="1.0", oauth_signature="\(OAuth1.encoded(signature))"
      """
    }
    let base =
      "POST&http%3A%2F%2Fk%3A5000%2Fv3%2Fauth%2Ftokens&a%3Db%2520c%26oauth_consumer_key%3D"
      + "dpf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd%26oauth_signature_method%3DHMAC-SHA1%26"
      + "oauth_timestamp%3D1800000000%26oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0"
    let signature = Base64.encode(
      HMACSHA1.code(Array(base.utf8), key: Array("kd94hf93k423kf44&pfkkdhi9sl3r4s00".utf8)))
    func check(_ field: String, secret: String = "pfkkdhi9sl3r4s00") -> OAuth1.Defect? {
      do throws(OAuth1.Defect) {
        try OAuth1(authorization: field)?.verify(
          "http://k:5000/v3/auth/tokens", query: [.init(name: "a", value: "b c")],
          consumer: "kd94hf93k423kf44", secret: secret, now: now)
        return nil
      } catch {
        return error
      }
    }
    #expect(check(field("HMAC-SHA1", signature: signature)) == nil)
    #expect(check(field("HMAC-SHA1", signature: signature), secret: "x") == .signature)
    #expect(
      check(field("PLAINTEXT", signature: "kd94hf93k423kf44&pfkkdhi9sl3r4s00")) == nil)
    #expect(check(field("ROT13", signature: "x")) == .invalid("Invalid signature method."))
    #expect(
      check(field("PLAINTEXT", signature: "x", time: 1_800_000_601))
        == .invalid("Timestamp given is invalid, differ from allowed by over 600 seconds."))
    #expect(check("OAuth oauth_token=\"x\"") == .invalid("Missing mandatory OAuth parameters."))
    #expect(OAuth1(authorization: "Basic x") == nil)
  }

  @Test func `a consumer gets a request token, an access token and a token of Keystone's`() throws {
    var desk = Desk("2026.1")
    desk.store.put(IdentityStore.Consumer(id: "consumer", secret: "cs", description: nil))
    let project = IdentitySeed.id("project", "Default", "admin")
    func signed(_ token: String?, _ secret: String, _ more: String = "") -> String {
      #"OAuth oauth_consumer_key="consumer", oauth_signature_method="PLAINTEXT", "#
        + #"oauth_timestamp="\#(desk.now.seconds)", oauth_nonce="n", oauth_version="1.0", "#
        + (token.map { #"oauth_token="\#($0)", "# } ?? "") + more
        + #"oauth_signature="cs%26\#(secret)""#
    }
    func pairs(_ answer: KeystoneAnswer) throws -> (token: String, secret: String) {
      #expect(answer.status == 201 && answer.contentType == .form, "\(answer.text)")
      let form = KeystoneRouter.pairs(answer.text[...])
      #expect(form.map(\.name) == ["oauth_token", "oauth_token_secret", "oauth_expires_at"])
      return (form[0].value, form[1].value)
    }
    let asked = try pairs(
      desk.ask(
        "POST /v3/OS-OAUTH1/request_token",
        ["Authorization": signed(nil, ""), "Requested-Project-Id": project]))
    let admin = try desk.token()
    let verdict = desk.ask(
      "PUT /v3/OS-OAUTH1/authorize/\(asked.token)",
      ["X-Auth-Token": admin, "Content-Type": "application/json"],
      body: #"{"roles": [{"name": "member"}]}"#)
    let verifier = try #require(
      (try verdict.json()["token"] as? [String: String])?["oauth_verifier"])
    #expect(
      desk.ask(
        "POST /v3/OS-OAUTH1/access_token",
        ["Authorization": signed(asked.token, asked.secret, #"oauth_verifier="x", "#)]
      ).status == 401)
    let access = try pairs(
      desk.ask(
        "POST /v3/OS-OAUTH1/access_token",
        [
          "Authorization": signed(
            asked.token, asked.secret, #"oauth_verifier="\#(verifier)", "#)
        ]))
    let body = #"{"auth": {"identity": {"methods": ["oauth1"], "oauth1": {}}}}"#
    let answer = desk.ask(
      "POST /v3/auth/tokens",
      [
        "Authorization": signed(access.token, access.secret), "Content-Type": "application/json",
      ], body: body)
    let token = try answer.tokenBody()
    #expect(
      (token["OS-OAUTH1"] as? [String: String])
        == ["access_token_id": access.token, "consumer_id": "consumer"])
    let roles = try #require(token["roles"] as? [[String: Any]])
    #expect(roles.compactMap { $0["name"] as? String }.sorted() == ["member", "reader"])
    #expect(
      desk.ask(
        "POST /v3/auth/tokens",
        ["Authorization": signed(access.token, "x"), "Content-Type": "application/json"],
        body: body
      ).status == 401)
  }
}
