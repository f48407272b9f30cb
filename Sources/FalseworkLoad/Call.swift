// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkHTTP

/// One request as the engine hands it out: the simulated world reads it, the live world has it
/// written as HTTP by a `CallWriter`.
package enum Call: Equatable, Sendable {
  /// The place of the credentials in the plan.
  case authenticate(credentials: Int)
  /// Nil tokens leave the header out.
  case validate(token: String?)
  case catalog(token: String?)
  case projects(token: String?)
  case revoke(token: String?)
  /// The task and the step whose `HTTPStep` it is, with the values for its gaps, in the order of
  /// `HTTPStep.values`; nil if it has none.
  case http(task: Int, step: Int, values: ValueTable?)
}

/// Writes calls as HTTP/1.1. What does not change from call to call is rendered once.
package struct CallWriter: Sendable {
  private let authentications: [[UInt8]]
  private let steps: [[RequestTemplate?]]
  private let wants: [[AnswerWants?]]
  private let methods: [[HTTPMethod]]
  private let prefix: [UInt8]
  /// `host` and the other fields that every GET has.
  private let common: [UInt8]

  /// - Parameters:
  ///   - host: the authority for the `host` field.
  ///   - prefix: a path before `/v3`, without a slash at its end; usually empty.
  package init(plan: LoadPlan, host: String, prefix: String) {
    precondition(host.isHTTPFieldValue, "a host that splits: \(host)")
    let fields = [
      HTTPStep.Header(name: "host", value: host),
      HTTPStep.Header(name: "user-agent", value: "falsework"),
      HTTPStep.Header(name: "accept", value: "application/json"),
    ]
    var common: [UInt8] = []
    for field in fields { common.append(field: field) }
    self.common = common
    self.prefix = Array(prefix.utf8)
    authentications = plan.credentials.map { credentials in
      let body = Self.body(credentials)
      var bytes: [UInt8] = []
      bytes.append("POST ")
      bytes.append(text: prefix)
      bytes.append("/v3/auth/tokens HTTP/1.1\r\n")
      bytes.append(contentsOf: common)
      bytes.append("content-type: application/json\r\n")
      bytes.appendField("content-length", body.count)
      bytes.appendEndOfHead()
      bytes.append(contentsOf: body)
      return bytes
    }
    steps = plan.tasks.map { task in
      task.steps.map { step in
        guard case .http(let http) = step.kind else { return nil }
        return RequestTemplate(http, common: fields)
      }
    }
    wants = plan.tasks.map { task in
      task.steps.map { step in
        guard case .http(let http) = step.kind, !http.wants.isEmpty else { return nil }
        return http.wants
      }
    }
    methods = plan.tasks.map { task in
      task.steps.map { step in
        guard case .http(let http) = step.kind else { return .get }
        return HTTPMethod(name: http.method)
      }
    }
  }

  /// What the framing of the answer depends on.
  package func method(of call: Call) -> HTTPMethod {
    switch call {
    case .authenticate: .post
    case .validate, .catalog, .projects: .get
    case .revoke: .delete
    case .http(let task, let step, _): methods[task][step]
    }
  }

  /// What of the answer must be kept for the engine; nil if nothing.
  package func wants(of call: Call) -> AnswerWants? {
    guard case .http(let task, let step, _) = call else { return nil }
    return wants[task][step]
  }

  package func append(_ call: Call, to output: inout [UInt8]) {
    switch call {
    case .authenticate(let credentials):
      output.append(contentsOf: authentications[credentials])
    case .validate(let token):
      appendHead("GET ", "/v3/auth/tokens", caller: token, subject: token, to: &output)
    case .catalog(let token):
      appendHead("GET ", "/v3/auth/catalog", caller: token, subject: nil, to: &output)
    case .projects(let token):
      appendHead("GET ", "/v3/auth/projects", caller: token, subject: nil, to: &output)
    case .revoke(let token):
      appendHead("DELETE ", "/v3/auth/tokens", caller: token, subject: token, to: &output)
    case .http(let task, let step, let values):
      guard let template = steps[task][step] else { preconditionFailure("no request: \(call)") }
      template.append(values ?? ValueTable(), to: &output)
    }
  }

  private func appendHead(
    _ method: StaticString, _ path: StaticString, caller: String?, subject: String?,
    to output: inout [UInt8]
  ) {
    output.append(method)
    output.append(contentsOf: prefix)
    output.append(path)
    output.append(" HTTP/1.1\r\n")
    output.append(contentsOf: common)
    if let caller { output.appendField("x-auth-token", caller) }
    if let subject { output.appendField("x-subject-token", subject) }
    output.appendEndOfHead()
  }

  /// The body of a password authentication (Identity API v3).
  private static func body(_ credentials: Credentials) -> [UInt8] {
    var json = JSONWriter(.compact)
    json.object {
      $0.member("auth") { auth in
        auth.member("identity") { identity in
          identity.list("methods") { $0.value("password") }
          identity.member("password") { password in
            password.member("user") { user in
              user.member("name", credentials.user)
              user.member("domain") { $0.member("name", credentials.userDomain) }
              user.member("password", credentials.password)
            }
          }
        }
        guard let project = credentials.project else { return }
        auth.member("scope") { scope in
          scope.member("project") {
            $0.member("name", project)
            $0.member("domain") { $0.member("name", credentials.projectDomain) }
          }
        }
      }
    }
    return json.bytes
  }
}

extension [UInt8] {
  fileprivate mutating func append(field: HTTPStep.Header) {
    append(text: field.name)
    append(": ")
    append(text: field.value)
    append("\r\n")
  }
}
