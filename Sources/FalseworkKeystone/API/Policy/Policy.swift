// SPDX-License-Identifier: Apache-2.0

/// Who may do what: the rules that a release ships, and what an operator's policy file puts in
/// their place.
///
/// The rules themselves stand in `PolicyTable`. Three ages of them are told apart:
///
/// - up to Rocky (before Stein) the old rules: admin, or the owner;
/// - from Stein or Train on the new ones *or* the old ones (system reader, domain reader, owner);
/// - since 2024.2 only the new ones, the domain manager among them, and a token whose scope is
///   not of the kinds that a rule is made for is refused (`enforce_scope`).
package struct Policy: Equatable, Sendable {
  private struct Rule: Equatable, Sendable {
    var check: PolicyCheck
    /// Empty: any.
    var scopes: Scopes
  }

  package struct Scopes: OptionSet, Equatable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let system = Scopes(rawValue: 1)
    package static let domain = Scopes(rawValue: 2)
    package static let project = Scopes(rawValue: 4)
  }

  private var rules: [String: Rule]
  private let enforcesScope: Bool

  /// What the release ships. Read once in a process for each age.
  package static func shipped(with release: Release) -> Policy {
    switch release.number {
    case ..<15: old
    case 15: stein
    case 16...25: train
    default: dalmatian
    }
  }

  private static let old = Policy(age: 14)
  private static let stein = Policy(age: 15)
  private static let train = Policy(age: 16)
  private static let dalmatian = Policy(age: 26)

  /// - Parameter age: the number of the first release that has these rules; 14 for the old ones.
  private init(age: Int) {
    enforcesScope = age >= 26
    rules = [:]
    for (name, text) in PolicyTable.common {
      let check = Self.parsed(text)
      rules[name] = Rule(check: age >= 26 ? check : check.withoutManager, scopes: [])
    }
    for row in PolicyTable.rows {
      let check = Self.check(row, age)
      for name in row.names.split(separator: " ") {
        rules["identity:" + name] = Rule(check: check, scopes: row.scopes)
      }
    }
  }

  private static func check(_ row: PolicyTable.Row, _ age: Int) -> PolicyCheck {
    guard let before = row.before else { return parsed(row.check) }
    if age < row.since { return parsed(before) }
    if age >= 26 || before == row.check { return parsed(row.check) }
    return .any([parsed(row.check).withoutManager, parsed(before)])
  }

  private static func parsed(_ text: String) -> PolicyCheck {
    guard let check = PolicyCheck(text) else { preconditionFailure("no policy check: \(text)") }
    return check
  }

  /// Names of all rules, in order.
  package var names: [String] { rules.keys.sorted() }

  /// Puts a rule of an operator's policy file in the place of the release's own; the kinds of
  /// scope stay as they are. False if the text is not of the language.
  package mutating func override(_ name: String, _ text: String) -> Bool {
    guard let check = PolicyCheck(text) else { return false }
    rules[name] = Rule(check: check, scopes: rules[name]?.scopes ?? [])
    return true
  }

  /// Refuses what the rule does not allow.
  ///
  /// - Parameter rule: with or without `identity:`.
  func require(
    _ rule: String, _ caller: Caller, on target: PolicyTarget
  ) throws(KeystoneError) {
    let name = rule.hasPrefix("identity:") ? rule : "identity:" + rule
    guard allows(name, caller, target) else { throw .forbidden(name) }
  }

  /// Whether the rule with this full name lets the caller do it. A rule that there is not never
  /// does.
  package func allows(_ name: String, _ caller: Caller, _ target: PolicyTarget) -> Bool {
    guard let rule = rules[name] else { return false }
    if enforcesScope, !rule.scopes.isEmpty, !rule.scopes.contains(scope(of: caller)) {
      return false
    }
    return holds(rule.check, caller, target, depth: 0)
  }

  /// An unscoped token counts as one of a project.
  private func scope(of caller: Caller) -> Scopes {
    if caller.isSystemScoped {
      .system
    } else if caller.domainID != nil {
      .domain
    } else {
      .project
    }
  }

  /// Rules that name each other in a circle (an operator can write that) never hold.
  private static let longestChain = 16

  private func holds(
    _ check: PolicyCheck, _ caller: Caller, _ target: PolicyTarget, depth: Int
  ) -> Bool {
    switch check {
    case .always: return true
    case .never: return false
    case .role(let name): return caller.has(role: name)
    case .rule(let name):
      guard depth < Self.longestChain, let rule = rules[name] else { return false }
      return holds(rule.check, caller, target, depth: depth + 1)
    case .not(let inner): return !holds(inner, caller, target, depth: depth)
    case .all(let parts):
      for part in parts where !holds(part, caller, target, depth: depth) { return false }
      return true
    case .any(let parts):
      for part in parts where holds(part, caller, target, depth: depth) { return true }
      return false
    case .compare(let subject, let value):
      return compare(subject, value, caller, target)
    }
  }

  private func compare(
    _ subject: PolicyCheck.Subject, _ value: PolicyCheck.Value, _ caller: Caller,
    _ target: PolicyTarget
  ) -> Bool {
    let wanted: String
    switch value {
    case .literal(let text): wanted = text
    case .attribute(let name):
      guard let text = target.text(name) else { return false }
      wanted = text
    }
    switch subject {
    case .userID: return caller.userID == wanted
    case .projectID: return (caller.projectID ?? "None") == wanted
    case .domainID: return (caller.domainID ?? "None") == wanted
    case .systemScope: return (caller.token.system ?? "None") == wanted
    // A token that has no such member has no such fact.
    case .tokenDomainID: return caller.domainID == wanted
    case .tokenProjectDomainID: return caller.projectDomainID == wanted
    case .literal(let text): return text == wanted
    case .unknown: return false
    }
  }
}

extension PolicyCheck {
  /// Before 2024.2 no rule knew the role `manager`.
  var withoutManager: PolicyCheck {
    switch self {
    case .role("manager"): .never
    case .all(let parts): .all(parts.map(\.withoutManager))
    case .any(let parts): .any(parts.map(\.withoutManager))
    case .not(let inner): .not(inner.withoutManager)
    case .always, .never, .role, .rule, .compare: self
    }
  }
}
