// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

struct RouteTests {
  @Test func `every endpoint has a route`() {
    #expect(Set(Route.all.map(\.endpoint)) == Set(Endpoint.allCases))
  }

  @Test(arguments: Route.all) func `a path that a template makes leads back to it`(_ route: Route) {
    let path = route.segments.map { segment in
      switch segment {
      case .literal(let text): text
      case .parameter(let name): "<\(name)>"
      }
    }
    let found = Route.find(path[...], .newest)
    #expect(found?.route == route)
    #expect(found?.parameters.allSatisfy { $0.value == "<\($0.name)>" } == true)
  }
}
