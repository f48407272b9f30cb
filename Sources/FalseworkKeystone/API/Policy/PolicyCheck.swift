// SPDX-License-Identifier: Apache-2.0

/// A condition in the language of oslo.policy: checks joined by `and`, `or`, `not` and brackets.
///
///     role:reader and system_scope:all     a role, a fact about the caller
///     user_id:%(target.user.id)s           a fact compared with an attribute of the target
///     'member':%(target.role.name)s        a literal compared with one
///     rule:owner                           another rule
///
/// The empty text always holds, `!` never. A comparison with an attribute that the target has not
/// is false; one that is there and is null compares as `None`, as Python writes it.
package indirect enum PolicyCheck: Equatable, Sendable {
  case always
  case never
  case role(String)
  case rule(String)
  case compare(Subject, Value)
  case not(PolicyCheck)
  case all([PolicyCheck])
  case any([PolicyCheck])

  package enum Subject: Equatable, Sendable {
    case userID, projectID, domainID, systemScope, tokenDomainID, tokenProjectDomainID
    case literal(String)
    /// A fact that no caller of ours has, such as `is_admin`, which only the bootstrap token had.
    case unknown
  }

  package enum Value: Equatable, Sendable {
    case attribute(String)
    case literal(String)
  }

  /// Nil if the text is not of the language.
  package init?(_ text: String) {
    var parser = Parser(text)
    guard let check = parser.whole() else { return nil }
    self = check
  }
}

extension PolicyCheck {
  private struct Parser {
    private var words: ArraySlice<String>

    init(_ text: String) {
      var words: [String] = []
      for word in text.split(whereSeparator: \.isWhitespace) {
        var word = word
        while word.first == "(" {
          words.append("(")
          word = word.dropFirst()
        }
        var closing = 0
        while word.last == ")", !Self.isBalanced(word) {
          closing += 1
          word = word.dropLast()
        }
        if !word.isEmpty { words.append(String(word)) }
        words += Array(repeating: ")", count: closing)
      }
      self.words = words[...]
    }

    /// `%(name)` belongs to its word.
    private static func isBalanced(_ word: Substring) -> Bool {
      word.filter { $0 == "(" }.count == word.filter { $0 == ")" }.count
    }

    mutating func whole() -> PolicyCheck? {
      if words.isEmpty { return .always }
      guard let check = alternatives(), words.isEmpty else { return nil }
      return check
    }

    private mutating func take(_ word: String) -> Bool {
      guard let first = words.first, first.lowercased() == word else { return false }
      words.removeFirst()
      return true
    }

    private mutating func alternatives() -> PolicyCheck? {
      guard let first = conjunction() else { return nil }
      var parts = [first]
      while take("or") {
        guard let next = conjunction() else { return nil }
        parts.append(next)
      }
      return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() -> PolicyCheck? {
      guard let first = single() else { return nil }
      var parts = [first]
      while take("and") {
        guard let next = single() else { return nil }
        parts.append(next)
      }
      return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func single() -> PolicyCheck? {
      if take("not") { return single().map { .not($0) } }
      if take("(") {
        guard let inner = alternatives(), take(")") else { return nil }
        return inner
      }
      if take("@") { return .always }
      if take("!") { return .never }
      guard let word = words.popFirst() else { return nil }
      return Self.leaf(word)
    }

    private static func leaf(_ word: String) -> PolicyCheck? {
      guard let colon = word.firstIndex(of: ":") else { return nil }
      let kind = String(word[..<colon])
      let match = String(word[word.index(after: colon)...])
      guard !kind.isEmpty, !match.isEmpty else { return nil }
      switch kind {
      case "role": return .role(match.lowercased())
      case "rule": return .rule(match)
      default: return .compare(subject(kind), value(match))
      }
    }

    private static func value(_ match: String) -> Value {
      guard match.hasPrefix("%("), match.hasSuffix(")s") else { return .literal(match) }
      return .attribute(String(match.dropFirst(2).dropLast(2)))
    }

    private static func subject(_ kind: String) -> Subject {
      switch kind {
      case "user_id": return .userID
      case "project_id": return .projectID
      case "domain_id": return .domainID
      case "system_scope": return .systemScope
      case "token.domain.id": return .tokenDomainID
      case "token.project.domain.id": return .tokenProjectDomainID
      case "None", "True", "False": return .literal(kind)
      default:
        guard kind.count >= 2, kind.first == "'", kind.last == "'" else { return .unknown }
        return .literal(String(kind.dropFirst().dropLast()))
      }
    }
  }
}
