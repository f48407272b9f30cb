// SPDX-License-Identifier: Apache-2.0

/// A request to the API as it came, taken apart as far as its path goes. What is wrong with it is
/// for the service to say, in Keystone's order: the caller's token, the body, the path, the method.
package struct APIRequest: Equatable, Sendable {
  package enum Method: String, CaseIterable, Equatable, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"
    /// Any other.
    case other = ""
  }

  package struct Parameter: Equatable, Sendable {
    package var name, value: String
  }

  /// What a path names.
  package enum Place: Equatable, Sendable {
    case versions, version3, healthcheck
    case api(Route)
    /// Nothing that Keystone knows.
    case nowhere
  }

  package var place: Place
  package var method: Method
  /// What stands in the path where the route has a parameter.
  package var parameters: [Parameter]
  package var query: [KeystoneCall.Filter]
  /// As it was sent, with the query: what lists name as their own address.
  package var target: String
  package var fields: Fields
  package var body: [UInt8]

  /// The fields of a request's head that Keystone looks at.
  package struct Fields: Equatable, Sendable {
    package var caller: String?
    package var subject: String?
    package var contentType: String?
    package var accept: String?
    package var authorization: String?
    /// `OpenStack-Identity-Access-Rules`.
    package var accessRules: String?
    /// `Requested-Project-Id`.
    package var requestedProject: String?
    /// `Openstack-Auth-Receipt`.
    package var receipt: String?
    /// Fields `X-Environment-…` with the names of variables, such as `REMOTE_USER`: what a login in
    /// front of Keystone would set. Only a node that is told to believes them.
    package var environment: [Parameter]

    package init() {
      environment = []
    }
  }

  package init(
    place: Place, method: Method, parameters: [Parameter], query: [KeystoneCall.Filter],
    target: String, fields: Fields, body: [UInt8]
  ) {
    self.place = place
    self.method = method
    self.parameters = parameters
    self.query = query
    self.target = target
    self.fields = fields
    self.body = body
  }

  /// The value of a parameter of the path; empty if the route has none of that name.
  package func parameter(_ name: String) -> String {
    parameters.first { $0.name == name }?.value ?? ""
  }

  /// The first value in the query.
  package func query(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// What is at the path, if it is of the API.
  package var endpoint: Endpoint? {
    if case .api(let route) = place { route.endpoint } else { nil }
  }

  /// The kind of work that it is.
  var operation: KeystoneOperation {
    guard case .api(let route) = place, route.methods.contains(method) || method == .head else {
      return .discovery
    }
    return switch (route.endpoint, method) {
    case (.authTokens, .post): .authenticate
    case (.authTokens, .get), (.authTokens, .head): .validate
    default: .other
    }
  }

  /// GET, or HEAD, which is answered like it.
  package var reads: Bool { method == .get || method == .head }
}
