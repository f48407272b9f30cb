// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct DiscoveryTests {
  private static let newest =
    #"{"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z", "links": [{"rel": "self", "#
    + #""href": "http://k:5000/v3/"}], "media-types": [{"base": "application/json", "#
    + #""type": "application/vnd.openstack.identity-v3+json"}]}"#

  @Test(arguments: ["GET /", "HEAD /", "GET http://k:5000", "GET http://k:5000/"])
  func `the root answers 300 and says where to go`(line: String) {
    var desk = Desk()
    let answer = desk.ask(line)
    #expect(answer.status == 300)
    #expect(answer.field("Location") == "http://k:5000/v3/")
    #expect(answer.text == #"{"versions": {"values": [\#(Self.newest)]}}"#)
  }

  @Test(arguments: ["GET /v3", "GET /v3/", "HEAD /v3", "GET //v3", "GET /v3?a=b"])
  func `the version's own document is found with and without the slash`(line: String) {
    var desk = Desk()
    let answer = desk.ask(line)
    #expect(answer.status == 200)
    #expect(answer.text == #"{"version": \#(Self.newest)}"#)
  }

  @Test(arguments: [
    ("liberty", "v3.4", "2015-03-30"), ("newton", "v3.7", "2016-10-06"),
    ("ocata", "v3.8", "2017-02-22"),
    ("pike", "v3.8", "2017-02-22"), ("queens", "v3.10", "2018-02-28"),
    ("rocky", "v3.10", "2018-02-28"),
    ("stein", "v3.12", "2019-01-22"), ("train", "v3.13", "2019-07-19"),
    ("2023.1", "v3.14", "2020-04-07"),
  ]) func `each release calls itself what it did`(name: String, id: String, updated: String) throws
  {
    var desk = Desk(name)
    let version = try #require(desk.ask("GET /v3").json()["version"] as? [String: Any])
    #expect(version["id"] as? String == id)
    #expect(version["updated"] as? String == updated + "T00:00:00Z")
    #expect(version["status"] as? String == "stable")
  }

  @Test func `version 2 is listed up to Queens, deprecated and described`() throws {
    func ids(_ name: String) throws -> [String] {
      var desk = Desk(name)
      let versions = try #require(desk.ask("GET /").json()["versions"] as? [String: Any])
      return try #require(versions["values"] as? [[String: Any]]).compactMap { $0["id"] as? String }
    }
    #expect(try ids("queens") == ["v3.10", "v2.0"])
    #expect(try ids("rocky") == ["v3.10"])
    var desk = Desk("queens")
    #expect(desk.ask("GET /").text.contains(#""id": "v2.0", "status": "deprecated""#))
    #expect(desk.ask("GET /").text.contains(#""rel": "describedby""#))
  }

  @Test func `links follow the address that the client used, unless an endpoint is configured`() {
    var desk = Desk()
    desk.service.options.publicEndpoint = "https://public.example"
    #expect(desk.ask("GET /v3").text.contains(#""href": "https://public.example/v3/""#))
    #expect(desk.ask("GET /").field("Location") == "https://public.example/v3/")
  }

  @Test func `the health check is empty text from Ocata on, and was nothing before`() {
    for name in ["ocata", "2026.2"] {
      var desk = Desk(name)
      let answer = desk.ask("GET /healthcheck")
      #expect(answer.status == 200 && answer.body == [] && answer.contentType == .text)
      #expect(answer.field("Vary") == nil && answer.field("x-openstack-request-id") != nil)
      #expect(desk.ask("HEAD /healthcheck").status == 204)
    }
    var old = Desk("newton")
    #expect(old.ask("GET /healthcheck").status == 404)
  }
}
