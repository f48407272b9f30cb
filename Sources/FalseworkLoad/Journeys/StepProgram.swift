// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What the engine has to know of a step while it runs, worked out once: names are numbers here, and
/// texts are bytes.
struct StepProgram: Sendable {
  enum Source: Equatable, Sendable {
    case captured(Int)
    case token, anyToken
    case user, userDomain, password, project, projectDomain
    case userNumber, journeyNumber, requestNumber
  }

  enum Piece: Sendable {
    case bytes([UInt8])
    case value(Source)
  }

  enum Condition: Sendable {
    case equals([Piece])
    case contains([Piece])
    case matches(Pattern)
    case present(Bool)
  }

  struct Check: Sendable {
    var part: AnswerPart
    var condition: Condition
  }

  struct Keep: Sendable {
    /// Nil is the journey's token.
    var variable: Int?
    var part: AnswerPart
    var pattern: Pattern?
    var otherwise: [UInt8]?
  }

  /// What kind of step it is, without what only a request of HTTP has.
  enum Kind: Sendable {
    case authenticate, validateOwn, validateBorrowed, catalog, projects, revoke, http

    init(_ kind: LoadStep.Kind) {
      switch kind {
      case .authenticate: self = .authenticate
      case .validateOwn: self = .validateOwn
      case .validatePooled, .validateOld: self = .validateBorrowed
      case .catalog: self = .catalog
      case .projects: self = .projects
      case .revoke: self = .revoke
      case .http: self = .http
      }
    }
  }

  let kind: Kind
  /// Statuses that count as success; empty means 200 to 399.
  let expected: [Int]
  let values: [Source]
  let wants: AnswerWants
  let checks: [Check]
  let keeps: [Keep]
  let borrows: Bool
  /// Nothing of an answer but its status matters.
  var isPlain: Bool { checks.isEmpty && keeps.isEmpty }
  /// Only tokens of this age; nil takes any.
  let age: Int?

  /// The programs of a plan's steps.
  ///
  /// - Parameter ages: the ages of tokens that steps ask for.
  static func all(_ plan: LoadPlan, ages: [Interval]) -> [[StepProgram]] {
    plan.tasks.map { task in
      let names = variables(of: task)
      return task.steps.map { StepProgram($0, names, ages) }
    }
  }

  /// What a journey captures, each name once; its place is its number.
  private static func variables(of task: LoadTask) -> [String] {
    var names: [String] = []
    for step in task.steps {
      guard case .http(let http) = step.kind else { continue }
      for capture in http.captures where capture.name != "token" && !names.contains(capture.name) {
        names.append(capture.name)
      }
    }
    return names
  }

  private init(_ step: LoadStep, _ names: [String], _ ages: [Interval]) {
    kind = Kind(step.kind)
    borrows = step.kind.borrows
    if case .validateOld(let age) = step.kind {
      self.age = ages.firstIndex(of: age)
    } else {
      age = nil
    }
    guard case .http(let http) = step.kind else {
      expected = []
      values = []
      wants = AnswerWants([])
      checks = []
      keeps = []
      return
    }
    expected = http.expected
    values = http.values.map { Self.source($0, names) }
    wants = http.wants
    checks = http.checks.map { check in
      let condition: Condition =
        switch check.condition {
        case .equals(let template): .equals(Self.pieces(template, names))
        case .contains(let template): .contains(Self.pieces(template, names))
        case .matches(let pattern): .matches(pattern)
        case .present(let wanted): .present(wanted)
        }
      return Check(part: check.part, condition: condition)
    }
    keeps = http.captures.map { capture in
      Keep(
        variable: names.firstIndex(of: capture.name), part: capture.part, pattern: capture.pattern,
        otherwise: capture.otherwise.map { Array($0.utf8) })
    }
  }

  private static func pieces(_ template: TextTemplate, _ names: [String]) -> [Piece] {
    template.pieces.map { piece in
      switch piece {
      case .text(let text): .bytes(Array(text.utf8))
      case .value(let value, _): .value(source(value, names))
      }
    }
  }

  private static func source(_ value: JourneyValue, _ names: [String]) -> Source {
    switch value {
    case .captured(let name):
      guard let index = names.firstIndex(of: name) else {
        preconditionFailure("'\(name)' is captured by no step of its journey")
      }
      return .captured(index)
    case .token: return .token
    case .anyToken: return .anyToken
    case .user: return .user
    case .userDomain: return .userDomain
    case .password: return .password
    case .project: return .project
    case .projectDomain: return .projectDomain
    case .userNumber: return .userNumber
    case .journeyNumber: return .journeyNumber
    case .requestNumber: return .requestNumber
    }
  }
}
