// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkKeystone

struct JSONHomeTests {
  private func resources(
    _ path: String, release: String = "2026.1"
  ) throws -> [String: [String: Any]] {
    var desk = Desk(release)
    let answer = desk.ask("GET \(path)", ["Accept": "application/json-home"])
    #expect(answer.status == 200 && answer.contentType == .jsonHome)
    return try #require(try answer.json()["resources"] as? [String: [String: Any]])
  }

  private let base = "https://docs.openstack.org/api/openstack-identity/3/"

  /// 120 in a real 2026.1.
  @Test func `every path has its relation`() throws {
    let found = try resources("/v3")
    #expect(found.count == 120)
    #expect(found[base + "rel/users"]?["href"] as? String == "/users")
    let tag = try #require(found[base + "rel/project_tags"])
    #expect(tag["href-template"] as? String == "/projects/{project_id}/tags/{value}")
    #expect(
      tag["href-vars"] as? [String: String]
        == ["project_id": base + "param/project_id", "value": base + "param/tag_value"])
    #expect(
      found[base + "ext/OS-FEDERATION/1.0/rel/projects"]?["href"] as? String == "/auth/projects")
    #expect(found[base + "rel/limits"]?["hints"] as? [String: String] == ["status": "experimental"])
  }

  @Test func `the document of all versions names the version in each path`() throws {
    let found = try resources("/")
    #expect(found[base + "rel/users"]?["href"] as? String == "/v3/users")
  }

  @Test func `an older release shows less`() throws {
    let found = try resources("/v3", release: "newton")
    #expect(found[base + "rel/application_credentials"] == nil)
    #expect(found[base + "rel/users"] != nil)
  }

  /// As a real 2026.1 chooses.
  @Test(arguments: [
    ("application/json-home", true), ("application/json-home, application/json", false),
    ("application/json, application/json-home", false), ("*/*, application/json-home", true),
    ("application/json-home, */*", true), ("application/json-home;q=0.5, */*", false),
    ("application/json;q=0.1, application/json-home;q=0.25", true), ("text/html", false),
    ("application/*", false), ("*/*", false), ("application/json-home;q=0", false), ("", false),
  ]) func `a client gets what it would rather have`(accept: String, home: Bool) {
    #expect(JSONHome.isPreferred(by: accept) == home)
  }
}
