// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkLoad

/// The steps of a journey.
extension ScenarioParser {
  /// What the steps before one have made known.
  struct JourneySoFar {
    var hasToken = false
    var captured: Set<String> = []
  }

  mutating func step(
    _ field: Field, _ standard: LoadStep.OnFailure, _ journey: inout JourneySoFar
  ) -> LoadStep? {
    guard let section = section("load.tasks[].steps[]", field) else { return nil }
    let onFailure: LoadStep.OnFailure = choice("on-failure", of: section) ?? standard
    let name = name("name", of: section)
    let think = distribution("think", of: section)
    let age = interval("older-than", of: section, from: .milliseconds(1))
    let http = http(section, &journey)
    guard requireOne(of: ["step", "request"], in: section) else { return nil }
    guard let place = self.field("step", of: section) else {
      return http.map {
        var step = LoadStep(
          name: name ?? "\($0.method) \($0.path)", kind: .http($0), onFailure: onFailure)
        step.think = think
        return step
      }
    }
    guard let ready = choice(place, ReadyStep.allCases.map { ($0.rawValue, $0) }) else {
      return nil
    }
    if ready.needsToken && !journey.hasToken {
      report(
        place, found: "'\(ready.rawValue)' without a token",
        expected: "'authenticate' before it in the journey")
    }
    if age != nil, ready != .validateOld, let place = self.field("older-than", of: section) {
      report(
        place, found: "an age for '\(ready.rawValue)'",
        expected: "the step 'validate-old' beside it")
    }
    let kind = ready.kind(
      afterAuthentication: journey.hasToken, age: age ?? ReadyStep.usualAge)
    journey.hasToken = journey.hasToken || ready == .authenticate
    var step = LoadStep(name: name ?? ready.rawValue, kind: kind, onFailure: onFailure)
    step.think = think
    return step
  }

  /// `GET /v3` with its fields and body; nil without a `request`.
  private mutating func http(_ section: Section, _ journey: inout JourneySoFar) -> HTTPStep? {
    let headers = field("headers", of: section).map { self.headers($0, journey) } ?? []
    let body = field("body", of: section).flatMap { field -> String? in
      guard let text = word(field, "text") else { return nil }
      return check(text, field, journey) ? text : nil
    }
    let expected = field("expect", of: section).map { statuses($0) } ?? []
    let checks = field("check", of: section).map { self.checks($0, journey) } ?? []
    let request = field("request", of: section).flatMap { self.request($0, journey) }
    // Behind the rest: a step cannot use what it captures itself.
    let captures = field("capture", of: section).map { self.captures($0, &journey) } ?? []
    guard let request else { return nil }
    var step = HTTPStep(
      method: request.method, path: request.path, headers: headers, body: Array((body ?? "").utf8),
      expected: expected)
    step.checks = checks
    step.captures = captures
    return step
  }

