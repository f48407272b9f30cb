// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// What a request asks of a node. The live world reads it from HTTP (`KeystoneRouter`), the
/// simulated world builds it directly. What is large stands behind a reference: calls are copied from
/// queue to queue, and a validation, which is most of them, is small.
package enum KeystoneCall: Equatable, Sendable {
  indirect case authenticate(AuthRequest, catalog: Bool)
  /// With `head` the same as HEAD, which Keystone holds to a policy of its own; with `accessRules`
  /// the client knows the access rules of application credentials.
  case validate(
    caller: String?, subject: String?, catalog: Bool, allowExpired: Bool, head: Bool = false,
    accessRules: Bool = false)
  /// With `cascade` and from 2026.2 on also what was made from the token.
  case revoke(caller: String?, subject: String?, cascade: Bool = true)
  case catalog(caller: String?)
  case authProjects(caller: String?)
  case authDomains(caller: String?)
  case authSystem(caller: String?)
  /// `GET /`: the versions there are, with status 300.
  case versions
  /// `GET /v3`.
  case version
  case healthcheck(head: Bool = false)
  /// Any request to the API, as it came.
  indirect case api(APIRequest)
  /// An answer that is known already.
  indirect case answered(KeystoneAnswer)

  package struct Filter: Equatable, Sendable {
    package var name, value: String
  }

  var isHealthcheck: Bool {
    switch self {
    case .healthcheck: true
    case .api(let request): request.place == .healthcheck
    default: false
    }
  }

  /// The kind of work that a call is: what the service model charges for.
  package var operation: KeystoneOperation {
    switch self {
    case .authenticate: .authenticate
    case .validate: .validate
    case .versions, .version, .healthcheck, .answered: .discovery
    case .api(let request): request.operation
    case .revoke, .catalog, .authProjects, .authDomains, .authSystem: .other
    }
  }
}

package enum KeystoneOperation: String, CaseIterable, Equatable, Sendable {
  case authenticate
  case validate
  /// Version documents, health checks and requests that fail before they reach the API.
  case discovery
  case other
}

/// The `auth` object of `POST /v3/auth/tokens`.
package struct AuthRequest: Equatable, Sendable {
  package enum DomainReference: Equatable, Sendable {
    case id(String)
    case name(String)
  }
  package enum UserReference: Equatable, Sendable {
    case id(String)
    case name(String, DomainReference)
  }
  package enum Scope: Equatable, Sendable {
    case unstated
    case unscoped
    case projectID(String)
    case projectName(String, DomainReference)
    case domain(DomainReference)
    case system
    case trust(String)
  }

  /// What came over HTTP and is looked at while the methods are gone through.
  package struct Sent: Equatable, Sendable {
    package var identity: JSONValue
    package var scope: JSONValue?
    package var fields: APIRequest.Fields
    package var target: String
  }

  package var methods: [String]
  package var user: UserReference?
  package var password: String?
  package var token: String?
  package var scope: Scope
  /// If it is there, user, password, token and scope are in it, and not beside it.
  package var sent: Sent?

  package init(
    methods: [String], user: UserReference?, password: String?, token: String?, scope: Scope
  ) {
    self.methods = methods
    self.user = user
    self.password = password
    self.token = token
    self.scope = scope
  }

  /// A password and a project, all by name: what the load engine sends.
  package static func password(
    user: String, userDomain: String, password: String, project: String?, projectDomain: String
  ) -> AuthRequest {
    AuthRequest(
      methods: ["password"], user: .name(user, .name(userDomain)), password: password, token: nil,
      scope: project.map { .projectName($0, .name(projectDomain)) } ?? .unscoped)
  }
}

/// What a node answers.
package struct KeystoneAnswer: Equatable, Sendable {
  package var status: Int
  package var operation: KeystoneOperation
  package var subjectToken: String?
  /// Further fields, in the order in which they are sent.
  package var fields: [Field]
  package var contentType: ContentType
  package var body: [UInt8]
  /// The status is told in capitals, as Werkzeug does.
  package var shouts = false
  /// The status is told as HTTP spells it, whatever the framework.
  package var speaksPlainly = false
  /// Answered by a middleware outside of those that add Keystone's fields.
  package var isBare = false

  package struct Field: Equatable, Sendable {
    package var name: String
    package var value: String
  }

  package enum ContentType: Equatable, Sendable {
    case json, jsonHome, html, text, form, none

    var text: StaticString? {
      switch self {
      case .json: "application/json"
      case .jsonHome: "application/json-home"
      case .html: "text/html; charset=utf-8"
      case .text: "text/plain; charset=UTF-8"
      case .form: "application/x-www-form-urlencoded"
      case .none: nil
      }
    }
  }

  package init(
    status: Int, operation: KeystoneOperation, contentType: ContentType = .json,
    fields: [Field] = [], body: [UInt8] = []
  ) {
    self.status = status
    self.operation = operation
    self.contentType = contentType
    self.fields = fields
    self.body = body
  }

  /// The fields of its head by name and value, those of the framing left out.
  package var allFields: [(name: String, value: String)] {
    var all: [(name: String, value: String)] = []
    if let type = contentType.text { all.append(("Content-Type", "\(type)")) }
    if let subjectToken { all.append(("X-Subject-Token", subjectToken)) }
    return all + fields.map { (name: $0.name, value: $0.value) }
  }

  /// Appends the answer as HTTP/1.1.
  ///
  /// - Parameters:
  ///   - head: the request was a HEAD: the length is told, the body is not sent (RFC 9110, 9.3.2).
  ///   - close: the connection ends after the answer.
  package func append(to output: inout [UInt8], head: Bool, close: Bool) {
    if shouts {
      output.appendStatusLine(shouting: status)
    } else {
      output.appendStatusLine(status)
    }
    if let type = contentType.text {
      output.append("Content-Type: ")
      output.append(type)
      output.append("\r\n")
    }
    if status != 204 { output.appendField("Content-Length", body.count) }
    if let subjectToken { output.appendField("X-Subject-Token", subjectToken) }
    for field in fields {
      output.append(text: field.name)
      output.append(": ")
      output.append(text: field.value)
      output.append("\r\n")
    }
    if close { output.append("Connection: close\r\n") }
    output.appendEndOfHead()
    if !head, status != 204 { output.append(contentsOf: body) }
  }
}
