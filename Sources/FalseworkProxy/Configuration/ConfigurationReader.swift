// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

extension ProxyConfiguration {
  package struct Reading: Sendable {
    /// Nil if there is an alert.
    package var configuration: ProxyConfiguration?
    /// All findings, in the order of the file.
    package var problems: [ConfigurationProblem]
  }

  /// Reads a `haproxy.cfg`.
  ///
  /// Nothing is ignored in silence: a keyword is executed, accepted because it has no effect that
  /// could be seen, or an alert with its line.
  ///
  /// - Parameters:
  ///   - executes: false for a file that a HAProxy runs and of which only the names and places are
  ///     wanted: what cannot be executed here is then a warning.
  ///   - files: what a file holds that the configuration names; nil if it cannot be read.
  package static func read(
    _ text: String, file: String, executes: Bool = true,
    environment: @escaping (String) -> String?,
    files: @escaping (String) -> [UInt8]? = { _ in nil }
  ) -> Reading {
    var reader = ConfigurationReader(
      file: file, lexer: ConfigurationLexer(environment: environment), files: files)
    reader.executes = executes
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      reader.read(line.last == "\r" ? line.dropLast() : line, number: index + 1)
    }
    return reader.finish()
  }
}

/// Reads line by line and remembers every finding; `finish` resolves names and defaults.
struct ConfigurationReader {
  let file: String
  let lexer: ConfigurationLexer
  let files: (String) -> [UInt8]?
  var problems: [ConfigurationProblem] = []
  var global = ProxyConfiguration.Global()
  var drafts: [ProxyDraft] = []
  var defaults: [ProxyDraft] = []
  private var section: ConfigurationKeywords.Section?
  /// Inside a section whose head could not be taken; its lines would only give false findings.
  private var isSkipping = false
  fileprivate var executes = true

  init(
    file: String, lexer: ConfigurationLexer,
    files: @escaping (String) -> [UInt8]? = { _ in nil }
  ) {
    self.file = file
    self.lexer = lexer
    self.files = files
  }

  mutating func alert(_ line: Int, _ message: String) {
    problems.append(
      .init(severity: executes ? .alert : .warning, file: file, line: line, message: message))
  }

  mutating func warn(_ line: Int, _ message: String) {
    problems.append(.init(severity: .warning, file: file, line: line, message: message))
  }

  mutating func read(_ line: Substring, number: Int) {
    let words: [String]
    do {
      words = try lexer.words(line)
    } catch {
      return alert(number, error.message)
    }
    guard let first = words.first else { return }
    if beginSection(first, words, number) || isSkipping { return }
    guard let section else {
      return alert(number, "unknown keyword '\(first)' out of section.")
    }
    if first == "default" {
      return alert(number, "the prefix 'default' is known to HAProxy but not supported yet.")
    }
    let isNegated = first == "no" && words.count > 1
    keyword(isNegated ? Array(words.dropFirst()) : words, isNegated: isNegated, section, number)
  }

  private mutating func beginSection(_ word: String, _ words: [String], _ line: Int) -> Bool {
    if ConfigurationKeywords.unsupportedSections.contains(word) {
      alert(line, "section '\(word)' is known to HAProxy but not supported yet.")
      isSkipping = true
      return true
    }
    guard let section = ConfigurationKeywords.Section(rawValue: word), section.isWritten else {
      return false
    }
    isSkipping = false
    self.section = section
    switch section {
    case .global, .server, .bind: break
    case .defaults: beginDefaults(words, line)
    case .frontend, .backend, .listen: beginProxy(section, words, line)
    }
    return true
  }

  private mutating func beginDefaults(_ words: [String], _ line: Int) {
    let isNamed = words.count > 1 && words[1] != "from"
    let name = isNamed ? words[1] : ""
    if let parent = parent(words, of: "defaults '\(name)'", line) {
      defaults.append(ProxyDraft(.defaults, name: name, line: line, from: parent))
    } else {
      defaults.append(ProxyDraft(section: .defaults, name: name, line: line))
    }
  }

