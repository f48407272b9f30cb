// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Rules on single requests: what comes before the condition, and then the condition.
extension ConfigurationReader {
  /// Keywords of rules; false if the keyword is none.
  mutating func ruleKeyword(
    _ name: String, _ arguments: [String], _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) -> Bool {
    if draft.section == .defaults, draft.name.isEmpty,
      ["http-request", "http-response", "http-after-response"].contains(name)
    {
      throw ConfigurationFault(
        message: "'\(name)' not allowed in anonymous 'defaults' section.")
    }
    switch name {
    case "acl": try acl(arguments, &draft)
    case "http-request", "http-response", "http-after-response":
      try httpRule(name, arguments, &draft, line)
    case "redirect":
      let words = RuleWords(arguments, draft.acls)
      draft.rules.redirects.append(
        .init(
          action: .redirect(try RedirectReader.redirect(words.body)),
          condition: try words.condition()))
    case "use_backend":
      let words = RuleWords(arguments, draft.acls)
      guard let backend = words.body.first, words.body.count == 1 else {
        throw ConfigurationFault(message: "'use_backend' expects a backend name.")
      }
      guard !backend.contains("%[") else {
        throw unsupported("use_backend with a format", "name the backends one by one")
      }
      draft.switches.append((backend, try words.condition(), line))
    case "monitor-uri":
      guard let uri = arguments.first else {
        throw ConfigurationFault(message: "'monitor-uri' expects an URI.")
      }
      draft.monitorURI = uri
    case "monitor fail":
      guard let condition = try RuleWords(arguments, draft.acls).condition() else {
        throw ConfigurationFault(
          message: "'monitor fail' requires either 'if' or 'unless' followed by a condition.")
      }
      draft.monitorFails.append(condition)
    case "capture": try capture(arguments, &draft)
    case "errorfile": try errorFile(arguments, &draft)
    default: return false
    }
    return true
  }

  private func acl(
    _ arguments: [String], _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) {
    guard let name = arguments.first, arguments.count > 1 else {
      throw ConfigurationFault(message: "error detected while parsing ACL : missing fetch method.")
    }
    if let bad = ConfigurationValues.illegalCharacter(in: name) {
      throw ConfigurationFault(
        message: "character '\(bad)' is not permitted in acl name '\(name)'.")
    }
    do {
      let test = try ConditionReader(acls: draft.acls).test(arguments.dropFirst())
      draft.acls[name, default: []].append(test)
    } catch {
      throw ConfigurationFault(
        message: "error detected while parsing ACL '\(name)' : \(error.message)")
    }
  }

  private mutating func httpRule(
    _ name: String, _ arguments: [String], _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    guard let action = arguments.first else {
      throw ConfigurationFault(message: "'\(name)' expects an action.")
    }
    let words = RuleWords(Array(arguments.dropFirst()), draft.acls)
    let rule: RuleSet.Rule
    do {
      let reader = RuleReader(list: name, slots: draft.rules.requestCaptures.count)
      guard let parsed = try reader.action(action, words.body) else { return }
      var made = parsed
      if case .capture(let sample, -1, let length) = made {
        made = .capture(sample, slot: draft.rules.requestCaptures.count, length: length)
        draft.rules.requestCaptures.append(.init(field: nil, length: length))
      }
      rule = .init(action: made, condition: try words.condition())
    } catch {
      throw ConfigurationFault(
        message: "error detected in \(draft.kind) while parsing '\(name) \(action)' rule : "
          + error.message)
    }
    switch name {
    case "http-request":
      draft.rules.request.append(rule)
      if !draft.switches.isEmpty {
        warn(
          line,
          "a 'http-request' rule placed after a 'use_backend' rule will still be processed before.")
      }
    case "http-response": draft.rules.response.append(rule)
    default: draft.rules.afterResponse.append(rule)
    }
  }

  private func capture(
    _ arguments: [String], _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) {
    if arguments.first == "cookie" { throw unsupported("capture cookie", "leave it out") }
    guard arguments.count == 5, ["request", "response"].contains(arguments[0]),
      arguments[1] == "header", arguments[3] == "len", let length = Int(arguments[4]), length > 0
    else {
      throw ConfigurationFault(
        message: "'capture' expects 'cookie' or 'request header' or 'response header', a name, "
          + "'len' and a length.")
    }
    let capture = RuleSet.Capture(field: Array(arguments[2].lowercased().utf8), length: length)
    if arguments[0] == "request" {
      draft.rules.requestCaptures.append(capture)
    } else {
      draft.rules.responseCaptures.append(capture)
    }
  }

