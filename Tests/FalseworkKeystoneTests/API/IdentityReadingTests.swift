// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkKeystone

/// The calls that read what is there.
@Suite struct IdentityReadingTests {
  private func get(_ desk: inout Desk, _ path: String, _ token: String?) -> KeystoneAnswer {
    desk.ask("GET " + path, ["X-Auth-Token": token])
  }

  private func names(_ answer: KeystoneAnswer, _ key: String, _ member: String = "name") throws
    -> [String]
  {
    try #require(try answer.json()[key] as? [[String: Any]]).compactMap { $0[member] as? String }
  }

  @Test func `the catalog is a project's`() throws {
    var desk = Desk()
    let project = try desk.token()
    let answer = get(&desk, "/v3/auth/catalog", project)
    #expect(answer.status == 200)
    #expect(try names(answer, "catalog", "type") == ["identity", "compute", "image", "network"])
    #expect(answer.text.hasSuffix(", \"links\": {\"self\": \"http://k:5000/v3/auth/catalog\"}}\n"))
    let unscoped = try desk.token(Desk.login(scope: nil))
    #expect(
      get(&desk, "/v3/auth/catalog", unscoped).error
        == "403 You are not authorized to perform the requested action.")
  }

  @Test func `one's own projects, domains and system are listed with any token`() throws {
    var seed = IdentitySeed.standard
    seed.grants.append(.init(user: "demo", role: "member", target: .domain("Default")))
    var desk = Desk()
    desk.store = IdentityStore(seed)
    let admin = try desk.token(Desk.login(scope: nil))
    let demo = try desk.token(Desk.login("demo", scope: nil))
    #expect(try names(get(&desk, "/v3/auth/projects", admin), "projects") == ["admin"])
    #expect(try names(get(&desk, "/v3/auth/projects", demo), "projects") == ["demo"])
    #expect(try names(get(&desk, "/v3/auth/domains", admin), "domains") == [])
    #expect(try names(get(&desk, "/v3/auth/domains", demo), "domains") == ["Default"])
    let links = #""links": {"self": "http://k:5000/v3/auth/system"}}"# + "\n"
    #expect(get(&desk, "/v3/auth/system", admin).text == #"{"system": [{"all": true}], "# + links)
    #expect(get(&desk, "/v3/auth/system", demo).text == #"{"system": [], "# + links)
  }

  @Test(arguments: [
    ("users", ["admin", "demo"]), ("projects", ["admin", "demo"]), ("domains", ["Default"]),
    ("roles", ["admin", "manager", "member", "reader", "service"]),
    ("services", ["keystone", "nova", "glance", "neutron"]),
  ]) func `an admin lists what there is, in the order in which it was made`(
    collection: String, expected: [String]
  ) throws {
    var desk = Desk()
    let admin = try desk.token()
    let answer = get(&desk, "/v3/" + collection, admin)
    #expect(try names(answer, collection) == expected)
    #expect(
      answer.text.hasSuffix(
        #""links": {"next": null, "self": "http://k:5000/v3/\#(collection)", "previous": null}}"#
          + "\n"))
    // Each row can be read by the id under which it was listed, and is the same.
    for row in try #require(try answer.json()[collection] as? [[String: Any]]) {
      let id = try #require(row["id"] as? String)
      let shown = get(&desk, "/v3/\(collection)/\(id)", admin)
      let one = try #require(try shown.json()[String(collection.dropLast())] as? [String: Any])
      #expect(one as NSDictionary == row as NSDictionary)
      #expect(
        (one["links"] as? [String: Any])?["self"] as? String
          == "http://k:5000/v3/\(collection)/\(id)")
    }
  }

  @Test func `endpoints and regions are listed`() throws {
    var desk = Desk()
    let admin = try desk.token()
    #expect(try names(get(&desk, "/v3/endpoints", admin), "endpoints", "url").count == 12)
    #expect(try names(get(&desk, "/v3/regions", admin), "regions", "id") == ["RegionOne"])
    #expect(get(&desk, "/v3/regions/RegionOne", admin).status == 200)
    let service = IdentitySeed.id("service", "identity", "keystone")
    let filtered = get(&desk, "/v3/endpoints?service_id=\(service)&interface=public", admin)
    #expect(try names(filtered, "endpoints", "url") == ["http://k:5000/v3/"])
  }

  @Test(arguments: [
    ("users?name=demo", ["demo"]), ("users?name=nobody", []),
    ("users?domain_id=default", ["admin", "demo"]),
    ("users?unheard=of&name=admin", ["admin"]), ("projects?name=admin&domain_id=other", []),
    ("services?type=image", ["glance"]), ("roles?name=reader", ["reader"]),
  ]) func `filters that are known choose, and others are ignored`(
    query: String, expected: [String]
  ) throws {
    var desk = Desk()
    let collection = String(query.prefix { $0 != "?" })
    #expect(try names(get(&desk, "/v3/" + query, desk.token()), collection) == expected)
  }

  @Test func `anybody may see oneself and one's project, and nothing else`() throws {
    var desk = Desk()
    let demo = try desk.token(Desk.login("demo", scope: Desk.project("demo")))
    let user = IdentitySeed.id("user", "Default", "demo")
    let project = IdentitySeed.id("project", "Default", "demo")
    #expect(get(&desk, "/v3/users/\(user)", demo).status == 200)
    #expect(get(&desk, "/v3/projects/\(project)", demo).status == 200)
    #expect(
      get(&desk, "/v3/users", demo).error
        == "403 You are not authorized to perform the requested action: identity:list_users.")
    #expect(
      get(&desk, "/v3/roles/x", demo).error
        == "403 You are not authorized to perform the requested action: identity:get_role.")
  }

  @Test func `what is not there is 404, and without a token all is 401`() throws {
    var desk = Desk()
    let admin = try desk.token()
    #expect(get(&desk, "/v3/projects/admin", admin).error == "404 Could not find project: admin.")
    #expect(get(&desk, "/v3/services/x", admin).error == "404 Could not find service: x.")
    for path in [
      "users", "users/x", "auth/projects", "auth/domains", "auth/system", "auth/catalog",
    ] {
      #expect(get(&desk, "/v3/" + path, nil).status == 401)
      #expect(get(&desk, "/v3/" + path, "bad").status == 401)
    }
  }
}