  private mutating func beginProxy(
    _ section: ConfigurationKeywords.Section, _ words: [String], _ line: Int
  ) {
    guard words.count > 1 else {
      alert(line, "'\(section.rawValue)' expects an <id> argument")
      isSkipping = true
      return
    }
    let name = words[1]
    let plain = ProxyDraft(section: section, name: name, line: line)
    let parent = parent(words, of: plain.kind, line) ?? defaults.last
    checkName(plain)
    drafts.append(
      parent.map { ProxyDraft(section, name: name, line: line, from: $0) } ?? plain)
  }

  /// `from NAME`.
  private mutating func parent(
    _ words: [String], of child: String, _ line: Int
  ) -> ProxyDraft? {
    guard let place = words.firstIndex(of: "from"), place + 1 < words.count else { return nil }
    let name = words[place + 1]
    let found = defaults.last { $0.name == name }
    if found == nil { alert(line, "defaults section '\(name)' not found for \(child).") }
    return found
  }

  private mutating func checkName(_ draft: ProxyDraft) {
    if let bad = ConfigurationValues.illegalCharacter(in: draft.name) {
      alert(
        draft.line,
        "character '\(bad)' is not permitted in '\(draft.section.rawValue)' name "
          + "'\(draft.name)'.")
    }
    let twin = drafts.first {
      $0.name == draft.name
        && ($0.section == draft.section || $0.section == .listen || draft.section == .listen)
    }
    if let twin {
      let kind = twin.section == .listen ? "proxy" : twin.section.rawValue
      alert(
        draft.line,
        "\(draft.kind) has the same name as \(kind) '\(twin.name)' declared at "
          + "\(file):\(twin.line).")
    }
  }

  /// The keyword is one word or two (`option httplog`, `timeout client`).
  private mutating func keyword(
    _ words: [String], isNegated: Bool, _ section: ConfigurationKeywords.Section, _ line: Int
  ) {
    let pair = words.prefix(2).joined(separator: " ")
    let name = ConfigurationKeywords.fate(of: pair, in: section) == nil ? words[0] : pair
    guard let fate = ConfigurationKeywords.fate(of: name, in: section) else {
      return misplaced(words, section, line)
    }
    if isNegated, !ConfigurationKeywords.mayBeNegated(name) {
      return alert(
        line,
        name.hasPrefix("option ")
          ? "negation/default is not supported for option '\(name.dropFirst(7))'."
          : "negation/default currently supported only for options, log, busy-polling, "
            + "set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping.")
    }
    let arguments = Array(words.dropFirst(name == pair && pair != words[0] ? 2 : 1))
    do {
      switch fate {
      case .accepted: try ConfigurationKeywords.checkAccepted(name, arguments)
      case .unsupported:
        alert(line, "'\(name)' is known to HAProxy but not supported yet.")
      case .executed:
        if section == .global {
          try globalKeyword(name, arguments, line)
        } else {
          try execute(name, arguments, isNegated: isNegated, in: section, line)
        }
      }
    } catch {
      alert(line, error.message)
    }
  }

  /// The draft is taken out of its array while it changes, so that nothing is copied.
  private mutating func execute(
    _ name: String, _ arguments: [String], isNegated: Bool,
    in section: ConfigurationKeywords.Section, _ line: Int
  ) throws(ConfigurationFault) {
    var draft = section == .defaults ? defaults.removeLast() : drafts.removeLast()
    defer {
      if section == .defaults { defaults.append(draft) } else { drafts.append(draft) }
    }
    if name.hasPrefix("timeout ") {
      try timeout(name, arguments, &draft)
    } else if name.hasPrefix("option ") {
      try option(name, arguments, isNegated: isNegated, &draft, line)
    } else if try !ruleKeyword(name, arguments, &draft, line),
      try !statsKeyword(name, arguments, &draft)
    {
      try proxyKeyword(name, arguments, isNegated: isNegated, &draft, line)
    }
  }
}
