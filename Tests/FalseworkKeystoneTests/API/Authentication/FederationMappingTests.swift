// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

struct FederationMappingTests {
  private static let rules = #"""
    [{"remote": [{"type": "REMOTE_USER"}, {"type": "GROUPS", "whitelist": ["a", "b"]}],
      "local": [{"user": {"name": "{0}"}}, {"groups": "{1}", "domain": {"name": "Default"}}]},
     {"remote": [{"type": "REMOTE_USER"}, {"type": "DEPARTMENT", "any_one_of": ["^it.*"],
                  "regex": true}],
      "local": [{"group": {"id": "g"}}]},
     {"remote": [{"type": "REMOTE_USER"}, {"type": "ROOM", "not_any_of": ["cellar"]}],
      "local": [{"user": {"name": "room {0}"}}]}]
    """#

  private func mapping(_ text: String = rules) throws -> FederationMapping {
    let bytes = Array(text.utf8)
    let value = JSONValue(bytes.span)
    return FederationMapping(rules: try #require(value?.array))
  }

  @Test func `rules that fit are put together`() throws {
    let found = try #require(
      try mapping().apply(["REMOTE_USER": "eve", "GROUPS": "a;c;b", "DEPARTMENT": "it-2"]))
    #expect(found.user == ["name": .string("eve")])
    #expect(found.groups.map(\.name) == ["a", "b"])
    #expect(found.groupIDs == ["g"])
  }

  @Test(arguments: [
    (["GROUPS": "a"], false), (["REMOTE_USER": "eve"], false),
    (["REMOTE_USER": "eve", "DEPARTMENT": "sit"], false),
    (["REMOTE_USER": "eve", "ROOM": "cellar"], false),
    (["REMOTE_USER": "eve", "ROOM": "attic"], true),
  ]) func `a requirement that is not met leaves the rule out`(
    environment: [String: String], fits: Bool
  ) throws {
    #expect((try mapping().apply(environment) != nil) == fits)
  }

  @Test func `whom an identity provider vouches for logs in, with the groups' roles`() throws {
    var desk = Desk("2026.1")
    desk.service.options.believesEnvironment = true
    let group = IdentityStore.Group(
      id: "9a3e0f1c2b4d4e6f8091a2b3c4d5e6f7", name: "a", domainID: "default")
    desk.store.put(group)
    var provider = IdentityStore.IdentityProvider(id: "myidp", domainID: "default")
    provider.enabled = true
    desk.store.put(provider)
    desk.store.put(
      IdentityStore.Mapping(id: "m", rules: .array(try mapping().rules), schemaVersion: "1.0"))
    desk.store.put(
      IdentityStore.FederationProtocol(
        id: "mapped", providerID: "myidp", mappingID: "m", remoteIDAttribute: nil))
    let fields = ["X-Environment-REMOTE_USER": "eve", "X-Environment-GROUPS": "a"]
    let path = "/v3/OS-FEDERATION/identity_providers/myidp/protocols/mapped/auth"
    let answer = desk.ask("GET " + path, fields)
    let user = try #require(try answer.tokenBody()["user"] as? [String: Any], "\(answer.text)")
    #expect(user["name"] as? String == "eve" && user["password_expires_at"] == nil)
    #expect((user["id"] as? String)?.count == 64)
    let federation = try #require(user["OS-FEDERATION"] as? [String: Any])
    #expect((federation["groups"] as? [[String: String]]) == [["id": group.id]])
    let token = try #require(answer.subjectToken)
    #expect(desk.validate(token, by: token).status == 200)
    #expect(desk.ask("GET " + path, [:]).status == 400, "nobody is vouched for")
    #expect(
      desk.ask("GET /v3/OS-FEDERATION/identity_providers/x/protocols/mapped/auth", fields).error
        == "404 Could not find Identity Provider: x.")
    let again = desk.ask("GET " + path, fields)
    #expect(
      (try again.tokenBody()["user"] as? [String: Any])?["id"] as? String == user["id"] as? String)
  }
}
