// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import Testing

@testable import FalseworkKeystone

struct EC2SignatureTests {
  static func value(_ text: String) throws -> JSONValue {
    let bytes = Array(text.utf8)
    let value = JSONValue(bytes.span)
    return try #require(value)
  }

  /// Made with `keystoneclient.contrib.ec2.utils.Ec2Signer("secret")`.
  static let made = [
    (
      #"{"params": {"SignatureVersion": "0", "Action": "Test", "Timestamp": "2026"}}"#,
      "E/4viVXx3C5ou2miaCw78A/Dlc0="
    ),
    (
      #"{"params": {"SignatureVersion": "1", "Action": "Test", "b": "x y"}}"#,
      "kYXAf8Z+ZEI3HcbymuFXa5ypHcM="
    ),
    (
      #"{"params": {"SignatureVersion": "2", "Action": "Test", "b": "x y/ü"}, "verb": "GET", "#
        + #""host": "localhost", "path": "/services/Cloud"}"#,
      "RdKoTEdhlXFZ/u2Gh+vXrPSP51iBHe1PeisVek3/0R4="
    ),
    (
      #"{"params": {"Action": "Test"}, "verb": "POST", "host": "localhost", "path": "/", "#
        + #""body_hash": "b0ff", "headers": {"Host": "localhost", "X-Amz-Date": "20260101T000000Z", "#
        + #""Authorization": "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/ec2/aws4_request, "#
        + #"SignedHeaders=host;x-amz-date, Signature=x"}}"#,
      "034cfb4e853115032c961c1aa38405992cbc0920471ca56fbf44cc0f2e35d461"
    ),
  ]

  @Test(arguments: made) func `signatures are those of a real client`(
    request: String, signature: String
  ) throws {
    let found = EC2Signature.expected(
      try Self.value(request), secret: "secret", host: "localhost")
    #expect(found == signature)
  }

  @Test func `a service gets the token of whoever signed`() throws {
    let user = IdentitySeed.id("user", "Default", "demo")
    let id = SHA256.digest(Array("AK".utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      .joined()
    let blob = #"{"access": "AK", "secret": "secret", "trust_id": null}"#
    for (release, guarded) in [("2026.1", true), ("2024.1", false)] {
      var desk = Desk(release)
      desk.store.put(
        IdentityStore.Credential(
          id: id, userID: user, projectID: IdentitySeed.id("project", "Default", "demo"),
          type: "ec2", blob: blob))
      let sent = #"""
        {"params": {"SignatureVersion": "0", "Action": "Test", "Timestamp": "2027-01-15T07:50:00Z"}}
        """#
      let good = try #require(
        EC2Signature.expected(try Self.value(sent), secret: "secret", host: ""))
      func ask(_ signature: String, _ token: String?) -> KeystoneAnswer {
        let body =
          #"{"credentials": {"access": "AK", "signature": "\#(signature)", "#
          + sent.dropFirst() + "}"
        return desk.ask(
          "POST /v3/ec2tokens", ["X-Auth-Token": token, "Content-Type": "application/json"],
          body: body)
      }
      let admin = try desk.token()
      #expect(ask("x", admin).status == 401)
      #expect(ask(good, nil).status == (guarded ? 401 : 200))
      let answer = ask(good, admin)
      #expect(answer.status == 200 && answer.subjectToken != nil, "\(answer.text)")
      #expect(try answer.tokenBody()["methods"] as? [String] == ["ec2credential"])
    }
  }

  @Test func `an application credential gets a token in the way of OAuth 2`() throws {
    var desk = Desk("2026.1")
    var row = IdentityStore.ApplicationCredential(
      id: "e00a6ae5eda841ada5d1f576ef6ab328", name: "app",
      userID: IdentitySeed.id("user", "Default", "demo"),
      projectID: IdentitySeed.id("project", "Default", "demo"), secret: "s3cret")
    row.roleIDs = [IdentitySeed.id("role", "member")]
    desk.store.put(row)
    func ask(_ body: String, _ authorization: String? = nil) -> KeystoneAnswer {
      desk.ask(
        "POST /v3/OS-OAUTH2/token",
        ["Content-Type": "application/x-www-form-urlencoded", "Authorization": authorization],
        body: body)
    }
    let basic = "Basic " + Base64.encode(Array("\(row.id):s3cret".utf8))
    let answer = ask("grant_type=client_credentials", basic)
    let token = try #require(try answer.json()["access_token"] as? String, "\(answer.text)")
    #expect(try answer.json()["expires_in"] as? Int == 3_600)
    #expect(desk.validate(token, by: token).status == 200)
    #expect(
      ask("").text
        == #"{"error":"invalid_request","error_description":"The parameter grant_type is "#
        + "required.\"}\n")
    #expect(ask("grant_type=x").text.contains("unsupported_grant_type"))
    #expect(ask("grant_type=client_credentials&client_id=x").status == 401)
    #expect(ask("grant_type=client_credentials", "Basic !").status == 401)
  }
}