  private func errorFile(
    _ arguments: [String], _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) {
    guard arguments.count == 2, let status = Int(arguments[0]) else {
      throw ConfigurationFault(
        message: "'errorfile' expects <status_code> and <file> as arguments.")
    }
    guard let page = ProxyPage(rawValue: status) else {
      throw ConfigurationFault(
        message: "status code '\(status)' not handled by directive 'errorfile'.")
    }
    guard let bytes = files(arguments[1]) else {
      throw ConfigurationFault(
        message: "errorfile: error opening file <\(arguments[1])>.")
    }
    guard let answer = ErrorFile.answer(bytes) else {
      throw ConfigurationFault(
        message: "errorfile: custom error message file <\(arguments[1])> is no HTTP response.")
    }
    draft.rules.pages.removeAll { $0.page == page }
    draft.rules.pages.append(.init(page: page, answer: answer))
  }

  // MARK: The end

  /// A draft's rules with names resolved.
  mutating func resolved(_ draft: ProxyDraft, _ result: ProxyConfiguration) -> RuleSet {
    var rules = draft.rules
    for (name, condition, line) in draft.switches {
      guard let index = result.backends.firstIndex(where: { $0.name == name }) else {
        alert(line, "unable to find required use_backend: '\(name)'.")
        continue
      }
      rules.switches.append(.init(backend: BackendID(index), condition: condition))
    }
    rules.sticks = sticks(draft, result)
    rules.logs = targets(draft)
    rules.marksClients = draft.forwardFor.flatMap {
      $0.isRule
        ? .init(
          field: $0.field ?? Array("x-forwarded-for".utf8), except: $0.except,
          onlyIfAbsent: $0.onlyIfAbsent) : nil
    }
    rules.monitor = draft.monitorURI.map { .init(uri: Array($0.utf8), fails: draft.monitorFails) }
    rules.tarpit = draft.timeouts["tarpit"] ?? draft.timeouts["connect"] ?? .forever
    if rules.tarpit == .zero { rules.tarpit = .forever }
    return rules
  }
}

/// The words of a rule: what it does, and the condition behind.
struct RuleWords {
  let body: [String]
  private let rest: ArraySlice<String>
  private let acls: [String: [Condition.Test]]

  init(_ words: [String], _ acls: [String: [Condition.Test]]) {
    let place = words.firstIndex { $0 == "if" || $0 == "unless" } ?? words.endIndex
    body = Array(words[..<place])
    rest = words[place...]
    self.acls = acls
  }

  func condition() throws(ConfigurationFault) -> Condition? {
    try ConditionReader(acls: acls).condition(rest)
  }
}

/// Reads what an `errorfile` holds: a whole response.
enum ErrorFile {
  static func answer(_ bytes: [UInt8]) -> ProxyAnswer? {
    // Lines may end in LF alone, as editors write them.
    var place = 0
    func line() -> ArraySlice<UInt8>? {
      guard let end = bytes[place...].firstIndex(of: 0x0A) else { return nil }
      defer { place = end + 1 }
      let line = bytes[place..<end]
      return line.last == 0x0D ? line.dropLast() : line
    }
    guard let first = line() else { return nil }
    let words = first.split(separator: 0x20, maxSplits: 2)
    guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8),
      let status = Int(String(decoding: words[1], as: UTF8.self)), (100...599).contains(status)
    else { return nil }
    var answer = ProxyAnswer(
      status: status, reason: words.count > 2 ? Array(words[2]) : [], fields: [], body: [])
    answer.isHTTP10 = words[0].last == UInt8(ascii: "0")
    while let field = line() {
      if field.isEmpty {
        answer.body = Array(bytes[place...])
        return answer
      }
      guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      answer.fields.append(
        .init(
          name: field[..<colon].map(\.inLowerCase),
          value: Array(HeaderValues.trimmed(field[(colon + 1)...]))))
    }
    return nil
  }
}
