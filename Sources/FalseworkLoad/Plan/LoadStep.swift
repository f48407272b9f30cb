// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// A journey that users make: steps back to back.
package struct LoadTask: Equatable, Sendable {
  package var name: String
  /// Its share of all journeys is its weight over the sum of all.
  package var weight: Int
  package var steps: [LoadStep]

  package init(name: String, weight: Int, steps: [LoadStep]) {
    self.name = name
    self.weight = weight
    self.steps = steps
  }
}

package struct LoadStep: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// `POST /v3/auth/tokens`; expects 201 and a token, which later steps use.
    case authenticate
    /// `GET /v3/auth/tokens` with this journey's token as caller and as subject.
    case validateOwn
    /// The same with a token that some user was given before.
    case validatePooled
    /// The same with a token that was issued at least so long ago; as long as there is none, with
    /// the oldest there is.
    case validateOld(Interval)
    case catalog
    /// `GET /v3/auth/projects`: the projects that the journey's token could be for.
    case projects
    case revoke
    case http(HTTPStep)

    /// It uses tokens of others.
    package var borrows: Bool {
      switch self {
      case .validatePooled, .validateOld: true
      case .authenticate, .validateOwn, .catalog, .projects, .revoke: false
      case .http(let step): step.values.contains(.anyToken)
      }
    }

    /// It ends the life of its journey's token.
    var revokes: Bool {
      switch self {
      case .revoke: true
      case .authenticate, .validateOwn, .validatePooled, .validateOld, .catalog, .projects: false
      case .http(let step): step.method == "DELETE" && step.values.contains(.token)
      }
    }
  }

  package enum OnFailure: String, CaseIterable, Equatable, Sendable {
    /// Go on with the next step, as the script of 2017 did: its GET was sent even after a POST
    /// that failed, without a token.
    case goOn = "continue"
    case abort
  }

  /// As it is reported.
  package var name: String
  package var kind: Kind
  package var onFailure: OnFailure
  /// A pause before it.
  package var think: Distribution?

  package init(name: String, kind: Kind, onFailure: OnFailure) {
    self.name = name
    self.kind = kind
    self.onFailure = onFailure
  }
}

/// Any request of HTTP.
///
/// In the path, in the values of fields and in the body, `${name}` stands for a value of the journey
/// (`TextTemplate`).
package struct HTTPStep: Equatable, Sendable {
  package var method: String
  package var path: String
  package var headers: [Header]
  package var body: [UInt8]
  /// Statuses that count as success; empty means 200 to 399.
  package var expected: [Int]
  package var checks: [AnswerCheck] = []
  package var captures: [Capture] = []

  package struct Header: Equatable, Sendable {
    package var name, value: String
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    method: String, path: String, headers: [Header], body: [UInt8], expected: [Int]
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.expected = expected
  }

  /// What was read once without a problem.
  func template(of text: String) -> TextTemplate {
    do {
      return try TextTemplate(parsing: text)
    } catch {
      preconditionFailure("\(error.found), expected \(error.expected): \(text)")
    }
  }

  /// Nil if the body is sent as it is.
  var bodyTemplate: TextTemplate? {
    guard body.contains(UInt8(ascii: "$")) else { return nil }
    return template(of: String(decoding: body, as: UTF8.self))
  }

  /// The values that its request needs, each once.
  package var values: [JourneyValue] {
    var values: [JourneyValue] = []
    let templates =
      [template(of: path)] + headers.map { template(of: $0.value) }
      + (bodyTemplate.map { [$0] } ?? [])
    for value in templates.flatMap(\.values) where !values.contains(value) { values.append(value) }
    return values
  }

  package var wants: AnswerWants { AnswerWants(checks.map(\.part) + captures.map(\.part)) }
}

extension LoadStep.Kind {
  /// The method that it asks with: what Locust shows as a request's type.
  package var method: String {
    switch self {
    case .authenticate: "POST"
    case .validateOwn, .validatePooled, .validateOld, .catalog, .projects: "GET"
    case .revoke: "DELETE"
    case .http(let step): step.method
    }
  }
}