  private mutating func request(
    _ field: Field, _ journey: JourneySoFar
  ) -> (method: String, path: String)? {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    let kind = "\(Self.choice(methods)) and a path, such as GET /v3"
    guard let text = word(field, kind) else { return nil }
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count == 2, methods.contains(parts[0]), parts[1].first == "/",
      parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      let method = parts.first ?? ""
      let nearest = nearestWord(to: method.uppercased(), among: methods)
      report(field, expected: kind, nearest: nearest == method ? nil : nearest)
      return nil
    }
    return check(parts[1], field, journey) ? (parts[0], parts[1]) : nil
  }

  private mutating func headers(_ field: Field, _ journey: JourneySoFar) -> [HTTPStep.Header] {
    guard case .mapping(let members) = field.node.content else {
      report(field, expected: "a mapping of names to values")
      return []
    }
    let ours = ["content-length", "transfer-encoding", "connection"]
    return members.compactMap { member in
      let path = join(field.path, member.key)
      let value = Field(path: path, node: member.value)
      guard let text = word(value, "the value of a field") else { return nil }
      guard member.key.isHTTPToken, !ours.contains(member.key.lowercased()) else {
        report(
          path, member.origin, found: "the field '\(member.key)'",
          expected: "a name of HTTP that is none of \(Self.choice(ours))")
        return nil
      }
      guard text.isHTTPFieldValue else {
        report(value, expected: "the value of a field: one line of printable text")
        return nil
      }
      guard check(text, value, journey) else { return nil }
      return HTTPStep.Header(name: member.key, value: text)
    }
  }

  private mutating func statuses(_ field: Field) -> [Int] {
    guard case .list = field.node.content else {
      return count(field, in: 100...599).map { [$0] } ?? []
    }
    return (list(field, of: "statuses") ?? []).compactMap { count($0, in: 100...599) }
  }

  // MARK: Values

  /// Reports a `${name}` that cannot be read, or that no step before this one captures.
  private mutating func check(_ text: String, _ field: Field, _ journey: JourneySoFar) -> Bool {
    guard let template = template(text, field) else { return false }
    var isGood = true
    for value in template.values {
      switch value {
      case .captured(let name) where !journey.captured.contains(name):
        let known = JourneyValue.ready.map(\.name) + journey.captured.sorted()
        report(
          field, found: "'${\(name)}', which no step before captures",
          expected: "\(Self.choice(known))", nearest: nearestWord(to: name, among: known))
        isGood = false
      case .token where !journey.hasToken:
        report(
          field, found: "'${token}' without a token",
          expected: "'authenticate' or a capture of 'token' before it in the journey")
        isGood = false
      case .captured, .token, .anyToken, .user, .userDomain, .password, .project, .projectDomain,
        .userNumber, .journeyNumber, .requestNumber:
        break
      }
    }
    return isGood
  }

  private mutating func template(_ text: String, _ field: Field) -> TextTemplate? {
    do {
      return try TextTemplate(parsing: text)
    } catch {
      report(field, found: error.found, expected: error.expected)
      return nil
    }
  }

  // MARK: Answers

  private mutating func captures(
    _ field: Field, _ journey: inout JourneySoFar
  ) -> [Capture] {
    (list(field, of: "values to capture") ?? []).compactMap { field in
      guard let section = section("load.tasks[].steps[].capture[]", field) else { return nil }
      let name = captureName(section)
      let part = part(section)
      let pattern = self.field("regex", of: section).flatMap { self.pattern($0) }
      let otherwise = text("default", of: section)
      guard let name, let part else { return nil }
      if name == "token" { journey.hasToken = true } else { journey.captured.insert(name) }
      return Capture(name: name, part: part, pattern: pattern, otherwise: otherwise)
    }
  }

  private mutating func captureName(_ section: Section) -> String? {
    guard let field = require("name", of: section) else { return nil }
    let kind = "a name of letters, digits, '_', '-' and '.', a letter first"
    guard let name = word(field, kind) else { return nil }
    guard JourneyValue.isName(name) else {
      report(field, expected: kind)
      return nil
    }
    guard name == "token" || !JourneyValue.ready.contains(where: { $0.name == name }) else {
      report(field, found: "'\(name)', which is there without", expected: "another name")
      return nil
    }
    return name
  }

  private mutating func checks(_ field: Field, _ journey: JourneySoFar) -> [AnswerCheck] {
    (list(field, of: "checks") ?? []).flatMap { field -> [AnswerCheck] in
      guard let section = section("load.tasks[].steps[].check[]", field) else { return [] }
      let part = part(section)
      var conditions: [AnswerCheck.Condition] = []
      if let template = condition("equals", section, journey) {
        conditions.append(.equals(template))
      }
      if let template = condition("contains", section, journey) {
        conditions.append(.contains(template))
      }
      if let field = self.field("matches", of: section), let pattern = pattern(field) {
        conditions.append(.matches(pattern))
      }
      if let wanted = flag("present", of: section) { conditions.append(.present(wanted)) }
      guard requireOne(of: ["equals", "contains", "matches", "present"], in: section), let part
      else { return [] }
      return conditions.map { AnswerCheck(part: part, condition: $0) }
    }
  }

  private mutating func condition(
    _ key: String, _ section: Section, _ journey: JourneySoFar
  ) -> TextTemplate? {
    guard let field = field(key, of: section), let text = word(field, "text"),
      check(text, field, journey)
    else { return nil }
    return template(text, field)
  }

  /// A field, a value of the JSON, or, without both, the body.
  private mutating func part(_ section: Section) -> AnswerPart? {
    if let field = field("header", of: section) { return fieldName(field).map { .field($0) } }
    guard let field = field("json", of: section) else { return .body }
    let kind = "a path such as token.roles[0].name"
    guard let text = word(field, kind) else { return nil }
    do {
      return .json(try JSONPath(parsing: text))
    } catch {
      report(field, expected: "\(kind): \(error.expected)")
      return nil
    }
  }

  /// In lower case.
  mutating func fieldName(_ field: Field) -> String? {
    let kind = "the name of a field"
    guard let name = word(field, kind) else { return nil }
    guard name.isHTTPToken else {
      report(field, expected: kind)
      return nil
    }
    return name.lowercased()
  }

  private mutating func pattern(_ field: Field) -> Pattern? {
    guard let text = word(field, "a regular expression") else { return nil }
    do {
      return try Pattern(parsing: text)
    } catch {
      report(field, expected: "a regular expression: \(error.expected)")
      return nil
    }
  }
}
