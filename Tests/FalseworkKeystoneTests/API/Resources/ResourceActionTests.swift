// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkKeystone

@Suite struct ResourceActionTests {
  @Test func `every rule that the table names is one of the policy's, and has a route`() {
    let rules = Set(Policy.shipped(with: .newest).names)
    for action in ResourceAction.all {
      if let rule = action.rule { #expect(rules.contains("identity:" + rule), "\(rule)") }
      #expect(
        Route.all.contains {
          $0.endpoint == action.endpoint && $0.methods.contains(action.method)
        }, "\(action.method) \(action.endpoint)")
    }
  }

  /// What of the routes is no resource: authentication, delegation's handshakes, events.
  @Test func `every route is a resource's or known not to be`() {
    let others: Set<Endpoint> = [
      .authProjects, .authDomains, .authSystem, .authCatalog, .revokedTokens, .authTokens, .saml2,
      .saml2ECP, .websso, .identityProvidersWebsso, .ec2tokens, .s3tokens, .saml2Metadata,
      .identityProviderProtocolAuth, .oauth1RequestTokens, .oauth1AccessTokens,
      .authorizeRequestToken, .oauth2Token, .revocationEvents, .caCertificate, .certificates,
      .userTokens,
    ]
    for route in Route.all where !others.contains(route.endpoint) {
      for method in route.methods {
        #expect(ResourceAction.find(route.endpoint, method) != nil, "\(method) \(route.template)")
      }
    }
  }

  @Test func `the page lists the table`() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../../specs/keystone-api.md").standardizedFileURL
    let text = try String(contentsOf: page, encoding: .utf8)
    let start = try #require(text.range(of: "<!-- routes -->\n"))
    let end = try #require(text.range(of: "<!-- end of routes -->"))
    let table = Self.table()
    if ProcessInfo.processInfo.environment["FALSEWORK_UPDATE_GOLDEN"] == "1" {
      let new = text.replacingCharacters(in: start.upperBound..<end.lowerBound, with: table)
      try new.write(to: page, atomically: true, encoding: .utf8)
      return
    }
    #expect(
      text[start.upperBound..<end.lowerBound] == table,
      "FALSEWORK_UPDATE_GOLDEN=1 writes the page anew")
  }

  private static func table() -> String {
    var lines = ["| request | status | rule | since |", "|---|---|---|---|"]
    for route in Route.all {
      for action in ResourceAction.all where action.endpoint == route.endpoint {
        let since = Release.all.first { $0.number >= route.since }?.name ?? ""
        lines.append(
          "| `\(action.method.rawValue) \(route.template)` | \(action.status) | "
            + "\(action.rule ?? "anybody") | \(route.since <= 7 ? "" : since) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
