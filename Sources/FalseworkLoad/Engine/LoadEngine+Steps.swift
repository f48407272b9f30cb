// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP

/// What a step asks, and what it makes of its answer.
extension LoadEngine {
  private func kind(_ runner: Int) -> StepProgram.Kind {
    programs[runners[runner].task][runners[runner].step].kind
  }

  // MARK: Asking

  mutating func call(_ runner: Int, now: Instant) -> Call {
    if runners[runner].preliminary { return authentication(runner) }
    let (task, step) = (runners[runner].task, runners[runner].step)
    if programs[task][step].borrows, !borrow(runner, programs[task][step].age, now: now) {
      // The pool was emptied since the step began: a refused token was taken out.
      runners[runner].preliminary = true
      return authentication(runner)
    }
    switch kind(runner) {
    case .authenticate: return authentication(runner)
    case .validateOwn: return .validate(token: own(runner))
    case .validateBorrowed: return .validate(token: borrowed(runner))
    case .catalog: return .catalog(token: own(runner))
    case .projects: return .projects(token: own(runner))
    case .revoke: return .revoke(token: own(runner))
    case .http:
      guard !programs[task][step].values.isEmpty else {
        return .http(task: task, step: step, values: nil)
      }
      gather(runner)
      return .http(task: task, step: step, values: runners[runner].values)
    }
  }

  private func authentication(_ runner: Int) -> Call {
    .authenticate(credentials: plan.share.whole(runner) % plan.credentials.count)
  }

  /// Sees to it that the journey has a token to use that some user was given: of the age if one is
  /// asked for, its own if it has one, or any.
  private mutating func borrow(_ runner: Int, _ age: Int?, now: Instant) -> Bool {
    if age == nil, runners[runner].token != nil { return true }
    runners[runner].pooled = pool.pick(age, now: now, using: &generator)
    return runners[runner].pooled != nil || runners[runner].token != nil
  }

  private mutating func borrowed(_ runner: Int) -> String? {
    guard let token = runners[runner].pooled else { return own(runner) }
    return carry(token, runner)
  }

  /// The journey's token, which the request should have and may lack.
  private mutating func own(_ runner: Int) -> String? {
    guard let token = runners[runner].token else {
      runners[runner].lackedToken = true
      return nil
    }
    return carry(token, runner)
  }

  private mutating func carry(_ token: IssuedToken, _ runner: Int) -> String {
    runners[runner].tokenNumber = token.number
    runners[runner].tokenIssued = token.issued
    return token.text
  }

  /// Fills in the values of a request.
  private mutating func gather(_ runner: Int) {
    // Taken out first: the closure below may not see the runner that it changes.
    var values = ValueTable()
    swap(&values, &runners[runner].values)
    values.removeAll()
    for source in programs[runners[runner].task][runners[runner].step].values {
      values.append { bytes in
        let isThere = append(source, runner, to: &bytes)
        if !isThere { runners[runner].lackedToken = true }
        return isThere
      }
    }
    swap(&values, &runners[runner].values)
  }

  /// Appends a value; says whether there is one.
  private mutating func append(
    _ source: StepProgram.Source, _ runner: Int, to bytes: inout [UInt8]
  ) -> Bool {
    let credentials = plan.credentials[plan.share.whole(runner) % plan.credentials.count]
    let text: String?
    switch source {
    case .captured(let index): return runners[runner].captured.append(index, to: &bytes)
    case .token: text = runners[runner].token.map { carry($0, runner) }
    case .anyToken: text = borrowed(runner)
    case .user: text = credentials.user
    case .userDomain: text = credentials.userDomain
    case .password: text = credentials.password
    case .project: text = credentials.project
    case .projectDomain: text = credentials.projectDomain
    case .userNumber: return Self.append(plan.share.whole(runner) + 1, to: &bytes)
    case .journeyNumber: return Self.append(runners[runner].journey, to: &bytes)
    case .requestNumber: return Self.append(runners[runner].number, to: &bytes)
    }
    guard let text else { return false }
    bytes.append(contentsOf: text.utf8)
    return true
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) -> Bool {
    bytes.append(decimal: number)
    return true
  }

  // MARK: Judging

  /// What an answer is worth; what is to be kept of a good one is kept.
  mutating func judge(_ runner: Int, _ reply: Reply, now: Instant) -> Outcome.Verdict {
    if runners[runner].preliminary { return judgeToken(runner, reply, now: now) }
    let good: Bool
    switch kind(runner) {
    case .authenticate: return judgeToken(runner, reply, now: now)
    case .validateOwn, .validateBorrowed, .catalog, .projects:
      good = reply.status == 200
    case .revoke: good = reply.status == 204
    case .http:
      let (task, step) = (runners[runner].task, runners[runner].step)
      good =
        programs[task][step].expected.isEmpty
        ? (200...399).contains(reply.status) : programs[task][step].expected.contains(reply.status)
      if programs[task][step].isPlain { break }
      if good { return examine(runner, reply.content, now: now) }
      forget(runner)
    }
    return good ? .ok : .status(reply.status)
  }

  private mutating func judgeToken(
    _ runner: Int, _ reply: Reply, now: Instant
  ) -> Outcome.Verdict {
    guard reply.status == 201 else { return .status(reply.status) }
    guard let token = reply.subjectToken else { return .tokenMissing }
    keep(token, runner, now: now)
    return .ok
  }

  private mutating func keep(_ text: String, _ runner: Int, now: Instant) {
    let token = IssuedToken(text: text, number: runners[runner].number, issued: now)
    runners[runner].token = token
    if !revokes[runners[runner].task] { pool.add(token) }
  }

  /// Checks first: of an answer that is wrong nothing is kept.
  private mutating func examine(
    _ runner: Int, _ content: AnswerContent, now: Instant
  ) -> Outcome.Verdict {
    let (task, step) = (runners[runner].task, runners[runner].step)
    let program = programs[task][step]
    for check in program.checks where !holds(check, runner, content, program.wants) {
      forget(runner)
      return .unexpected(check.part.verdictPart)
    }
    var verdict = Outcome.Verdict.ok
    for keep in program.keeps where !take(keep, runner, content, program.wants, now: now) {
      verdict = .captureMissing
    }
    return verdict
  }

  /// What a failed step would have captured is not there, whatever an earlier one left.
  private mutating func forget(_ runner: Int) {
    let (task, step) = (runners[runner].task, runners[runner].step)
    for keep in programs[task][step].keeps {
      if let variable = keep.variable { runners[runner].captured.clear(variable) }
    }
  }

  private mutating func take(
    _ keep: StepProgram.Keep, _ runner: Int, _ content: AnswerContent, _ wants: AnswerWants,
    now: Instant
  ) -> Bool {
    var text: [UInt8] = []
    swap(&text, &expected)
    defer { swap(&text, &expected) }
    text.removeAll(keepingCapacity: true)
    if !find(keep, content, wants, into: &text) {
      guard let otherwise = keep.otherwise else {
        if let variable = keep.variable { runners[runner].captured.clear(variable) }
        return false
      }
      text.removeAll(keepingCapacity: true)
      text.append(contentsOf: otherwise)
    }
    if let variable = keep.variable {
      runners[runner].captured.set(variable) { bytes in bytes.append(contentsOf: text) }
    } else {
      self.keep(String(decoding: text, as: UTF8.self), runner, now: now)
    }
    return true
  }

  /// Appends what is to be kept; says whether there is anything. A pattern looks at the text that a string
  /// of JSON says, not at how it is written.
  private mutating func find(
    _ keep: StepProgram.Keep, _ content: AnswerContent, _ wants: AnswerWants,
    into text: inout [UInt8]
  ) -> Bool {
    guard let place = content.find(keep.part, wants) else { return false }
    guard let pattern = keep.pattern else {
      Self.append(content, place, to: &text)
      return true
    }
    guard place.escaped else {
      guard let match = pattern.find(in: content.bytes.span, place.range, using: &scratch) else {
        return false
      }
      text.append(contentsOf: content.bytes[match])
      return true
    }
    Self.append(content, place, to: &text)
    guard let match = pattern.find(in: text.span, 0..<text.count, using: &scratch) else {
      return false
    }
    text.removeSubrange(match.upperBound...)
    text.removeSubrange(..<match.lowerBound)
    return true
  }

  private static func append(
    _ content: AnswerContent, _ found: (range: Range<Int>, escaped: Bool),
    to bytes: inout [UInt8]
  ) {
    if found.escaped {
      JSONScan.appendUnescaped(content.bytes.span, found.range, to: &bytes)
    } else {
      bytes.append(contentsOf: content.bytes[found.range])
    }
  }

  private mutating func holds(
    _ check: StepProgram.Check, _ runner: Int, _ content: AnswerContent, _ wants: AnswerWants
  ) -> Bool {
    let found = content.find(check.part, wants)
    if case .present(let wanted) = check.condition { return (found != nil) == wanted }
    guard let found else { return false }
    var plain: [UInt8] = []
    swap(&plain, &expected)
    defer { swap(&plain, &expected) }
    plain.removeAll(keepingCapacity: true)
    switch check.condition {
    case .present: return true
    case .matches(let pattern):
      Self.append(content, found, to: &plain)
      return pattern.find(in: plain.span, 0..<plain.count, using: &scratch) != nil
    case .equals(let pieces), .contains(let pieces):
      append(pieces, runner, to: &plain)
      let length = plain.count
      Self.append(content, found, to: &plain)
      if case .equals = check.condition {
        return plain[length...].elementsEqual(plain[..<length])
      }
      return Self.contains(plain[length...], plain[..<length])
    }
  }

  private mutating func append(
    _ pieces: [StepProgram.Piece], _ runner: Int, to bytes: inout [UInt8]
  ) {
    for piece in pieces {
      switch piece {
      case .bytes(let text): bytes.append(contentsOf: text)
      case .value(let source): _ = append(source, runner, to: &bytes)
      }
    }
  }

  private static func contains(_ text: ArraySlice<UInt8>, _ part: ArraySlice<UInt8>) -> Bool {
    guard part.count <= text.count else { return false }
    for start in text.startIndex...text.endIndex - part.count
    where text[start..<start + part.count].elementsEqual(part) {
      return true
    }
    return false
  }
}
